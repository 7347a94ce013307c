"""A batch: messages are independent, and their states announced before they are acknowledged."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from time import sleep

import pytest
from fakes.event_bus import FakeBus
from fakes.events import created, notification
from fakes.images import jpeg
from fakes.pipeline_deps import fake_deps, render_here
from fakes.stores import FakeOriginals

from imagemill.domain.event import ObjectEvent
from imagemill.domain.keys import image_id
from imagemill.errors import Crashed, StoreUnavailable, Throttled
from imagemill.imaging import Limits, Rendered
from imagemill.pipeline.batch import Delivery, process_batch
from imagemill.pipeline.concurrency import Budget, ConcurrencyLimiter, divide_memory
from imagemill.pipeline.deps import PipelineDeps
from imagemill.recipe import Recipe

VERSION = "096fKKXTRTtl3on89fVO.nfljtsv6qko"


@pytest.fixture
def deps() -> PipelineDeps:
    originals = FakeOriginals()
    for key in ("a.jpg", "b.jpg"):
        originals.add(created(key, version_id=VERSION), jpeg())
    originals.add(created("c.txt", version_id=VERSION), b"words")
    return fake_deps(originals)


def test_a_batch_is_processed_and_announced_in_one_call(deps: PipelineDeps) -> None:
    bus = FakeBus()

    again = process_batch([put("a.jpg"), put("c.txt"), put("b.jpg")], deps, bus)

    assert again == []
    assert bus.calls == 1
    assert {(r.key, r.status) for r in bus.announced} == {
        ("a.jpg", "ready"),
        ("b.jpg", "ready"),
        ("c.txt", "rejected"),
    }


def test_only_the_message_that_failed_is_delivered_again(deps: PipelineDeps) -> None:
    again = process_batch([put("a.jpg"), Delivery("odd", "no JSON"), put("b.jpg")], deps, FakeBus())

    assert again == ["odd"]
    assert deps.records.get(image_id("b.jpg")) is not None


def test_an_event_of_another_bucket_changes_nothing_and_becomes_a_dead_letter(
    deps: PipelineDeps,
) -> None:
    ours = replace(deps, bucket="originals")
    assert process_batch([put("a.jpg")], ours, FakeBus()) == []
    before = ours.records.get(image_id("a.jpg"))
    foreign = notification("ObjectRemoved:Delete", "a.jpg", sequencer="FF", bucket="another")

    again = process_batch([Delivery("foreign", foreign)], ours, FakeBus())

    assert again == ["foreign"]
    assert ours.records.get(image_id("a.jpg")) == before


def test_the_other_records_of_a_message_are_processed_if_one_fails(
    deps: PipelineDeps,
) -> None:
    def fails_for_small_files(
        data: bytes, recipe: Recipe, limits: Limits, timeout_s: float
    ) -> Rendered:
        if data == b"fails":
            raise StoreUnavailable("no answer")
        return render_here(data, recipe, limits, timeout_s)

    deps.originals.add(created("bad.jpg", version_id=VERSION), b"fails")  # type: ignore[attr-defined]
    deps = replace(deps, render=fails_for_small_files)
    message = notification("ObjectCreated:Put", "bad.jpg", "a.jpg", "c.txt")

    again = process_batch([Delivery("both", message)], deps, FakeBus())

    assert again == ["both"]
    assert status_of("a.jpg", deps) == "ready"
    assert status_of("c.txt", deps) == "rejected"


def test_a_malformed_record_does_not_stop_the_others_and_the_message_is_redelivered(
    deps: PipelineDeps,
) -> None:
    message = json.loads(notification("ObjectCreated:Put", "a.jpg", "b.jpg"))
    message["Records"][0]["eventTime"] = "9" * 3_000

    again = process_batch([Delivery("both", json.dumps(message))], deps, FakeBus())

    assert again == ["both"]
    assert status_of("a.jpg", deps) is None
    assert status_of("b.jpg", deps) == "ready"


def test_the_marker_of_a_folder_is_neither_recorded_nor_announced(deps: PipelineDeps) -> None:
    bus = FakeBus()
    deps.originals.add(created("albums/", version_id=VERSION), b"")  # type: ignore[attr-defined]

    again = process_batch([marker("albums/")], deps, bus)

    assert (again, status_of("albums/", deps), bus.announced) == ([], None, [])


def test_a_folder_marker_that_replaces_an_image_deletes_it(deps: PipelineDeps) -> None:
    deps.originals.add(created("albums/", version_id=VERSION), jpeg())  # type: ignore[attr-defined]
    process_batch([put("albums/")], deps, FakeBus())
    assert status_of("albums/", deps) == "ready"
    deps.originals.add(created("albums/", version_id="v2"), b"")  # type: ignore[attr-defined]

    again = process_batch([marker("albums/")], deps, FakeBus())

    assert (again, status_of("albums/", deps)) == ([], "deleted")


def test_a_message_is_delivered_again_if_the_bus_rejects_its_event(deps: PipelineDeps) -> None:
    bus = FakeBus(refused=frozenset({image_id("b.jpg")}))

    again = process_batch([put("a.jpg"), put("b.jpg")], deps, bus)

    assert again == ["b.jpg"]


def test_every_message_with_a_final_state_is_delivered_again_if_the_bus_fails(
    deps: PipelineDeps,
) -> None:
    test_message = Delivery("test", '{"Event": "s3:TestEvent"}')

    again = process_batch([put("a.jpg"), test_message, put("c.txt")], deps, FakeBus(broken=True))

    assert again == ["a.jpg", "c.txt"]


def test_the_second_delivery_announces_a_state_that_the_first_could_not(deps: PipelineDeps) -> None:
    process_batch([put("a.jpg")], deps, FakeBus(broken=True))
    bus = FakeBus()

    again = process_batch([put("a.jpg", attempt=2)], deps, bus)

    assert again == []
    assert [(r.key, r.status, r.attempts) for r in bus.announced] == [("a.jpg", "ready", 1)]


def test_a_batch_without_a_final_state_announces_nothing(deps: PipelineDeps) -> None:
    bus = FakeBus()

    process_batch([Delivery("test", '{"Event": "s3:TestEvent"}')], deps, bus)

    assert bus.calls == 0


def test_a_message_is_delivered_again_if_there_is_no_time_for_it(deps: PipelineDeps) -> None:
    remaining = iter([60.0, 1.0])
    limiter = ConcurrencyLimiter(divide_memory(1_769), lambda: next(remaining))

    again = process_batch([put("a.jpg"), put("b.jpg")], replace(deps, limiter=limiter), FakeBus())

    assert len(again) == 1


def test_a_batch_holds_no_more_files_at_once_than_the_memory_allows(deps: PipelineDeps) -> None:
    originals = CountingOriginals()
    budget = Budget(waiting_bytes=24, render_bytes=1, renders=1)
    limited = replace(deps, originals=originals, limiter=ConcurrencyLimiter(budget, lambda: 60.0))

    process_batch([put(f"{number}.jpg") for number in range(6)], limited, FakeBus())

    assert (originals.reads, originals.most_at_once) == (6, 1)


@dataclass
class CountingOriginals(FakeOriginals):
    """A bucket that counts how many reads go on at the same time; every object is gone."""

    reads: int = 0
    going_on: int = 0
    most_at_once: int = 0
    lock: Lock = field(default_factory=Lock)

    def read(self, event: ObjectEvent, check: Callable[[bytes], object] = bool) -> bytes | None:
        del event, check
        with self.lock:
            self.reads += 1
            self.going_on += 1
            self.most_at_once = max(self.most_at_once, self.going_on)
        sleep(0.01)
        with self.lock:
            self.going_on -= 1
        return None


def status_of(key: str, deps: PipelineDeps) -> str | None:
    record = deps.records.get(image_id(key))
    return record.status if record else None


def put(key: str, attempt: int = 1) -> Delivery:
    return Delivery(key, notification("ObjectCreated:Put", key), attempt)


def marker(key: str) -> Delivery:
    message = json.loads(notification("ObjectCreated:Put", key))
    message["Records"][0]["s3"]["object"]["size"] = 0
    return Delivery(key, json.dumps(message))


@dataclass
class FakeRetries:
    """Implements `pipeline.batch.Retries` and records the delays by receipt."""

    delays_s: dict[str, int] = field(default_factory=dict)
    fault: Exception | None = None

    def retry_after(self, delays_s: Mapping[str, int]) -> None:
        if self.fault:
            raise self.fault
        self.delays_s |= delays_s


def failing(deps: PipelineDeps, fault: Exception) -> PipelineDeps:
    """Return dependencies whose renderer fails."""

    def fail(*_: object) -> Rendered:
        raise fault

    return replace(deps, render=fail)


@pytest.mark.parametrize(("attempt", "least", "most"), [(1, 2, 8), (2, 30, 90)])
def test_after_a_temporary_error_a_message_comes_back_soon(
    deps: PipelineDeps, attempt: int, least: int, most: int
) -> None:
    message = replace(put("a.jpg"), attempt=attempt, receipt="r")
    retries = FakeRetries()

    again = process_batch(
        [message], failing(deps, Throttled("SlowDown")), FakeBus(), retries=retries
    )

    assert again == [message.id]
    assert list(retries.delays_s) == ["r"]
    assert least <= retries.delays_s["r"] <= most


@pytest.mark.parametrize(
    ("fault", "attempt"),
    [(Throttled("SlowDown"), 3), (Crashed("signal 11"), 1), (ZeroDivisionError(), 1)],
)
def test_other_failures_wait_for_the_timeout_of_the_queue(
    deps: PipelineDeps, fault: Exception, attempt: int
) -> None:
    message, retries = replace(put("a.jpg"), attempt=attempt, receipt="r"), FakeRetries()

    again = process_batch([message], failing(deps, fault), FakeBus(), retries=retries)

    assert again == [message.id]
    assert retries.delays_s == {}


def test_a_message_is_delivered_again_even_if_its_time_cannot_be_changed(
    deps: PipelineDeps,
) -> None:
    retries = FakeRetries(fault=StoreUnavailable("SQS"))
    message = replace(put("a.jpg"), receipt="r")

    again = process_batch([message], failing(deps, Throttled("x")), FakeBus(), retries=retries)

    assert again == [message.id]
