"""The changes of a record: an announced upload, and the results of attempts at an event."""

from collections.abc import Mapping
from dataclasses import replace

from imagemill.dataclass import dataclass
from imagemill.domain.event import Focus, FocusChange, ObjectEvent
from imagemill.domain.keys import filename_of, image_id
from imagemill.domain.record import (
    Archived,
    EngineLimits,
    Fault,
    ImageRecord,
    Original,
    StateChange,
    Status,
    StoredRendition,
    state_of,
)
from imagemill.domain.sequencer import OLDEST

PENDING_LIFETIME_S = 24 * 3600
# Longer than a late event can wait: 14 days in both queues, and 14 more after a redrive.
TOMBSTONE_LIFETIME_S = 30 * 24 * 3600
# Most states in a history; each takes about 40 bytes of the item.
MOST_STATES = 20
# States of which a second one in a row is no change.
_LASTING: frozenset[Status] = frozenset({"pending", "deleted"})


@dataclass(frozen=True, slots=True)
class AttemptTimes:
    """How one attempt at an event went: its end, its duration and its recipe.

    `deployed_at` is the first use of the recipe and the limits, in epoch milliseconds.
    """

    recipe: str
    attempts: int
    processed_at: str
    processing_ms: int
    deployed_at: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """The result of an attempt that succeeded.

    `placeholder` is a ThumbHash (base64), `colour` the dominant one as `#rrggbb`.
    """

    original: Original
    renditions: Mapping[str, StoredRendition]
    placeholder: str
    colour: str
    warnings: tuple[str, ...]
    focus: Focus | None = None
    focus_change: FocusChange | None = None


def pending(key: str, size: int, uploaded_at: str, now_s: int, rule: str = "") -> ImageRecord:
    """Return the record of an announced upload; `rule` is the one that it chooses, if any."""
    return ImageRecord(
        id=image_id(key),
        key=key,
        filename=filename_of(key),
        status="pending",
        sequencer=OLDEST,
        uploaded_at=uploaded_at,
        original=Original(size),
        rule=rule or None,
        expires_at=now_s + PENDING_LIFETIME_S,
        history=(StateChange("pending", uploaded_at),),
    )


def ready(event: ObjectEvent, times: AttemptTimes, result: Result) -> ImageRecord:
    """Return the record of an image after all its renditions are stored."""
    return replace(
        _ended(event, "ready", times),
        original=result.original,
        renditions=result.renditions,
        warnings=result.warnings,
        placeholder=result.placeholder,
        colour=result.colour,
        focus=result.focus,
        focus_change=result.focus_change,
    )


def rejected(
    event: ObjectEvent, times: AttemptTimes, fault: Fault, engine: EngineLimits | None = None
) -> ImageRecord:
    """Return the record of a file that cannot be resized."""
    return replace(_ended(event, "rejected", times), error=fault, rejected_by=engine)


def failed(event: ObjectEvent, times: AttemptTimes, fault: Fault) -> ImageRecord:
    """Return the record of an image that could not be processed, though it may be valid."""
    return replace(_ended(event, "failed", times), error=fault)


def deleted(event: ObjectEvent, now_s: int) -> ImageRecord:
    """Return the tombstone of a deleted image, which expires after TOMBSTONE_LIFETIME_S."""
    return ImageRecord(
        id=event.id,
        key=event.key,
        filename=filename_of(event.key),
        status="deleted",
        sequencer=event.sequencer,
        uploaded_at=event.happened_at,
        processed_at=event.happened_at,
        expires_at=now_s + TOMBSTONE_LIFETIME_S,
    )


def in_progress(
    event: ObjectEvent, before: ImageRecord | None, attempt: int, now: str
) -> ImageRecord:
    """Return the record of an image while its renditions are replaced by those of new bytes.

    It lists no rendition, because the stored ones belong to two versions until the last of them is
    replaced.
    """
    after = replace(_of_event(event, "pending"), attempts=attempt)
    return succeeding(after, before, now)


def same_bytes(event: ObjectEvent, before: ImageRecord, deployed_at: int) -> ImageRecord:
    """Return a ready record for a newer event of the same bytes, with the same renditions."""
    after = replace(
        before,
        sequencer=event.sequencer,
        uploaded_at=event.happened_at,
        version_id=event.version_id,
        etag=event.uploaded.etag,
        archived=_archived(event),
        rule=event.rule or None,
        deployed_at=deployed_at,
    )
    return succeeding(after, before)


def archived(event: ObjectEvent, before: ImageRecord) -> ImageRecord:
    """Return the record of the same image, whose original the object of an event holds now.

    Renditions and variants stay, with the sequencer that they were made for.
    """
    after = replace(before, version_id=event.version_id, archived=_archived(event))
    return replace(after, revision=before.revision + 1)


def succeeding(after: ImageRecord, before: ImageRecord | None, at: str = "") -> ImageRecord:
    """Return `after` as the next revision, with the renditions of `before` that it leaves over.

    Its state is added to the history, with the time `at` or else that of its processing.
    """
    state = state_of(after, at)
    if before is None:
        return replace(after, history=(state,))
    if after.archived and _is_same(after, before):
        after = _with_times(after, after.archived, before)
    kept = {rendition.key for rendition in after.renditions.values()}
    former = {rendition.key for rendition in before.renditions.values()} | set(before.leftovers)
    is_unfinished = after.status in {"pending", "rejected", "failed"} and _is_same(after, before)
    return replace(
        after,
        leftovers=tuple(sorted(former - kept)),
        revision=before.revision + 1,
        focus_change=before.focus_change if is_unfinished else after.focus_change,
        history=_extended(before.states, state),
    )


def _with_times(after: ImageRecord, held: Archived, before: ImageRecord) -> ImageRecord:
    """Return the record of an archived original with the time of its upload.

    The same object keeps its time, too.
    """
    is_kept = before.archived and after.version_id == before.version_id
    kept = before.archived if is_kept else held
    return replace(after, archived=kept, uploaded_at=before.uploaded_at)


def _extended(history: tuple[StateChange, ...], state: StateChange) -> tuple[StateChange, ...]:
    """Return the history with one more state, without the oldest ones beyond MOST_STATES.

    A state that the image has already is not repeated, for example when an event is delivered
    twice.
    """
    last = history[-1]
    is_new = state.status not in _LASTING and state.at != last.at
    if state.status == last.status and not is_new:
        return history
    return (*history, state)[-MOST_STATES:]


def _is_same(one: ImageRecord, other: ImageRecord) -> bool:
    """Return whether two records describe the same bytes."""
    sizes = {record.original.bytes if record.original else None for record in (one, other)}
    return bool(one.etag) and one.etag == other.etag and len(sizes) == 1


def _ended(event: ObjectEvent, status: Status, times: AttemptTimes) -> ImageRecord:
    return replace(
        _of_event(event, status),
        recipe=times.recipe,
        deployed_at=times.deployed_at,
        attempts=times.attempts,
        processed_at=times.processed_at,
        processing_ms=times.processing_ms,
    )


def _of_event(event: ObjectEvent, status: Status) -> ImageRecord:
    return ImageRecord(
        id=event.id,
        key=event.key,
        filename=filename_of(event.key),
        status=status,
        sequencer=event.sequencer,
        uploaded_at=event.happened_at,
        version_id=event.version_id,
        etag=event.uploaded.etag,
        rule=event.rule or None,
        original=Original(event.uploaded.bytes),
        archived=_archived(event),
    )


def _archived(event: ObjectEvent) -> Archived | None:
    packs = event.packs
    if packs is None:
        return None
    return Archived(
        bytes=event.bytes,
        etag=event.etag,
        sha256=packs.sha256,
        replaces=packs.version_id,
        at=event.happened_at,
        place=event.sequencer,
    )
