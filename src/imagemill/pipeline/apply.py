"""Apply an action: read, render, store, write the record, announce, clean up."""

from dataclasses import dataclass, replace

from imagemill.domain.event import ObjectEvent
from imagemill.domain.keys import inline_disposition, rendition_filename, rendition_key
from imagemill.domain.record import (
    AttemptTimes,
    Fault,
    ImageRecord,
    Original,
    Result,
    StoredRendition,
    in_progress,
    ready,
    rejected,
    same_bytes,
    succeeding,
)
from imagemill.domain.rendition_metadata import Placement, PutResult, RenditionMetadata
from imagemill.errors import Crashed, ImageRejected, OriginalUnreadable, Throttled, TooManyBytes
from imagemill.imaging import Facts as ImageFacts
from imagemill.imaging import Rendered, Rendition
from imagemill.imaging.sniff import sniff
from imagemill.pipeline.actions import (
    Action,
    Cleanup,
    Finish,
    GiveUp,
    LookInstead,
    Make,
    Restamp,
    Write,
)
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.endings import failure, leftovers_of, rejection_cleanup, superseded
from imagemill.pipeline.facts import (
    Facts,
    Rules,
    has_same_bytes,
    is_readable_elsewhere,
    whole_renditions,
)
from imagemill.pipeline.outcome import Outcome


@dataclass(slots=True)
class Applier:
    """Carries out the actions of one attempt at one task, and knows what it has done so far."""

    deps: PipelineDeps
    rules: Rules
    attempt: int
    event: ObjectEvent | None = None
    """What renditions are being made for."""
    has_stored: bool = False

    def apply(self, action: Action, facts: Facts) -> Outcome | None:
        """Carry out an action; None if another worker was faster and the facts have changed."""
        match action:
            case Make():
                return self._make(action, facts)
            case Restamp():
                return self._restamp(action, facts)
            case Write():
                return self.write(action)
            case Finish():
                return self._finish(action)
            case GiveUp():
                return self._give_up(action)
            case LookInstead():
                return None

    def _make(self, action: Make, facts: Facts) -> Outcome | None:
        event = self.event = action.event
        started = self.deps.clock.monotonic_ms()
        if action.is_last:
            marked = self._mark(event, action.before)
            if marked is None:
                return None
            action, facts = replace(action, before=marked), replace(facts, record=marked)
        try:
            rendered = self._render(event)
        except ImageRejected as fault:
            return self._reject(action, Fault(fault.code, str(fault)), started, facts)
        except OriginalUnreadable as fault:
            return self._keep_or_fail(action, Fault(fault.code, str(fault)), facts)
        if rendered is None:
            return self._finish(superseded(event, facts, self.rules))
        return self._store(action, rendered, started, facts)

    def _store(
        self, action: Make, rendered: Rendered, started: int, facts: Facts
    ) -> Outcome | None:
        """Store the renditions and write the record.

        Before a rendition of other bytes is replaced, the record says that the image is in
        progress: no reader may find a record `ready` whose renditions belong to two versions.
        """
        event, before = action.event, action.before
        keeps_bytes = before is not None and has_same_bytes(before, event)
        results = None
        if keeps_bytes or action.is_last or not action.replaces_version:
            may_replace = keeps_bytes or action.is_last
            results = self._store_all(event, rendered, may_replace=may_replace)
        if results is None or _has(results, Placement.OCCUPIED):
            before = self._mark(event, before)
            if before is None:
                return None
            results = self._store_all(event, rendered, may_replace=True)
        if _has(results, Placement.SKIPPED):
            return self._overtaken(event, facts)
        made = {
            one.preset: _stored(one, event, result)
            for one, result in zip(rendered.renditions, results, strict=True)
        }
        work = self._work(started)
        record = succeeding(_ready(event, work, rendered, made), before)
        return self.write(Write(record, Outcome.READY, leftovers_of(record, (), facts, self.rules)))

    def _render(self, event: ObjectEvent) -> Rendered | None:
        """Read and resize; None when the bytes are gone.

        Too large a file is never fetched, and what cannot be an image only as far as to tell.
        """
        limits = self.deps.limits
        if event.bytes > limits.max_bytes:
            raise TooManyBytes(f"expected at most {limits.max_bytes} bytes, got {event.bytes}")
        data = self.deps.originals.read(event, sniff)
        return None if data is None else self.deps.render(data, self.deps.recipe, limits)

    def _mark(self, event: ObjectEvent, before: ImageRecord | None) -> ImageRecord | None:
        """Write and return a record in progress; None if others have written meanwhile."""
        record = in_progress(event, before, self.attempt)
        return record if self.deps.records.put(record) else None

    def _store_all(
        self, event: ObjectEvent, rendered: Rendered, *, may_replace: bool
    ) -> list[PutResult]:
        results = []
        for made in rendered.renditions:
            name = rendition_filename(event.filename, made.format)
            metadata = RenditionMetadata(
                self.rules.precedence(event), made.content_type, inline_disposition(name)
            )
            key = rendition_key(made.preset, event.key)
            put = self.deps.renditions.put
            results.append(put(key, made.data, metadata, may_replace=may_replace))
            self.has_stored = True
        return results

    def _overtaken(self, event: ObjectEvent, facts: Facts) -> Outcome | None:
        """Yield to a newer event or deployment, which has stored something and may die yet.

        Its record may not be written. A newer event has a message of its own, which comes again;
        the same event under a newer deployment has only this message.
        """
        now = replace(facts, record=self.deps.records.get(event.id), has_stored=True)
        if now.record and now.record.sequencer >= event.sequencer and now.record != facts.record:
            return None
        keys = (rendition_key(preset.name, event.key) for preset in self.deps.recipe.presets)
        states = [state for key in keys if (state := self.deps.renditions.state(key))]
        if any(state.precedence.sequencer > event.sequencer for state in states):
            return self._finish(superseded(event, now, self.rules))
        raise Throttled("a newer deployment is at work on the same event")

    def _reject(self, action: Make, why: Fault, started: int, facts: Facts) -> Outcome | None:
        record = rejected(action.event, self._work(started), why, self.rules.judge)
        record = succeeding(record, action.before)
        cleanup = rejection_cleanup(record, facts, self.rules)
        return self.write(Write(record, Outcome.REJECTED, cleanup))

    def _keep_or_fail(self, action: Make, why: Fault, facts: Facts) -> Outcome | None:
        """Record that the original cannot be read; the renditions of the same bytes stay."""
        event, before = action.event, action.before
        if before is None or not is_readable_elsewhere(before, event):
            write = failure(event, why, facts, self.rules)
            return self.write(write) if write else None
        keys = [made.key for made in before.renditions.values()]
        found = {key: state for key in keys if (state := self.deps.renditions.state(key))}
        whole = whole_renditions(before, found)
        if whole is None or before.version_id == event.version_id:
            return self._finish(Finish(Outcome.FAILED))
        return self._restamp(Restamp(event, before, whole), facts)

    def _restamp(self, action: Restamp, facts: Facts) -> Outcome | None:
        """Store the same renditions again for the newer event, and let the record tell of it."""
        event, before = action.event, action.before
        self.event = event
        precedence = replace(self.rules.precedence(event), recipe=before.recipe or "")
        renditions = dict(before.renditions)
        for preset, made in before.renditions.items():
            state = action.stored.get(made.key)
            data = self.deps.renditions.read(made.key, state) if state else None
            if data is None:
                return None
            name = rendition_filename(event.filename, made.format)
            metadata = RenditionMetadata(
                precedence, f"image/{made.format}", inline_disposition(name)
            )
            result = self.deps.renditions.put(made.key, data, metadata, may_replace=True)
            self.has_stored = True
            if result.placement is Placement.SKIPPED:
                return self._overtaken(event, facts)
            renditions[preset] = replace(made, bytes=result.bytes)
        record = replace(
            same_bytes(event, before, self.rules.deployment.since), renditions=renditions
        )
        cleanup = leftovers_of(record, (), facts, self.rules)
        return self.write(Write(record, Outcome.READY, cleanup))

    def write(self, action: Write) -> Outcome | None:
        """Write the record first: from then on no other worker can list what is cleaned up."""
        if not self.deps.records.put(action.record):
            return None
        return self._finish(Finish(action.outcome, action.record, action.cleanup))

    def _finish(self, action: Finish) -> Outcome:
        """Announce and clean up; a duplicate, too, because the first try may have been cut off."""
        if action.announce:
            self.deps.announce(action.announce)
        self._close(action.cleanup)
        return action.outcome

    def _give_up(self, action: GiveUp) -> Outcome | None:
        if action.write and not self.deps.records.put(action.write):
            return None
        if action.announce:
            self.deps.announce(action.announce)
        self._close(action.cleanup)
        raise Crashed(action.why)

    def _close(self, cleanup: Cleanup) -> None:
        for key in cleanup.keys:
            self.deps.renditions.remove(key, cleanup.up_to)

    def _work(self, started_ms: int) -> AttemptTimes:
        return AttemptTimes(
            recipe=self.deps.recipe.hash,
            deployed_at=self.rules.deployment.since,
            attempts=self.attempt,
            processed_at=self.deps.clock.now(),
            processing_ms=self.deps.clock.monotonic_ms() - started_ms,
        )


def _has(results: list[PutResult], placement: Placement) -> bool:
    return any(result.placement is placement for result in results)


def _ready(
    event: ObjectEvent, work: AttemptTimes, rendered: Rendered, made: dict[str, StoredRendition]
) -> ImageRecord:
    return ready(
        event,
        work,
        Result(
            original=_original(rendered.facts),
            renditions=made,
            placeholder=rendered.placeholder,
            colour=rendered.colour,
            warnings=rendered.warnings,
        ),
    )


def _original(facts: ImageFacts) -> Original:
    return Original(
        bytes=facts.bytes,
        width=facts.width,
        height=facts.height,
        format=facts.format,
        frames=facts.frames,
        captured_at=facts.captured_at,
        camera=facts.camera,
    )


def _stored(made: Rendition, event: ObjectEvent, result: PutResult) -> StoredRendition:
    return StoredRendition(
        key=rendition_key(made.preset, event.key),
        bytes=result.bytes,
        width=made.width,
        height=made.height,
        format=made.format,
    )
