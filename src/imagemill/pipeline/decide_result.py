"""Decide how to go on with the result of an action: of reading, rendering or storing an image."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from imagemill.domain.event import ObjectEvent
from imagemill.domain.keys import rendition_key
from imagemill.domain.record import Fault, ImageRecord, Original, StoredRendition
from imagemill.domain.record_focus import ChosenFocus, choose_focus
from imagemill.domain.rendition_metadata import Placement, PutResult, StoredState
from imagemill.domain.transitions import (
    AttemptTimes,
    Result,
    ready,
    rejected,
    same_bytes,
    succeeding,
)
from imagemill.imaging import Facts as ImageFacts
from imagemill.imaging import Rendered, Rendition
from imagemill.pipeline.actions import (
    Copy,
    Finish,
    KeepOrFail,
    Make,
    Reuse,
    Store,
    TryLater,
    Write,
    WritePending,
    Yield,
)
from imagemill.pipeline.endings import failure, leftovers_of, rejection_cleanup, superseded
from imagemill.pipeline.facts import (
    Facts,
    Rules,
    has_same_bytes,
    is_readable_elsewhere,
    listed_by,
    whole_renditions,
)
from imagemill.pipeline.outcome import Outcome

# Warning of an image whose upload chose a rule that the stack does not have.
UNKNOWN_RULE = "unknown_recipe"
# Warning of an image with a text in the metadata `focus` that is no point of an image.
INVALID_FOCUS = "invalid_focus"


def may_replace(make: Make) -> bool:
    """Return whether renditions of older events may be replaced when this image is stored.

    Before a rendition of other bytes is replaced, the record has to say that the image is in
    progress: no reader may find a record `ready` with renditions of two versions.
    """
    return make.is_pending or (make.before is not None and has_same_bytes(make.before, make.event))


def decide_rendered(
    make: Make, rendered: Rendered, started_ms: int, focus: ChosenFocus
) -> Store | WritePending:
    """Return how to store the renditions: at once, or after a record in progress."""
    store = Store(make, rendered, started_ms, focus)
    return WritePending(store) if make.replaces_version and not may_replace(make) else store


def decide_rejected(
    make: Make, why: Fault, times: AttemptTimes, facts: Facts, rules: Rules
) -> Write:
    """Return the end of an image that cannot be resized."""
    record = succeeding(rejected(make.event, times, why, rules.engine), make.before)
    return Write(record, Outcome.REJECTED, rejection_cleanup(record, facts, rules))


def reads_for_unreadable(make: Make) -> frozenset[str]:
    """Return the keys of the renditions that may stay for an original that cannot be read."""
    is_same = make.before is not None and is_readable_elsewhere(make.before, make.event)
    return listed_by(make.before) if is_same else frozenset()


def decide_unreadable(
    action: KeepOrFail, stored: Mapping[str, StoredState | None], facts: Facts, rules: Rules
) -> Reuse | Finish | Write | None:
    """Record that the original cannot be read; the renditions of the same bytes stay.

    None: another worker has recorded something newer or better.
    """
    event, before = action.make.event, action.make.before
    if before is None or not is_readable_elsewhere(before, event):
        return failure(event, action.why, facts, rules)
    whole = whole_renditions(before, stored)
    if whole is None or before.version_id == event.version_id:
        return Finish(Outcome.FAILED)
    return Reuse(event, before, whole)


def decide_stored(
    store: Store, results: Sequence[PutResult], times: AttemptTimes, facts: Facts, rules: Rules
) -> WritePending | Yield | Write:
    """Return how to go on after the renditions of an image were stored, one result for each."""
    if _has(results, Placement.OCCUPIED):
        return WritePending(store)
    event = store.make.event
    if _has(results, Placement.SKIPPED):
        return Yield(event)
    made = {
        rendition.preset: _stored(rendition, event, result)
        for rendition, result in zip(store.rendered.renditions, results, strict=True)
    }
    warnings = with_unknown_rule(store.rendered.warnings, event, rules)
    result = _result(store.rendered, made, with_invalid_focus(warnings, store.focus), store.focus)
    record = succeeding(ready(event, times, result), store.make.before)
    return Write(record, Outcome.READY, leftovers_of(record, (), facts, rules))


def decide_read(action: Reuse, data: Mapping[str, bytes | None]) -> Copy | None:
    """Return how to go on after the renditions were read; None if one of them has changed."""
    unchanged = {key: content for key, content in data.items() if content is not None}
    return Copy(action, unchanged) if len(unchanged) == len(data) else None


def decide_reused(
    action: Reuse, results: Mapping[str, PutResult], facts: Facts, rules: Rules
) -> Yield | Write:
    """Return how to go on after renditions were stored again, one result for each preset."""
    event, before = action.event, action.before
    if _has(list(results.values()), Placement.SKIPPED):
        return Yield(event)
    renditions = {
        preset: replace(made, bytes=results[preset].bytes)
        for preset, made in before.renditions.items()
    }
    after = same_bytes(event, before, rules.deployment.since)
    warnings = with_unknown_rule(before.warnings, event, rules)
    change = before.focus_change
    if event.focus is not None:
        focus = choose_focus(event, before, event.focus)
        warnings, change = with_invalid_focus(warnings, focus), focus.change
    record = replace(after, renditions=renditions, warnings=warnings, focus_change=change)
    return Write(record, Outcome.READY, leftovers_of(record, (), facts, rules))


def decide_yielded(
    event: ObjectEvent, before: ImageRecord | None, facts: Facts, rules: Rules
) -> Finish | TryLater | None:
    """Return how to yield to the writer of an object of higher precedence, which may yet be killed.

    `before` is the record when the facts were gathered the first time; None: they have changed, and
    have to be gathered again. A newer event has a message of its own, which is delivered again; for
    the same event under a newer deployment there is only this message.
    """
    now = facts.record
    if now and now.place >= event.sequencer and now != before:
        return None
    states = [state for state in facts.stored.values() if state]
    if any(state.precedence.sequencer > event.sequencer for state in states):
        return superseded(event, facts, rules)
    return TryLater("a newer deployment is at work on the same event")


def _has(results: Sequence[PutResult], placement: Placement) -> bool:
    return any(result.placement is placement for result in results)


def with_unknown_rule(warnings: Sequence[str], event: ObjectEvent, rules: Rules) -> tuple[str, ...]:
    """Return the warnings with UNKNOWN_RULE if the upload chose a rule that there is not."""
    others = tuple(warning for warning in warnings if warning != UNKNOWN_RULE)
    is_known = not event.rule or event.rule in rules.recipes.names
    return others if is_known else (*others, UNKNOWN_RULE)


def with_invalid_focus(warnings: Sequence[str], focus: ChosenFocus) -> tuple[str, ...]:
    """Return the warnings with INVALID_FOCUS if the object's metadata has no point of the image."""
    others = tuple(warning for warning in warnings if warning != INVALID_FOCUS)
    return others if focus.is_valid else (*others, INVALID_FOCUS)


def _result(
    rendered: Rendered,
    made: dict[str, StoredRendition],
    warnings: tuple[str, ...],
    focus: ChosenFocus,
) -> Result:
    return Result(
        original=_original(rendered.facts),
        renditions=made,
        placeholder=rendered.placeholder,
        colour=rendered.colour,
        warnings=warnings,
        focus=focus.focus,
        focus_change=focus.change,
    )


def _original(facts: ImageFacts) -> Original:
    return Original(
        bytes=facts.raw_bytes or facts.bytes,
        width=facts.width,
        height=facts.height,
        format=facts.raw_format or facts.format,
        frames=facts.frames,
        captured_at=facts.captured_at,
        camera=facts.camera,
        hdr=facts.hdr,
        lens=facts.lens,
        exposure_time_s=facts.exposure_time_s,
        f_number=facts.f_number,
        iso=facts.iso,
        focal_length_mm=facts.focal_length_mm,
    )


def _stored(made: Rendition, event: ObjectEvent, result: PutResult) -> StoredRendition:
    return StoredRendition(
        key=rendition_key(made.preset, event.key),
        bytes=result.bytes,
        width=made.width,
        height=made.height,
        format=made.format,
        hdr=made.hdr,
        quality=made.quality,
    )
