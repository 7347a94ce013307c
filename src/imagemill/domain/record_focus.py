"""The focal point for the bytes of an event, and its change by a caller.

The point in the metadata of an object belongs to this version. One that a caller has set belongs to
the bytes of the image: it stays when the same bytes are stored again without a point of their own.
"""

from dataclasses import replace

from imagemill.dataclass import dataclass
from imagemill.domain.event import REPLACEABLE, Focus, FocusChange, ObjectEvent, token_of
from imagemill.domain.record import ImageRecord
from imagemill.domain.sequencer import base_of, between, place_after


@dataclass(frozen=True, slots=True)
class ChosenFocus:
    """The focal point to render with, and the change by a caller that the record keeps.

    `is_valid` is False if the object's metadata has a text that is no point of an image.
    """

    focus: Focus | None = None
    change: FocusChange | None = None
    is_valid: bool = True


def choose_focus(event: ObjectEvent, before: ImageRecord | None, text: str) -> ChosenFocus:
    """Return the focal point of an event's bytes.

    `text` is the point in the metadata of the event's version, empty if there is none. The result
    is the same for every worker that renders under the same sequencer: a change counts from its
    place on, and an event of S3 that keeps a point of the record gets a later place by `kept_at`.
    """
    given = Focus.parse(text)
    is_valid = given is not None or not text
    if before is None or not is_of_bytes(before, event):
        return ChosenFocus(given, None, is_valid)
    change = before.focus_change
    if change and event.sequencer < change.place:
        return ChosenFocus(before.focus, change, is_valid)
    if is_of_version(before, event):
        shown = before.focus if before.status == "ready" else given
        return ChosenFocus(change.focus if change else shown, change, is_valid)
    if given:
        return ChosenFocus(given)
    return ChosenFocus(change.focus if change else before.focus, change, is_valid)


def is_of_bytes(record: ImageRecord, event: ObjectEvent) -> bool:
    """Return whether a record describes the bytes that an event announces, in any state.

    Those of an archived original are the bytes of its JPEG.
    """
    size = record.original.bytes if record.original else None
    given = event.uploaded
    return bool(given.etag) and (record.etag, size) == (given.etag, given.bytes)


def is_archive(record: ImageRecord, event: ObjectEvent) -> bool:
    """Return whether an event announces the bytes of the object that holds a record's original."""
    held = record.archived
    return held is not None and (held.etag, held.bytes) == (event.etag, event.bytes)


def is_archive_of(event: ObjectEvent, record: ImageRecord) -> bool:
    """Return whether an event announces the object that replaces the very version of a record."""
    packs = event.packs
    if packs is None or record.status != "ready" or record.version_id in REPLACEABLE:
        return False
    size = record.original.bytes if record.original else None
    known = (record.version_id, record.etag, size)
    return known == (packs.version_id, packs.etag, packs.bytes)


def is_of_version(record: ImageRecord, event: ObjectEvent) -> bool:
    """Return whether a record describes the very version that an event announces."""
    if (record.version_id, record.stored_etag) != (event.version_id, event.etag):
        return False
    is_same_event = base_of(record.sequencer) == base_of(event.sequencer)
    return event.version_id not in REPLACEABLE or is_same_event


def kept_at(event: ObjectEvent, record: ImageRecord) -> ObjectEvent:
    """Return an event of S3 in a later place if it may keep a focal point of the record.

    Under the sequencer of S3 the point follows from the version alone. A later revision of the
    record gives a later place.
    """
    has_focus = record.focus or record.focus_change
    is_of_s3 = base_of(event.sequencer) == event.sequencer
    if not (has_focus and is_of_s3 and is_of_bytes(record, event)):
        return event
    place = place_after(event.sequencer, record.revision, token_of(event, ""))
    return replace(event, sequencer=place)


def newest_place(record: ImageRecord) -> str:
    """Return the newest place in the order of events that a record names."""
    change = record.focus_change
    return max(record.place, change.place) if change else record.place


def with_focus(record: ImageRecord, focus: Focus | None) -> ImageRecord:
    """Return the next revision of a record, in which a caller has changed the focal point."""
    place = between(newest_place(record), f"f{record.revision:x}")
    return replace(record, focus_change=FocusChange(place, focus), revision=record.revision + 1)
