from collections.abc import Callable
from dataclasses import replace

import pytest
from fakes import raw_files
from fakes.events import created, removed
from fakes.images import jpeg, png
from fakes.pipeline_deps import fake_deps
from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions
from PIL import Image

from imagemill.domain.deployment import Deployment
from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import Precedence, PutResult, RenditionMetadata
from imagemill.errors import Crashed, OriginalArchived, StoreUnavailable, TransientFault
from imagemill.imaging import DEFAULT_LIMITS, Rendered
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome
from imagemill.recipe_rules import RecipeRules
from imagemill.version import VERSION


class Bench:
    """The pipeline over fakes."""

    def __init__(self, recipe: str = "20") -> None:
        self.records = FakeRecords()
        self.originals = FakeOriginals()
        self.renditions = FakeRenditions()
        self.deps = fake_deps(self.originals, self.records, self.renditions, recipe)

    def put(self, event: ObjectEvent, data: bytes) -> Outcome:
        return handle_task(self.originals.add(event, data), self.deps)

    def record(self, key: str = "a.jpg") -> ImageRecord:
        return self.records.items[created(key).id]

    @property
    def calls(self) -> tuple[list[str], list[str], list[str]]:
        return self.records.calls, self.originals.calls, self.renditions.calls


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_image_becomes_a_rendition_and_a_record(bench: Bench) -> None:
    outcome = bench.put(created("x/é a.jpg"), jpeg(60, 40))

    record = bench.record("x/é a.jpg")
    data, metadata = bench.renditions.objects["20/x/é a.jpg"]
    made = record.renditions["20"]
    assert outcome is Outcome.READY
    assert (record.status, record.filename, record.attempts) == ("ready", "é a.jpg", 1)
    assert (made.key, made.bytes, made.width, made.height, made.format) == (
        "20/x/é a.jpg",
        len(data),
        20,
        13,
        "jpeg",
    )
    assert metadata == RenditionMetadata(
        Precedence("01", 0, bench.deps.recipes.hash),
        "image/jpeg",
        "inline; filename=\"_ a.jpg\"; filename*=UTF-8''%C3%A9%20a.jpg",
    )


def test_the_record_has_time_and_camera_but_no_location(bench: Bench) -> None:
    exif = Image.Exif()
    exif.update({0x010F: "Leica", 0x0110: "Q3"})
    tags = {0x9003: "2026:05:04 10:20:30", 0x829D: 1.7, 0x8827: 100, 0xA434: "Summilux"}
    exif.get_ifd(0x8769).update(tags)
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0)})

    bench.put(created(), jpeg(exif=exif))

    original = bench.record().original
    assert original is not None
    assert (original.camera, original.captured_at) == ("Leica Q3", "2026-05-04T10:20:30")
    assert (original.lens, original.f_number, original.iso) == ("Summilux", 1.7, 100)
    assert "52" not in str(bench.record())


def test_a_new_image_costs_one_read_one_put_and_two_record_calls(bench: Bench) -> None:
    bench.put(created(), jpeg())

    assert bench.calls == (["get", "put"], ["read"], ["put"])


def test_a_duplicate_of_finished_work_costs_one_read(bench: Bench) -> None:
    bench.put(created(), jpeg())
    before = len(bench.records.calls)

    outcome = handle_task(created(), bench.deps)

    assert outcome is Outcome.DUPLICATE
    assert bench.records.calls[before:] == ["get"]
    assert (bench.originals.calls, bench.renditions.calls) == (["read"], ["put"])


def test_a_rejected_image_is_recorded_once_with_its_code(bench: Bench) -> None:
    outcome = bench.put(created("a.txt"), b"words, words, words")

    record = bench.record("a.txt")
    assert outcome is Outcome.REJECTED
    assert record.status == "rejected"
    assert record.error is not None
    assert record.error.code == "not_an_image"
    assert bench.put(created("a.txt"), b"words, words, words") is Outcome.DUPLICATE


def test_a_file_over_the_limit_is_never_fetched(bench: Bench) -> None:
    event = replace(created(), bytes=DEFAULT_LIMITS.max_bytes + 1)

    outcome = handle_task(event, bench.deps)

    assert outcome is Outcome.REJECTED
    assert bench.originals.calls == []


def test_an_overwrite_replaces_record_and_rendition(bench: Bench) -> None:
    bench.put(created(sequencer="01", version_id="v1"), jpeg(60, 40))

    bench.put(created(sequencer="02", version_id="v2"), png(40, 60))

    assert bench.record().version_id == "v2"
    assert bench.record().renditions["20"].format == "png"
    assert bench.renditions.objects["20/a.jpg"][1].precedence.sequencer == "02"


def test_an_older_event_changes_nothing(bench: Bench) -> None:
    bench.put(created(sequencer="02", version_id="v2"), png())
    record, objects = bench.record(), dict(bench.renditions.objects)

    outcome = bench.put(created(sequencer="01", version_id="v1"), jpeg())

    assert outcome is Outcome.SUPERSEDED
    assert (bench.record(), bench.renditions.objects) == (record, objects)


def test_sequencers_compare_as_text_not_as_numbers(bench: Bench) -> None:
    bench.put(created(sequencer="0A", version_id="v2"), png())

    outcome = bench.put(created(sequencer="09FF", version_id="v1"), jpeg())

    assert outcome is Outcome.SUPERSEDED


def test_an_overwrite_that_is_no_image_removes_the_old_rendition(bench: Bench) -> None:
    bench.put(created(sequencer="01", version_id="v1"), jpeg())

    bench.put(created(sequencer="02", version_id="v2"), b"no image")

    assert bench.record().status == "rejected"
    assert bench.renditions.objects == {}


def test_an_event_without_bytes_writes_nothing(bench: Bench) -> None:
    outcome = handle_task(created(), bench.deps)

    assert outcome is Outcome.SUPERSEDED
    assert bench.renditions.objects == {}
    assert bench.records.items == {}


def test_a_changed_recipe_makes_the_image_again_and_drops_the_old_preset(bench: Bench) -> None:
    bench.put(created(), jpeg())
    changed = deployed(bench.deps, "small=10")

    outcome = handle_task(created(), changed)

    assert outcome is Outcome.READY
    assert list(bench.record().renditions) == ["small"]
    assert list(bench.renditions.objects) == ["small/a.jpg"]


def test_a_deletion_removes_the_renditions_and_leaves_a_tombstone(bench: Bench) -> None:
    bench.put(created(sequencer="01"), jpeg())

    outcome = handle_task(removed(sequencer="02"), bench.deps)

    assert outcome is Outcome.DELETED
    assert bench.record().status == "deleted"
    assert bench.renditions.objects == {}


def test_an_older_event_does_not_replace_a_tombstone(bench: Bench) -> None:
    handle_task(removed(sequencer="02"), bench.deps)

    outcome = bench.put(created(sequencer="01"), jpeg())

    assert outcome is Outcome.SUPERSEDED
    assert bench.record().status == "deleted"
    assert bench.renditions.objects == {}


def test_an_older_deletion_does_not_change_a_newer_image(bench: Bench) -> None:
    bench.put(created(sequencer="03"), jpeg())

    outcome = handle_task(removed(sequencer="02"), bench.deps)

    assert outcome is Outcome.SUPERSEDED
    assert list(bench.renditions.objects) == ["20/a.jpg"]


def test_an_interrupted_deletion_is_finished_by_its_second_delivery(bench: Bench) -> None:
    bench.put(created(sequencer="01"), jpeg())
    other = replace(bench.deps, recipes=RecipeRules.parse("other=9"))
    elsewhere = replace(other, renditions=_Broken("remove"))
    with pytest.raises(TransientFault):
        handle_task(removed(sequencer="02"), elsewhere)

    handle_task(removed(sequencer="02"), other)

    assert bench.renditions.objects == {}


def test_deleting_an_old_version_keeps_the_renditions_for_the_newer_event(bench: Bench) -> None:
    bench.put(created(sequencer="01", version_id="v2"), jpeg())
    renditions = bench.record().renditions

    outcome = handle_task(removed(sequencer="02", change=Change.VERSION_DELETED), bench.deps)

    assert outcome is Outcome.READY
    assert (bench.record().renditions, bench.record().version_id) == (renditions, "v2")
    assert bench.record().sequencer == "02"
    assert bench.renditions.objects["20/a.jpg"][1].precedence.sequencer == "02"
    assert bench.originals.calls == ["read", "current"]


def test_a_worker_killed_on_its_last_attempt_is_recorded_by_the_delivery_after_it(
    bench: Bench,
) -> None:
    event = bench.originals.add(created(), jpeg())
    with pytest.raises(KeyboardInterrupt):
        handle_task(event, replace(bench.deps, render=_killed), attempt=4)
    during = dict(bench.records.items)

    with pytest.raises(Crashed):
        handle_task(event, bench.deps, attempt=5)

    assert [(record.status, record.attempts) for record in during.values()] == [("pending", 4)]
    assert (bench.record().status, bench.record().attempts) == ("failed", 4)
    assert bench.record().error is not None
    assert bench.record().error.code == "crashed"  # type: ignore[union-attr]  # see above


def test_a_failure_is_written_once_for_all_later_deliveries(bench: Bench) -> None:
    event = bench.originals.add(created(), jpeg())
    with pytest.raises(StoreUnavailable):
        handle_task(event, replace(bench.deps, renditions=_Broken("put")), attempt=4)
    failed = bench.record()

    for attempt in (5, 6):
        with pytest.raises(Crashed):
            handle_task(event, bench.deps, attempt)

    assert bench.record() == failed


def test_a_copy_of_the_same_bytes_keeps_the_renditions_without_reading_it(bench: Bench) -> None:
    data = jpeg()
    bench.put(created(sequencer="01", version_id="v1"), data)
    before, calls = bench.record(), list(bench.originals.calls)

    outcome = bench.put(created(sequencer="02", version_id="v2"), data)

    after = bench.record()
    assert (outcome, after.version_id, after.sequencer) == (Outcome.READY, "v2", "02")
    assert after.renditions == before.renditions
    assert bench.originals.calls == [*calls, "with_choices"]


def test_a_copy_of_the_same_bytes_is_rendered_if_a_rendition_is_missing(bench: Bench) -> None:
    data = jpeg()
    bench.put(created(sequencer="01", version_id="v1"), data)
    bench.renditions.objects.clear()

    bench.put(created(sequencer="02", version_id="v2"), data)

    assert list(bench.renditions.objects) == ["20/a.jpg"]


def test_an_archived_original_fails_at_once_with_advice(bench: Bench) -> None:
    event = bench.originals.add(created(), jpeg())

    outcome = handle_task(event, replace(bench.deps, originals=_Archived()))

    record = bench.record()
    assert (outcome, record.status, record.attempts) == (Outcome.FAILED, "failed", 1)
    assert record.error is not None
    assert record.error.code == "original_archived"


def test_archiving_an_original_of_the_same_size_keeps_its_renditions(bench: Bench) -> None:
    event = bench.originals.add(created(sequencer="01", version_id="v1"), jpeg())
    handle_task(event, bench.deps)
    archived = replace(event, sequencer="02", version_id="v2", etag="of another encryption")

    outcome = handle_task(archived, replace(bench.deps, originals=_Archived()))

    assert (outcome, bench.record().status) == (Outcome.READY, "ready")
    assert bench.record().version_id == "v2"
    assert list(bench.renditions.objects) == ["20/a.jpg"]


def test_an_archived_original_of_another_size_replaces_the_old_renditions(bench: Bench) -> None:
    event = bench.originals.add(created(sequencer="01", version_id="v1"), jpeg())
    handle_task(event, bench.deps)
    archived = replace(event, sequencer="02", version_id="v2", etag="x", bytes=event.bytes + 1)

    handle_task(archived, replace(bench.deps, originals=_Archived()))

    assert bench.record().status == "failed"
    assert bench.renditions.objects == {}


def test_a_failure_on_unchanged_bytes_leaves_record_and_renditions(bench: Bench) -> None:
    event = bench.originals.add(created(sequencer="01", version_id="v1"), jpeg())
    handle_task(event, bench.deps)
    before, objects = bench.record(), dict(bench.renditions.objects)
    elsewhere = replace(deployed(bench.deps, "other=9"), render=_bug)

    copied = bench.originals.add(replace(event, sequencer="02", version_id="v2"), jpeg())
    with pytest.raises(ZeroDivisionError):
        handle_task(copied, elsewhere, attempt=4)

    assert (bench.record(), bench.renditions.objects) == (before, objects)


def test_a_rejected_record_names_the_version_and_limits_that_rejected_it(bench: Bench) -> None:
    limits = replace(DEFAULT_LIMITS, max_pixels=100)

    handle_task(bench.originals.add(created(), jpeg(60, 40)), replace(bench.deps, limits=limits))

    engine = bench.record().rejected_by
    assert engine is not None
    assert (engine.version, engine.max_pixels) == (VERSION, 100)


def test_a_camera_raw_file_is_recorded_by_its_own_format_and_size(bench: Bench) -> None:
    photo = jpeg(1200, 800)
    data = raw_files.cr2(photo, jpeg(160, 120), {})
    limits = replace(DEFAULT_LIMITS, camera_raw=True)

    handle_task(bench.originals.add(created(), data), replace(bench.deps, limits=limits))

    original = bench.record().original
    assert original is not None
    assert (original.format, original.bytes, original.width) == ("cr2", len(data), 1200)


def test_a_camera_raw_file_is_rejected_until_the_parameter_is_on(bench: Bench) -> None:
    bench.put(created(), raw_files.cr2(jpeg(1200, 800), jpeg(160, 120), {}))

    record = bench.record()
    assert record.error is not None
    assert (record.status, record.error.code) == ("rejected", "unsupported_format")
    assert "CameraRaw" in record.error.message


def test_a_last_attempt_that_succeeds_ends_ready(bench: Bench) -> None:
    event = bench.originals.add(created(), jpeg())

    outcome = handle_task(event, bench.deps, attempt=4)

    assert (outcome, bench.record().status) == (Outcome.READY, "ready")


def test_a_version_that_becomes_current_again_is_made_again(bench: Bench) -> None:
    bench.put(created(sequencer="01"), jpeg())
    handle_task(removed(sequencer="02"), bench.deps)

    outcome = handle_task(removed(sequencer="03", change=Change.VERSION_DELETED), bench.deps)

    assert outcome is Outcome.READY
    assert bench.record().sequencer == "03"
    assert list(bench.renditions.objects) == ["20/a.jpg"]


def test_deleting_the_last_version_deletes_the_image(bench: Bench) -> None:
    bench.put(created(sequencer="01"), jpeg())
    bench.originals.heads.clear()

    outcome = handle_task(removed(sequencer="02", change=Change.VERSION_DELETED), bench.deps)

    assert outcome is Outcome.DELETED
    assert bench.renditions.objects == {}


@pytest.mark.parametrize("change", [Change.HIDDEN, Change.VERSION_DELETED])
def test_an_image_that_a_lifecycle_rule_expired_is_deleted(bench: Bench, change: Change) -> None:
    bench.put(created(sequencer="05"), jpeg())
    bench.originals.heads.clear()

    outcome = handle_task(removed(sequencer="", change=change), bench.deps)

    assert outcome is Outcome.DELETED
    assert bench.record().status == "deleted"
    assert bench.renditions.objects == {}


@pytest.mark.parametrize("change", [Change.HIDDEN, Change.VERSION_DELETED])
def test_an_old_version_that_a_lifecycle_rule_expired_costs_no_decoding(
    bench: Bench, change: Change
) -> None:
    bench.put(created(sequencer="05"), jpeg())
    record = bench.record()

    outcome = handle_task(removed(sequencer="", change=change), bench.deps)

    assert (outcome, bench.record()) == (Outcome.DUPLICATE, record)
    assert bench.originals.calls == ["read", "current"]


def test_the_expiry_of_an_image_without_a_record_changes_nothing(bench: Bench) -> None:
    outcome = handle_task(removed(sequencer=""), bench.deps)

    assert (outcome, bench.records.items) == (Outcome.DUPLICATE, {})


def test_the_failure_of_a_store_is_recorded_only_after_the_last_attempt(bench: Bench) -> None:
    event = bench.originals.add(created(), jpeg())
    broken = replace(bench.deps, renditions=_Broken("put"))

    with pytest.raises(StoreUnavailable):
        handle_task(event, broken, attempt=3)
    early = dict(bench.records.items)
    with pytest.raises(StoreUnavailable):
        handle_task(event, broken, attempt=4)

    assert early == {}
    assert (bench.record().status, bench.record().attempts) == ("failed", 4)
    assert bench.record().error is not None
    assert bench.record().error.code == "store_unavailable"  # type: ignore[union-attr]  # see above


def test_a_failed_image_can_still_become_ready(bench: Bench) -> None:
    event = bench.originals.add(created(), jpeg())
    with pytest.raises(StoreUnavailable):
        handle_task(event, replace(bench.deps, renditions=_Broken("put")), attempt=4)

    outcome = handle_task(event, bench.deps, attempt=1)

    assert outcome is Outcome.READY
    assert bench.record().status == "ready"


def test_a_bug_is_recorded_without_its_details(bench: Bench) -> None:
    event = bench.originals.add(created(), jpeg())

    with pytest.raises(ZeroDivisionError):
        handle_task(event, replace(bench.deps, render=_bug), attempt=4)

    assert bench.record().error is not None
    assert bench.record().error.code == "internal"  # type: ignore[union-attr]  # see above
    assert "secret" not in str(bench.record().error)


def test_ready_is_written_only_after_every_rendition_exists() -> None:
    bench = Bench("a=10,b=20,c=30")
    seen: list[set[str]] = []
    watching = replace(
        bench.deps,
        records=_Watching(bench.records, lambda: seen.append(set(bench.renditions.objects))),
    )

    handle_task(bench.originals.add(created(), jpeg()), watching)

    assert seen == [{"a/a.jpg", "b/a.jpg", "c/a.jpg"}]


class _Broken(FakeRenditions):
    """A processed bucket in which one call fails."""

    def __init__(self, call: str) -> None:
        super().__init__()
        self._call = call

    def put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        self._fail("put")
        return super().put(key, data, metadata, may_replace=may_replace)

    def remove(self, key: str, up_to: Precedence) -> bool:
        self._fail("remove")
        return super().remove(key, up_to)

    def _fail(self, call: str) -> None:
        if call == self._call:
            raise StoreUnavailable("the processed bucket answered InternalError to PutObject")


class _Archived(FakeOriginals):
    """A bucket of archived objects, which cannot be read."""

    def read(self, event: ObjectEvent, check: Callable[[bytes], object] = bool) -> bytes | None:
        del event, check
        raise OriginalArchived("restore it")


class _Watching:
    """A records table that calls a function before each write."""

    def __init__(self, records: FakeRecords, before_put: Callable[[], None]) -> None:
        self._records = records
        self._before_put = before_put

    def get(self, image_id: str) -> ImageRecord | None:
        return self._records.get(image_id)

    def put(self, record: ImageRecord) -> bool:
        self._before_put()
        return self._records.put(record)


def deployed(deps: PipelineDeps, recipe: str) -> PipelineDeps:
    """Return dependencies of a later deployment with another recipe."""
    later = Deployment(since=1)
    return replace(deps, recipes=RecipeRules.parse(recipe), deployment=lambda: later)


def _killed(*_: object) -> Rendered:
    raise KeyboardInterrupt


def _bug(*_: object) -> Rendered:
    raise ZeroDivisionError("secret")
