"""Events of archived originals: objects that hold the JPEG of an image as JPEG XL."""

from dataclasses import replace
from hashlib import sha256

import pytest
from fakes.events import created, removed
from fakes.images import jpeg
from fakes.pipeline import Pipeline, deployed

from imagemill.domain.event import Change, ObjectEvent, PackedJpeg
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.reconciliation import Concern, Listed, Reconciliation, is_described_by
from imagemill.domain.record import Archived
from imagemill.pipeline.handle_task import handle_task
from imagemill.pipeline.outcome import Outcome

JPEG = jpeg(60, 40)
PACKED = b"packed"
SHA256 = sha256(JPEG).hexdigest()
PACKS = PackedJpeg("e", len(JPEG), SHA256, "v1")
LATER = "2026-05-04T10:21:00.000Z"


class ArchivingPipeline(Pipeline):
    """A pipeline with an image that is ready, in a stack that archives."""

    def __init__(self) -> None:
        super().__init__()
        self.deps = replace(self.deps, unpack=unpack, archives=True)
        self.put(created(), JPEG)
        self.before = self.record
        self.clear_logs()
        self.originals.calls.clear()

    def store(self, event: ObjectEvent, data: bytes = PACKED) -> ObjectEvent:
        """Store the object of an event, and return the event as S3 sends it."""
        return replace(self.originals.add(event, data), packs=None)

    def archive(self) -> ObjectEvent:
        """Store the archived original, handle its event, and return it."""
        event = self.store(archived_event())
        handle_task(event, self.deps)
        return event


def archived_event(sequencer: str = "05", version_id: str = "v2") -> ObjectEvent:
    event = created(sequencer=sequencer, version_id=version_id)
    return replace(event, etag="p", packs=PACKS, happened_at=LATER)


def unpack(data: bytes, digest: str) -> bytes | None:
    return JPEG if (data, digest) == (PACKED, SHA256) else None


@pytest.fixture
def pipeline() -> ArchivingPipeline:
    return ArchivingPipeline()


def test_the_record_names_the_archived_original_and_nothing_is_made_again(
    pipeline: ArchivingPipeline,
) -> None:
    pipeline.archive()

    held = Archived(len(PACKED), "p", SHA256, replaces="v1", at=LATER, place="05")
    expected = replace(pipeline.before, version_id="v2", archived=held, revision=2)
    assert pipeline.record == expected
    assert pipeline.announced == [expected]
    assert (pipeline.originals.calls, pipeline.renditions.calls) == (["with_choices"], [])


def test_a_second_delivery_reads_no_original_and_writes_nothing(
    pipeline: ArchivingPipeline,
) -> None:
    event = pipeline.archive()
    before = pipeline.record
    pipeline.clear_logs()
    pipeline.originals.calls.clear()

    outcome = handle_task(event, pipeline.deps)

    assert (outcome, pipeline.record) == (Outcome.DUPLICATE, before)
    assert (pipeline.records.calls, "read" in pipeline.originals.calls) == (["get"], False)
    assert "put" not in pipeline.renditions.calls


@pytest.mark.parametrize(
    "late", [removed(sequencer="03"), created(sequencer="03", version_id="v0")]
)
def test_an_event_before_that_of_the_archived_original_is_superseded(
    pipeline: ArchivingPipeline, late: ObjectEvent
) -> None:
    pipeline.archive()
    before = pipeline.record

    outcome = handle_task(late, pipeline.deps)

    assert (outcome, pipeline.record) == (Outcome.SUPERSEDED, before)


def test_the_deletion_of_the_replaced_version_changes_nothing(pipeline: ArchivingPipeline) -> None:
    pipeline.archive()
    before = pipeline.record
    pipeline.originals.calls.clear()

    gone = replace(removed(sequencer="07", change=Change.VERSION_DELETED), version_id="v1")
    outcome = handle_task(gone, pipeline.deps)

    assert (outcome, pipeline.record) == (Outcome.DUPLICATE, before)
    assert pipeline.originals.calls == []


def test_the_deletion_of_the_archived_original_deletes_the_image(
    pipeline: ArchivingPipeline,
) -> None:
    pipeline.archive()

    outcome = handle_task(removed(sequencer="07"), pipeline.deps)

    assert (outcome, pipeline.record.archived) == (Outcome.DELETED, None)
    assert pipeline.renditions.objects == {}


def test_without_a_record_the_jpeg_is_unpacked_and_rendered() -> None:
    pipeline = ArchivingPipeline()
    pipeline.records.items.clear()

    handle_task(pipeline.store(archived_event()), pipeline.deps)

    record = pipeline.record
    assert (record.status, record.etag, record.stored_etag) == ("ready", "e", "p")
    assert record.original is not None
    assert (record.original.format, record.original.bytes) == ("jpeg", len(JPEG))
    assert record.archived is not None


def test_a_stack_that_does_not_archive_renders_the_jpeg_again(pipeline: ArchivingPipeline) -> None:
    pipeline.deps = replace(pipeline.deps, archives=False)

    pipeline.archive()

    record = pipeline.record
    assert (record.status, record.etag, record.stored_etag) == ("ready", "e", "p")
    assert record.uploaded_at == pipeline.before.uploaded_at
    assert "with_choices" not in pipeline.originals.calls


def test_an_object_that_does_not_hold_the_jpeg_that_it_names_is_an_upload_of_its_own() -> None:
    pipeline = ArchivingPipeline()
    false = replace(archived_event(), packs=replace(PACKS, version_id="", etag="other"))

    handle_task(pipeline.store(false, jpeg(30, 30)), pipeline.deps)

    assert (pipeline.record.etag, pipeline.record.archived) == ("p", None)
    assert pipeline.record.original is not None
    assert pipeline.record.original.width == 30


def test_another_recipe_is_made_from_the_unpacked_jpeg(pipeline: ArchivingPipeline) -> None:
    pipeline.archive()
    held = pipeline.record.archived

    look = Reconciliation("a.jpg", frozenset({Concern.STALE}))
    outcome = handle_task(look, deployed(pipeline.deps, "q=10"))

    assert (outcome, set(pipeline.record.renditions)) == (Outcome.READY, {"q"})
    assert (pipeline.record.archived, pipeline.record.version_id) == (held, "v2")
    assert pipeline.record.uploaded_at == pipeline.before.uploaded_at


def test_a_copy_of_the_archived_original_onto_itself_keeps_the_renditions(
    pipeline: ArchivingPipeline,
) -> None:
    pipeline.archive()

    handle_task(pipeline.store(archived_event("09", "v3")), pipeline.deps)

    record = pipeline.record
    assert (record.version_id, record.sequencer, record.stored_etag) == ("v3", "09", "p")
    assert record.renditions.keys() == pipeline.before.renditions.keys()


def test_the_jpeg_that_is_put_again_is_no_archived_original(pipeline: ArchivingPipeline) -> None:
    pipeline.archive()

    pipeline.put(created(sequencer="09", version_id="v3"), JPEG)

    assert (pipeline.record.version_id, pipeline.record.archived) == ("v3", None)


def test_a_listing_shows_that_an_archived_original_needs_nothing(
    pipeline: ArchivingPipeline,
) -> None:
    pipeline.archive()
    listed_s = 1_777_890_060

    now = Listed("a.jpg", len(PACKED), "p", listed_s)

    assert is_described_by(now, pipeline.record)
    assert not is_described_by(replace(now, etag="e"), pipeline.record)
    assert not is_described_by(replace(now, modified_s=listed_s + 60), pipeline.record)


def test_the_upload_that_was_archived_is_still_described_by_its_record(
    pipeline: ArchivingPipeline,
) -> None:
    pipeline.archive()

    versions = [("v1", "e"), ("v2", "p"), ("v1", "p"), ("v2", "e")]

    described = [ObjectVersion(*one).is_described_by(pipeline.record) for one in versions]
    assert described == [True, True, False, False]


@pytest.mark.parametrize("text", ["", "e 1", f"e x {SHA256}", f"E 1 {SHA256}", f"e 1 {SHA256} a b"])
def test_metadata_of_another_form_name_no_jpeg(text: str) -> None:
    assert PackedJpeg.parse(text) is None
    assert PackedJpeg.parse(str(PACKS)) == PACKS


def test_a_look_at_an_archived_original_changes_nothing(pipeline: ArchivingPipeline) -> None:
    pipeline.archive()
    before = pipeline.record

    outcome = handle_task(Reconciliation("a.jpg"), pipeline.deps)

    assert (outcome, pipeline.record) == (Outcome.DUPLICATE, before)


def test_a_look_finds_an_archived_original_whose_event_was_lost(
    pipeline: ArchivingPipeline,
) -> None:
    pipeline.store(archived_event())

    handle_task(Reconciliation("a.jpg"), pipeline.deps)

    record = pipeline.record
    assert (record.version_id, record.stored_etag, record.etag) == ("v2", "p", "e")
    assert record.renditions == pipeline.before.renditions
    assert "read" not in pipeline.originals.calls
