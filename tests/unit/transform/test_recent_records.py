"""A request begins with the record that another one has read, and decides by a new one."""

from dataclasses import replace

import pytest
from fakes.events import created, removed
from fakes.images import jpeg
from fakes.transform import Transforms
from fakes.variants import request_of

from imagemill.domain.record import ImageRecord
from imagemill.errors import Gone
from imagemill.pipeline.handle_task import handle_task
from imagemill.requests.faults import InvalidUrl
from imagemill.transform.recent_records import RecentRecords
from imagemill.transform.serve import Server

OVERWRITE = created(sequencer="02", version_id="v2")


@pytest.fixture
def transforms() -> Transforms:
    """Return requests whose process has made one variant of an image before."""
    made = Transforms()
    made.put()
    made.with_deps(recent=RecentRecords())
    made.get("10x.webp")
    made.pipeline.clear_logs()
    made.registry.calls.clear()
    made.rendered.clear()
    return made


def record_of(key: str) -> ImageRecord:
    transforms = Transforms()
    transforms.put(event=created(key))
    [record] = transforms.pipeline.records.items.values()
    return record


def test_a_record_is_kept_until_the_minute_ends() -> None:
    recent, record = RecentRecords(), record_of("a.jpg")

    recent.keep(record, 120)

    assert recent.get(record.id, 179) == record
    assert recent.get(record.id, 180) is None


def test_the_oldest_record_is_forgotten() -> None:
    recent, records = RecentRecords(2), [record_of(key) for key in ("a", "b", "c")]

    for record in records:
        recent.keep(record, 0)

    assert [recent.get(record.id, 0) for record in records] == [None, *records[1:]]


def test_a_record_can_be_forgotten() -> None:
    recent, record = RecentRecords(), record_of("a.jpg")
    recent.keep(record, 0)

    recent.forget(record.id)
    recent.forget("unknown")

    assert recent.get(record.id, 0) is None


def test_a_further_variant_takes_one_read_of_the_record(transforms: Transforms) -> None:
    transforms.get("40x.webp")

    assert transforms.pipeline.records.calls == ["get"]
    assert transforms.registry.calls == ["register"]


def test_in_the_next_minute_the_record_is_read_first(transforms: Transforms) -> None:
    transforms.clock.pause(60)

    transforms.get("40x.webp")

    assert transforms.pipeline.records.calls == ["get", "get"]


def test_a_deletion_after_the_other_request_is_seen(transforms: Transforms) -> None:
    handle_task(removed(), transforms.pipeline.deps)

    with pytest.raises(Gone):
        transforms.get("40x.webp")
    assert transforms.rendered == []


def test_after_a_deletion_was_seen_nothing_is_registered(transforms: Transforms) -> None:
    handle_task(removed(), transforms.pipeline.deps)
    with pytest.raises(Gone):
        transforms.get("40x.webp")
    transforms.registry.calls.clear()

    with pytest.raises(Gone):
        transforms.get("60x.webp")
    assert transforms.registry.calls == []


def test_an_overwrite_after_the_other_request_gives_the_new_version(transforms: Transforms) -> None:
    transforms.put(jpeg(90, 30), OVERWRITE)

    answer = transforms.get("40x.webp")

    assert answer.record.version_id == "v2"
    assert [data for data, _ in transforms.rendered] == [jpeg(90, 30)]


def test_a_former_sequencer_does_not_take_the_lease_of_another_request(
    transforms: Transforms,
) -> None:
    transforms.put(jpeg(90, 30), OVERWRITE)
    request, now_s = request_of("a.jpg", "40x.webp"), transforms.clock.now_s()
    transforms.registry.acquire(request, transforms.pipeline.record.sequencer, now_s, 2)
    rendered_at_first_pause = []
    transforms.clock.meanwhile = lambda: rendered_at_first_pause.append(len(transforms.rendered))

    transforms.get("40x.webp")

    assert rendered_at_first_pause[0] == 0


def test_a_size_that_only_the_new_version_has_is_answered(transforms: Transforms) -> None:
    transforms.put(jpeg(900, 600), OVERWRITE)

    assert transforms.get("400x_strict.webp").record.version_id == "v2"


def test_a_size_that_no_version_has_is_invalid(transforms: Transforms) -> None:
    with pytest.raises(InvalidUrl):
        transforms.get("400x_strict.webp")


def test_a_version_that_is_newer_than_the_known_one_stays_named(transforms: Transforms) -> None:
    transforms.put(jpeg(90, 30), OVERWRITE)
    request = replace(request_of("a.jpg", "40x.webp"), version="v2")

    assert Server(request, transforms.deps).serve().is_immutable


def test_a_version_that_is_not_the_known_one_is_answered_without_it(transforms: Transforms) -> None:
    request = replace(request_of("a.jpg", "40x.webp"), version="v0")

    assert not Server(request, transforms.deps).serve().is_immutable
