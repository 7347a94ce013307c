"""What is told of the work: how every try ended, where its time went, and one line of each."""

import json
import logging
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from fakes.event_bus import FakeBus
from fakes.events import created, notification
from fakes.images import jpeg
from fakes.observer import BrokenObserver, FakeObserver
from fakes.pipeline_deps import fake_deps
from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions, StoppedClock

from imagemill.domain.event import ObjectEvent
from imagemill.domain.record import ImageRecord
from imagemill.errors import StoreUnavailable
from imagemill.imaging import Rendered, render
from imagemill.pipeline.batch import Delivery, work
from imagemill.pipeline.concurrency import ConcurrencyLimiter, share_out
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.telemetry import AttemptMetrics, Stage, observed

VERSION = "096fKKXTRTtl3on89fVO.nfljtsv6qko"


@dataclass
class HandClock(StoppedClock):
    """A clock that is moved by hand, ms."""

    ms: int = 0

    def monotonic_ms(self) -> int:
        return self.ms


@dataclass
class SlowRecords(FakeRecords):
    """A table that takes three milliseconds to answer."""

    clock: HandClock = field(default_factory=HandClock)

    def get(self, image_id: str) -> ImageRecord | None:
        self.clock.ms += 3
        return super().get(image_id)


class LostOriginals(FakeOriginals):
    """A bucket that does not answer."""

    def read(self, event: ObjectEvent, look: Any = bool) -> bytes | None:  # noqa: ANN401, ARG002
        raise StoreUnavailable(f"no answer about {event.key}")


class BuggyOriginals(FakeOriginals):
    """A bucket with a bug."""

    def read(self, event: ObjectEvent, look: Any = bool) -> bytes | None:  # noqa: ANN401, ARG002
        raise ZeroDivisionError(event.key)


@pytest.fixture
def deps() -> PipelineDeps:
    originals = FakeOriginals()
    originals.add(created("a.jpg", version_id=VERSION), jpeg(80, 60))
    originals.add(created("c.txt", version_id=VERSION), b"words")
    return fake_deps(originals)


def test_every_try_is_told_with_its_end_and_its_reason(deps: PipelineDeps) -> None:
    observer = FakeObserver()

    work([put("a.jpg"), put("c.txt")], deps, FakeBus(), room(), observer)
    work([put("a.jpg")], deps, FakeBus(), room(), observer)

    assert [(one.status, one.code) for one in observer.tries] == [
        ("ready", None),
        ("rejected", "not_an_image"),
        ("duplicate", None),
    ]


@pytest.mark.parametrize("body", ["no JSON", "[" * 200_000], ids=["no JSON", "too deep"])
def test_a_message_that_nobody_can_read_comes_again_alone(deps: PipelineDeps, body: str) -> None:
    observer = FakeObserver()

    again = work([Delivery("odd", body), put("a.jpg")], deps, FakeBus(), room(), observer)

    assert again == ["odd"]
    assert [(one.status, one.code) for one in observer.tries] == [
        ("again", "malformed_notification"),
        ("ready", None),
    ]


@pytest.mark.parametrize(
    ("originals", "code"), [(LostOriginals(), "store_unavailable"), (BuggyOriginals(), "internal")]
)
def test_an_image_fails_once_after_tries_that_were_to_come_again(
    deps: PipelineDeps, originals: FakeOriginals, code: str
) -> None:
    observer = FakeObserver()
    deps = replace(deps, originals=originals)

    for attempt in range(1, 6):
        work([put("a.jpg", attempt)], deps, FakeBus(), room(), observer)

    assert [(one.status, one.code) for one in observer.tries] == [("again", code)] * 4 + [
        ("failed", code)
    ]


def test_bytes_renditions_and_the_sandbox_are_told(deps: PipelineDeps) -> None:
    observer = FakeObserver()

    work([put("a.jpg")], deps, FakeBus(), room(), observer)

    [one] = observer.tries
    [stored, _] = FakeRenditions(deps.renditions.objects).objects["20/a.jpg"]  # type: ignore[attr-defined]  # a fake's
    assert one.tally.bytes_in == len(jpeg(80, 60))
    assert (one.tally.bytes_out, one.tally.renditions) == (len(stored), 1)
    assert one.tally.sandbox


def test_every_stage_of_an_image_is_told_and_timed(deps: PipelineDeps) -> None:
    observer = FakeObserver()

    work([put("a.jpg")], deps, FakeBus(), room(), observer)

    assert observer.stages == [
        Stage.RECORD,
        Stage.DOWNLOAD,
        Stage.RENDER,
        Stage.UPLOAD,
        Stage.RECORD,
    ]
    assert observer.tries[0].tally.ms.keys() == set(Stage)


def test_a_stage_that_comes_twice_is_the_sum_of_both(deps: PipelineDeps) -> None:
    clock, tally = HandClock(), AttemptMetrics()
    deps = replace(deps, records=SlowRecords(clock=clock), clock=clock)

    place = observed(deps, tally, FakeObserver())
    place.records.get("a")
    place.records.get("b")

    assert tally.ms == {Stage.RECORD: 6}


def test_a_stage_that_fails_is_timed_all_the_same(deps: PipelineDeps) -> None:
    clock, tally = HandClock(), AttemptMetrics()

    def hang(*_: object) -> Rendered:
        clock.ms += 11
        raise StoreUnavailable("gone")

    place = observed(replace(deps, render=hang, clock=clock), tally, FakeObserver())
    with pytest.raises(StoreUnavailable):
        place.render(b"", deps.recipe, deps.limits)

    assert tally.ms == {Stage.RENDER: 11}


def test_waiting_for_a_turn_belongs_to_no_stage(deps: PipelineDeps) -> None:
    clock, tally = HandClock(), AttemptMetrics()
    deps = replace(deps, clock=clock, render=render)

    with room().place(deps) as place:
        clock.ms += 5
        shown = observed(place, tally, FakeObserver())
        shown.originals.read(created("a.jpg", version_id=VERSION))

    assert tally.ms == {Stage.DOWNLOAD: 0}


def test_an_image_does_not_come_again_because_it_could_not_be_counted(deps: PipelineDeps) -> None:
    again = work([put("a.jpg")], deps, FakeBus(), room(), BrokenObserver())

    assert again == []


def test_an_image_is_one_line_with_all_there_is_to_know(
    deps: PipelineDeps, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="imagemill"):
        work([replace(put("a.jpg"), queue_ms=17)], deps, FakeBus(), room())

    [line] = caplog.records
    facts = vars(line)
    assert (line.message, facts["status"], facts["version"]) == ("attended", "ready", VERSION)
    assert (facts["attempt"], facts["queue_ms"]) == (1, 17)
    assert {"id", "download_ms", "render_ms", "upload_ms", "record_ms"} <= facts.keys()
    assert "code" not in facts


def test_a_rejected_image_is_one_line_with_its_code(
    deps: PipelineDeps, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="imagemill"):
        work([put("c.txt")], deps, FakeBus(), room())

    [line] = caplog.records
    assert (vars(line)["status"], vars(line)["code"]) == ("rejected", "not_an_image")


@pytest.mark.parametrize(
    ("originals", "has_trace"), [(LostOriginals(), False), (BuggyOriginals(), True)]
)
def test_a_fault_is_one_line_and_only_one_nobody_foresaw_comes_with_its_traceback(
    deps: PipelineDeps,
    caplog: pytest.LogCaptureFixture,
    originals: FakeOriginals,
    has_trace: bool,
) -> None:
    with caplog.at_level(logging.INFO, logger="imagemill"):
        work([put("a.jpg")], replace(deps, originals=originals), FakeBus(), room())

    [line] = caplog.records
    assert (line.levelname, vars(line)["status"]) == ("ERROR", "again")
    assert bool(line.exc_info) is has_trace


def test_the_body_of_a_message_is_only_told_to_who_asks_for_everything(
    deps: PipelineDeps, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="imagemill"):
        work([put("c.txt")], deps, FakeBus(), room())

    [taken, _] = caplog.records
    assert taken.levelname == "DEBUG"
    assert json.loads(vars(taken)["body"])["Records"]


def put(key: str, attempt: int = 1) -> Delivery:
    return Delivery(key, notification("ObjectCreated:Put", key), attempt)


def room() -> ConcurrencyLimiter:
    return ConcurrencyLimiter(share_out(1_769), lambda: 60.0)
