"""Apply an action: read, render, store, write the record, announce, clean up.

Each method makes the calls of one action. A pure function of `pipeline.decide_result` decides how
to go on with their results.
"""

from dataclasses import field, replace
from functools import partial

from imagemill.dataclass import dataclass
from imagemill.domain.event import Focus, ObjectEvent
from imagemill.domain.keys import inline_disposition, rendition_filename, rendition_key
from imagemill.domain.object_version import uploaded_bytes
from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.record_focus import choose_focus
from imagemill.domain.rendition_metadata import (
    Placement,
    PutResult,
    RenditionMetadata,
    StoredState,
)
from imagemill.domain.transitions import AttemptTimes, in_progress
from imagemill.errors import Crashed, ImageRejected, OriginalUnreadable, Throttled, TooManyBytes
from imagemill.imaging import Rendered
from imagemill.pipeline import decide_result
from imagemill.pipeline.actions import (
    Action,
    Cleanup,
    Copy,
    Finish,
    GiveUp,
    KeepOrFail,
    LookInstead,
    Make,
    Reuse,
    Step,
    Store,
    TryLater,
    Write,
    WritePending,
    Yield,
)
from imagemill.pipeline.deps import PipelineDeps
from imagemill.pipeline.endings import superseded
from imagemill.pipeline.facts import Facts, Rules
from imagemill.pipeline.outcome import Outcome
from imagemill.pipeline.telemetry import Stage, StageTimer

# Most actions that follow from one another, and one more than the longest series that there is:
# write pending, make, store, write pending, store, yield or write, finish, with Make twice when it
# is the last attempt.
MAX_STEPS = 10
_WRITTEN = {Placement.CREATED, Placement.REPLACED}


@dataclass(slots=True)
class Applier:
    """Carries out the actions of one attempt at one task; its fields are the progress so far."""

    deps: PipelineDeps
    rules: Rules
    attempt: int
    timer: StageTimer
    event: ObjectEvent | None = None
    """The event that renditions are being made for."""
    has_stored: bool = False
    first: ImageRecord | None = None
    """The record that the latest action has written, if nothing was stored for the image before."""
    is_created: bool = False
    """Whether no key of the latest action's renditions had an object before."""
    facts: Facts = field(init=False)
    """The facts of the action that is being applied."""

    def apply(self, action: Action, facts: Facts) -> Outcome | None:
        """Carry out an action and those that follow from its result.

        None: another worker has written meanwhile, and the facts have to be gathered again.
        """
        self.facts, self.first, self.is_created = facts, None, False
        step: Step | Outcome | None = action
        for _ in range(MAX_STEPS):
            if step is None or isinstance(step, Outcome):
                return step
            step = self._carry_out(step)
        return None

    def _carry_out(  # noqa: C901, PLR0911, PLR0912  # a case for each action
        self, step: Step
    ) -> Step | Outcome | None:
        match step:
            case Make(is_last=True, is_pending=False):
                return WritePending(step)
            case Make():
                return self._make(step)
            case WritePending():
                return self._write_pending(step)
            case Store():
                return self._store(step)
            case KeepOrFail():
                return self._keep_or_fail(step)
            case Reuse():
                return self._read_all(step)
            case Copy():
                return self._copy(step)
            case Yield():
                return self._yield(step)
            case Write():
                return self._write(step)
            case Finish():
                return self._finish(step)
            case GiveUp():
                self._give_up(step)
                return None
            case TryLater():
                raise Throttled(step.why)
            case LookInstead():
                return None

    def _write_pending(self, step: WritePending) -> Make | Store | None:
        """Write a record in progress."""
        make = step.then.make if isinstance(step.then, Store) else step.then
        self.event = make.event
        record = in_progress(make.event, make.before, self.attempt, self.facts.now)
        if not self._put_record(record):
            return None
        self.facts = replace(self.facts, record=record)
        pending = replace(make, before=record, is_pending=True)
        return replace(step.then, make=pending) if isinstance(step.then, Store) else pending

    def _make(self, make: Make) -> Step:
        """Download and render."""
        event = self.event = make.event
        started_ms = self.timer.busy_ms()
        try:
            made = self._rendered(make, started_ms)
        except ImageRejected as fault:
            why = Fault(fault.code, str(fault))
        except OriginalUnreadable as fault:
            return KeepOrFail(make, Fault(fault.code, str(fault)))
        else:
            return made or superseded(event, self.facts, self.rules)
        times = self._times(event, started_ms)
        return decide_result.decide_rejected(make, why, times, self.facts, self.rules)

    def _rendered(self, make: Make, started_ms: int) -> Step | None:
        """Download and render an original around its focal point; None if its bytes are gone.

        A file over the limit is never fetched. Of a file that cannot be an image, only as much is
        fetched as is needed to tell.
        """
        deps, timer, max_bytes = self.deps, self.timer, self.deps.limits.max_bytes
        event = make.event
        if event.bytes > max_bytes:
            raise TooManyBytes(f"expected at most {max_bytes} bytes, got {event.bytes}")
        size = max(event.bytes, event.uploaded.bytes)
        # While its parts are joined, a file is in memory twice.
        with deps.limiter.file_slot(2 * size, timer.waiting()) as slot:
            with timer.stage(Stage.DOWNLOAD):
                file = deps.originals.fetch(event, deps.limits.check_beginning)
            slot.shrink(size)
            if file is None:
                return None
            timer.metrics.bytes_in += len(file.data)
            make = replace(make, event=replace(event, packs=file.packs or event.packs))
            focus = choose_focus(make.event, make.before, file.focus)
            made = self._render(make, file.data, focus.focus)
            return decide_result.decide_rendered(*made, started_ms, focus)

    def _render(self, make: Make, data: bytes, focus: Focus | None) -> tuple[Make, Rendered]:
        deps, timer = self.deps, self.timer
        recipe = self.rules.recipe_of(make.event).around(focus.point if focus else None)
        with deps.limiter.render_slot(timer.waiting()), timer.stage(Stage.RENDER):
            event, data = uploaded_bytes(make.event, data, deps.unpack)
            rendered = deps.render(data, recipe, deps.limits, deps.limiter.render_timeout_s())
        timer.metrics.sandbox = rendered.sandbox
        timer.metrics.compiled += rendered.compiled
        return replace(make, event=event), rendered

    def _store(self, step: Store) -> Step:
        """Store every rendition."""
        make, results = step.make, []
        precedence = self.rules.precedence(make.event)
        may_replace = decide_result.may_replace(make)
        for made in step.rendered.renditions:
            name = rendition_filename(make.event.filename, made.format)
            metadata = RenditionMetadata(precedence, made.content_type, inline_disposition(name))
            key = rendition_key(made.preset, make.event.key)
            results.append(self._put(key, made.data, metadata, may_replace=may_replace))
        placements = {one.placement for one in results}
        self.is_created = placements == {Placement.CREATED}
        times = self._times(make.event, step.started_ms)
        return decide_result.decide_stored(step, results, times, self.facts, self.rules)

    def _put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        with self.timer.stage(Stage.UPLOAD):
            result = self.deps.renditions.put(key, data, metadata, may_replace=may_replace)
        self.has_stored = True
        if result.placement in _WRITTEN:
            self.timer.metrics.bytes_out += len(data)
            self.timer.metrics.renditions += 1
        return result

    def _keep_or_fail(self, step: KeepOrFail) -> Step | None:
        """Look at the renditions that may stay."""
        keys = decide_result.reads_for_unreadable(step.make)
        states = self._states(sorted(keys))
        return decide_result.decide_unreadable(step, states, self.facts, self.rules)

    def _read_all(self, step: Reuse) -> Copy | None:
        """Read the renditions that a newer event keeps."""
        self.event, data = step.event, {}
        for key, state in step.stored.items():
            with self.timer.stage(Stage.UPLOAD):
                data[key] = self.deps.renditions.read(key, state)
        return decide_result.decide_read(step, data)

    def _copy(self, step: Copy) -> Step:
        """Store the same renditions again for the newer event."""
        event, before = step.reuse.event, step.reuse.before
        precedence = replace(self.rules.precedence(event), recipe=before.recipe or "")
        results = {}
        for preset, made in before.renditions.items():
            name = rendition_filename(event.filename, made.format)
            metadata = RenditionMetadata(
                precedence, f"image/{made.format}", inline_disposition(name)
            )
            results[preset] = self._put(made.key, step.data[made.key], metadata, may_replace=True)
        return decide_result.decide_reused(step.reuse, results, self.facts, self.rules)

    def _yield(self, step: Yield) -> Step | None:
        """Read the record and the renditions again, to find out which writer has stored them."""
        with self.timer.stage(Stage.RECORD):
            record = self.deps.records.get(step.event.id)
        presets = self.rules.recipe_of(step.event).presets
        keys = [rendition_key(preset.name, step.event.key) for preset in presets]
        now = replace(self.facts, record=record, stored=self._states(keys))
        return decide_result.decide_yielded(step.event, self.facts.record, now, self.rules)

    def _write(self, step: Write) -> Finish | None:
        """Write the record before the cleanup: from then on no record lists the closed keys."""
        if not self._put_record(step.record):
            return None
        return Finish(step.outcome, step.record, step.cleanup)

    def _finish(self, step: Finish) -> Outcome:
        """Announce and clean up; for a duplicate, too: the first attempt may have been killed."""
        if step.announce:
            self.deps.announce(step.announce)
        self._clean_up(step.cleanup)
        return step.outcome

    def _give_up(self, step: GiveUp) -> None:
        """Record and announce the failure, and raise Crashed, unless another worker was faster."""
        if step.write and not self._put_record(step.write):
            return
        if step.announce:
            self.deps.announce(step.announce)
        self._clean_up(step.cleanup)
        raise Crashed(step.why)

    def _clean_up(self, cleanup: Cleanup) -> None:
        """Close rendition keys, and those of variants in the bucket or in the registry.

        The record was written before. So a caller that registers a variant after this search reads
        the new record, and stores no variant of the old one.
        """
        for key in cleanup.keys:
            with self.timer.stage(Stage.UPLOAD):
                self.deps.renditions.remove(key, cleanup.up_to)
        stale, variants = cleanup.variants, self.deps.variants
        if stale and variants:
            remove = partial(self.deps.renditions.remove, up_to=stale.up_to)
            with self.timer.stage(Stage.UPLOAD):
                self.deps.for_each(remove, sorted(variants.of_image(stale.image_id)))

    def _put_record(self, record: ImageRecord) -> bool:
        with self.timer.stage(Stage.RECORD):
            is_written = self.deps.records.put(record)
        if is_written and self.is_created and self.facts.record is None:
            self.first = record
        return is_written

    def _states(self, keys: list[str]) -> dict[str, StoredState | None]:
        """Return the state of each key."""
        states = {}
        for key in keys:
            with self.timer.stage(Stage.UPLOAD):
                states[key] = self.deps.renditions.state(key)
        return states

    def _times(self, event: ObjectEvent, started_ms: int) -> AttemptTimes:
        return AttemptTimes(
            recipe=self.rules.recipe_of(event).hash,
            deployed_at=self.rules.deployment.since,
            attempts=self.attempt,
            processed_at=self.deps.clock.now(),
            processing_ms=self.timer.busy_ms() - started_ms,
        )
