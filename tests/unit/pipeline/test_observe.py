"""Measurements and log lines of attempts at tasks."""

import json
import logging
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from fakes.event_bus import FakeBus
from fakes.events import created, notification
from fakes.images import jpeg
from fakes.observer import BrokenObserver, FakeObserver
from fakes.pipeline_deps import fake_deps
from fakes.stores import FakeOriginals, FakeRenditions, ManualClock

from imagemill.domain.event import ObjectEvent
from imagemill.errors import StoreUnavailable
from imagemill.pipeline.batch import Delivery, process_batch
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.telemetry import Stage, StageTimer

VERSION = "096fKKXTRTtl3on89fVO.nfljtsv6qko"


class LostOriginals(FakeOriginals):
    """A bucket that does not answer."""

    def read(self, event: ObjectEvent, check: Any = bool) -> bytes | None:  # noqa: ANN401, ARG002
        raise StoreUnavailable(f"no answer about {event.key}")


class BuggyOriginals(FakeOriginals):
    """A bucket with a bug."""

    def read(self, event: ObjectEvent, check: Any = bool) -> bytes | None:  # noqa: ANN401, ARG002
        raise ZeroDivisionError(event.key)


@pytest.fixture
def deps() -> PipelineDeps:
    originals = FakeOriginals()
    originals.add(created("a.jpg", version_id=VERSION), jpeg(80, 60))
    originals.add(created("c.txt", version_id=VERSION), b"words")
    return fake_deps(originals)


def test_every_attempt_is_counted_with_its_status_and_code(deps: PipelineDeps) -> None:
    observer = FakeObserver()

    process_batch([put("a.jpg"), put("c.txt")], deps, FakeBus(), observer)
    process_batch([put("a.jpg")], deps, FakeBus(), observer)

    assert [(one.status, one.code) for one in observer.attempts] == [
        ("ready", None),
        ("rejected", "not_an_image"),
        ("duplicate", None),
    ]


@pytest.mark.parametrize("body", ["no JSON", "[" * 200_000], ids=["no JSON", "too deep"])
def test_only_an_unreadable_message_is_delivered_again(deps: PipelineDeps, body: str) -> None:
    observer = FakeObserver()

    again = process_batch([Delivery("odd", body), put("a.jpg")], deps, FakeBus(), observer)

    assert again == ["odd"]
    assert [(one.status, one.code) for one in observer.attempts] == [
        ("again", "malformed_notification"),
        ("ready", None),
    ]


@pytest.mark.parametrize(
    ("originals", "code"), [(LostOriginals(), "store_unavailable"), (BuggyOriginals(), "internal")]
)
def test_an_image_fails_once_after_four_attempts(
    deps: PipelineDeps, originals: FakeOriginals, code: str
) -> None:
    observer = FakeObserver()
    deps = replace(deps, originals=originals)

    for attempt in range(1, 6):
        process_batch([put("a.jpg", attempt)], deps, FakeBus(), observer)

    assert [(one.status, one.code) for one in observer.attempts] == [("again", code)] * 4 + [
        ("failed", code)
    ]


def test_bytes_renditions_and_the_result_of_the_sandbox_are_counted(deps: PipelineDeps) -> None:
    observer = FakeObserver()

    process_batch([put("a.jpg")], deps, FakeBus(), observer)

    [one] = observer.attempts
    [stored, _] = FakeRenditions(deps.renditions.objects).objects["20/a.jpg"]  # type: ignore[attr-defined]  # a fake's
    assert one.metrics.bytes_in == len(jpeg(80, 60))
    assert (one.metrics.bytes_out, one.metrics.renditions) == (len(stored), 1)
    assert one.metrics.sandbox


def test_every_stage_is_timed(deps: PipelineDeps) -> None:
    observer = FakeObserver()

    process_batch([put("a.jpg")], deps, FakeBus(), observer)

    assert list(observer.attempts[0].metrics.ms) == [
        Stage.RECORD,
        Stage.DOWNLOAD,
        Stage.RENDER,
        Stage.UPLOAD,
    ]


def test_a_stage_that_is_entered_twice_is_the_sum_of_both() -> None:
    clock = ManualClock()
    timer = StageTimer(clock)

    for _ in range(2):
        with timer.stage(Stage.RECORD):
            clock.ms += 3

    assert timer.metrics.ms == {Stage.RECORD: 6}


def test_a_stage_that_fails_is_timed() -> None:
    clock = ManualClock()
    timer = StageTimer(clock)

    with suppress(StoreUnavailable), timer.stage(Stage.RENDER):
        clock.ms += 11
        raise StoreUnavailable("gone")

    assert timer.metrics.ms == {Stage.RENDER: 11}


def test_waiting_counts_in_no_stage() -> None:
    clock = ManualClock()
    timer = StageTimer(clock)

    with timer.stage(Stage.DOWNLOAD):
        clock.ms += 2
        with timer.waiting():
            clock.ms += 5

    assert (timer.metrics.ms, timer.busy_ms()) == ({Stage.DOWNLOAD: 2}, 2)


def test_a_message_is_done_even_if_its_metrics_cannot_be_published(deps: PipelineDeps) -> None:
    again = process_batch([put("a.jpg")], deps, FakeBus(), BrokenObserver())

    assert again == []


def test_a_task_is_one_log_line_with_all_fields(
    deps: PipelineDeps, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="imagemill"):
        process_batch([replace(put("a.jpg"), queue_ms=17)], deps, FakeBus())

    [line] = caplog.records
    facts = vars(line)
    assert (line.message, facts["status"], facts["version"]) == ("task processed", "ready", VERSION)
    assert (facts["attempt"], facts["queue_ms"]) == (1, 17)
    assert {"id", "download_ms", "render_ms", "upload_ms", "record_ms"} <= facts.keys()
    assert "code" not in facts


def test_a_rejected_task_is_one_log_line_with_its_code(
    deps: PipelineDeps, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="imagemill"):
        process_batch([put("c.txt")], deps, FakeBus())

    [line] = caplog.records
    assert (vars(line)["status"], vars(line)["code"]) == ("rejected", "not_an_image")


@pytest.mark.parametrize(
    ("originals", "has_trace"), [(LostOriginals(), False), (BuggyOriginals(), True)]
)
def test_a_failed_task_is_one_log_line_and_only_a_bug_has_a_traceback(
    deps: PipelineDeps,
    caplog: pytest.LogCaptureFixture,
    originals: FakeOriginals,
    has_trace: bool,
) -> None:
    with caplog.at_level(logging.INFO, logger="imagemill"):
        process_batch([put("a.jpg")], replace(deps, originals=originals), FakeBus())

    [line] = caplog.records
    assert (line.levelname, vars(line)["status"]) == ("ERROR", "again")
    assert bool(line.exc_info) is has_trace


def test_the_body_of_a_message_is_logged_only_at_debug_level(
    deps: PipelineDeps, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, logger="imagemill"):
        process_batch([put("c.txt")], deps, FakeBus())

    [taken, _] = caplog.records
    assert taken.levelname == "DEBUG"
    assert json.loads(vars(taken)["body"])["Records"]


def put(key: str, attempt: int = 1) -> Delivery:
    return Delivery(key, notification("ObjectCreated:Put", key), attempt)
