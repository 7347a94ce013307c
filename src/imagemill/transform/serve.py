"""Answer a request for a variant: gather facts, decide, apply, until there is an answer.

The order of the calls keeps variants true to their original. The variant is registered first, then
the record is read, then the variant is rendered and stored, on the condition that no object of
higher precedence has its key. A worker that deletes or overwrites the image writes the record
first, then closes the keys of all registered variants. So either the request sees the new record,
or the worker sees the registration and its marker is there before the variant.

A registration needs a record, too: the one of a request before this one, or one more read.

The source is read meanwhile, of the version that the record had before. It is used if the record
still has that version after the registration.
"""

from collections.abc import Mapping
from dataclasses import field, replace

from imagemill.dataclass import dataclass
from imagemill.domain.image_request import ImageRequest
from imagemill.domain.keys import inline_disposition, rendition_filename
from imagemill.domain.record import ImageRecord, event_of, precedence_of
from imagemill.domain.rendition_metadata import Placement, RenditionMetadata
from imagemill.errors import NotReady, Throttled, TooManyBytes
from imagemill.imaging import Rendition
from imagemill.imaging.shared_file import File
from imagemill.imaging.sniff import sniff
from imagemill.recipe import Recipe
from imagemill.requests.faults import UrlFault
from imagemill.transform.canonical import canonical_uris
from imagemill.transform.decide import (
    MAX_ANSWER_BYTES,
    Action,
    Facts,
    Make,
    Serve,
    Wait,
    check_region,
    decide,
    is_current,
    ready,
)
from imagemill.transform.deps import Share, TransformDeps
from imagemill.transform.early_source import Check, EarlySource
from imagemill.transform.read_original import read_original
from imagemill.transform.source import Source, source_of

# Pause before looking again for a variant that another request makes, s.
PAUSE_S = 0.2
# Most times that facts are gathered for one request: the pauses are 14 s together, longer than the
# longest rendering.
MAX_ROUNDS = 70
# Seconds after which another request may make the variant, too. Most are made before the first
# lease ends. The second is longer than the longest rendering, so that two at most run at once.
FIRST_LEASE_S, SECOND_LEASE_S = 2, 15
# Value of `Variant.source` besides `source.ORIGINAL` and names of presets.
STORED = "stored"


@dataclass(frozen=True, slots=True)
class Variant:
    """The answer to a request, and the record that it belongs to.

    `data` is None if the variant is stored and too large for an answer. `source` says where the
    bytes are from: `stored`, `original`, or the preset of the rendition that they were made from.
    `canonical` is as in `RenditionMetadata`. `is_immutable`: the request names the version.
    """

    record: ImageRecord
    source: str
    data: bytes | None = None
    content_type: str = ""
    disposition: str = ""
    canonical: Mapping[str, str] = field(default_factory=dict)
    is_immutable: bool = False


@dataclass(slots=True)
class Measurements:
    """Milliseconds and bytes of one request so far; `rounds` counts how often it looked.

    `sandbox` and `compiled` are those of `Rendered`.
    """

    rounds: int = 0
    render_ms: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    sandbox: str | None = None
    compiled: int = 0


@dataclass(slots=True)
class Server:
    """Gathers facts and carries out actions for one request."""

    request: ImageRequest
    deps: TransformDeps
    measured: Measurements = field(default_factory=Measurements)
    early: EarlySource | None = None
    """The source, if it is being read before it is known to be needed."""

    def serve(self) -> Variant:
        """Return the variant, made now if it is not stored.

        Raises RequestFault if the image is not ready, ImageRejected if the variant is beyond the
        limits, OriginalUnreadable if S3 denies the original, TransientFault for an error of the
        environment.
        """
        try:
            return self._serve()
        finally:
            self._cancel_early()

    def _serve(self) -> Variant:
        for _ in range(MAX_ROUNDS):
            facts = self._gather()
            answer = self._apply(decide(facts, self.request.preset, self.deps.recipes))
            if answer:
                return answer
        raise Throttled("another request did not make the variant in time")

    def _gather(self) -> Facts:
        lease_s = SECOND_LEASE_S if self.measured.rounds else FIRST_LEASE_S
        begun, is_new = self._begin(lease_s)
        has_lease = is_new or self.deps.registry.acquire(*self._terms(begun, lease_s))
        record = self._record() if has_lease else begun
        # S3 has just answered CloudFront that there is no variant, and no other request makes it.
        stored = None if is_new else self.deps.renditions.state(self.request.key)
        return Facts(has_lease, begun.sequencer, record, stored)

    def _begin(self, lease_s: int) -> tuple[ImageRecord, bool]:
        """Return the record to begin with, and whether the variant was registered with it just now.

        A record that was read for another request is good enough to register, because it is read
        again afterwards. With a former sequencer it could take the lease of another request.
        """
        is_first = not self.measured.rounds
        self.measured.rounds += 1
        known = self._known() if is_first else None
        if known and self._register(known, lease_s):
            return known, True
        record = self._record()
        if not self.request.names(record.version_id):
            # The answer to another version is the present image, which is stored without one.
            self.request = replace(self.request, version=None)
        check_region(self.request, record)
        return record, is_first and not known and self._register(record, lease_s)

    def _known(self) -> ImageRecord | None:
        """Return the record as read for another request, if this one can be answered by it."""
        request = self.request
        found = self.deps.recent.get(request.image_id, self.deps.clock.now_s())
        if found is None or (request.version and not request.names(found.version_id)):
            return None
        try:
            check_region(request, found)
        except UrlFault:
            return None
        return found

    def _record(self) -> ImageRecord:
        """Read the record, and keep it for other requests if it is ready."""
        deps, image_id = self.deps, self.request.image_id
        deps.recent.forget(image_id)
        record = ready(image_id, deps.records.get(image_id))
        deps.recent.keep(record, deps.clock.now_s())
        return record

    def _terms(self, record: ImageRecord, lease_s: int) -> tuple[ImageRequest, str, int, int]:
        return self.request, record.sequencer, self.deps.clock.now_s(), lease_s

    def _register(self, record: ImageRecord, lease_s: int) -> bool:
        """Register the variant while its source is read; False if it is registered already."""
        event = event_of(record)
        if event.bytes <= self.deps.max_early_bytes:
            source = source_of(record, self.request.preset, self.deps.recipes)
            self.early = EarlySource(
                event,
                source,
                lambda check, share: self._source(record, source, check, share),
                self.deps.limits.check_beginning,
                self.deps.share,
            )
        is_new = self.deps.registry.register(*self._terms(record, lease_s))
        if not is_new:
            # Probably another request makes the variant.
            self._cancel_early()
        return is_new

    def _cancel_early(self) -> None:
        if self.early:
            self.early.cancel()
        self.early = None

    def _apply(self, action: Action) -> Variant | None:
        """Carry out an action; None if the facts have to be gathered again."""
        match action:
            case Serve():
                return self._stored(action)
            case Make():
                return self._made(action)
            case Wait():
                self.deps.pause(PAUSE_S)
        return None

    def _stored(self, action: Serve) -> Variant | None:
        """Return the stored variant; None if it was replaced meanwhile."""
        if action.stored.bytes > MAX_ANSWER_BYTES:
            return Variant(action.record, STORED)
        data = self.deps.renditions.read(self.request.key, action.stored)
        if data is None:
            return None
        return self._answer(data, sniff(data), action.record, STORED)

    def _made(self, action: Make) -> Variant | None:
        """Render and store; None if the image was deleted or overwritten meanwhile."""
        try:
            made = self._rendered(action)
            return self._put(made, action)
        except Exception:
            # Other requests for the variant need not wait for this one.
            sequencer, now_s = action.record.sequencer, self.deps.clock.now_s()
            self.deps.registry.release(self.request, sequencer, now_s)
            raise

    def _rendered(self, action: Make) -> Rendition:
        deps, measured = self.deps, self.measured
        file = self._read(action)
        measured.bytes_in += len(file)
        started_ms = deps.clock.monotonic_ms()
        recipe, timeout_s = Recipe((action.source.preset,)), deps.render_timeout_s()
        rendered = deps.render(file, recipe, deps.limits, timeout_s)
        measured.render_ms += deps.clock.monotonic_ms() - started_ms
        measured.sandbox, measured.compiled = rendered.sandbox, rendered.compiled
        return rendered.renditions[0]

    def _read(self, action: Make) -> File:
        """Return the bytes of the source that were read early, if they are the right ones."""
        early, wanted = self.early, (event_of(action.record), action.source)
        if early and (early.event, early.source) == wanted:
            return early.result()
        self._cancel_early()
        check, share = self.deps.limits.check_beginning, self.deps.share
        return self._source(action.record, action.source, check, share)

    def _source(self, record: ImageRecord, source: Source, check: Check, share: Share) -> File:
        """Return the bytes of the rendition, or of the original if the rendition is not there."""
        if source.rendition:
            state = self.deps.renditions.state(source.rendition.key)
            current = state if state and is_current(state, record) else None
            data = current and self.deps.renditions.read(source.rendition.key, current)
            if data:
                return data
        event, max_bytes = event_of(record), self.deps.limits.max_bytes
        if event.bytes > max_bytes:
            raise TooManyBytes(f"expected at most {max_bytes} bytes, got {event.bytes}")
        file = read_original(event, self.deps, check, share)
        if file is None:
            raise NotReady(f"image {record.id} has changed and is being processed")
        return file

    def _put(self, made: Rendition, action: Make) -> Variant | None:
        """Store the variant and return it; None if an object of higher precedence is there."""
        variant = self._answer(made.data, made.format, action.record, action.source.name)
        metadata = RenditionMetadata(
            precedence_of(action.record),
            variant.content_type,
            variant.disposition,
            action.record.version_id,
            variant.canonical,
            variant.is_immutable,
        )
        result = self.deps.renditions.put(self.request.key, made.data, metadata, may_replace=True)
        if result.placement is Placement.SKIPPED:
            return None
        self.measured.bytes_out += len(made.data)
        is_large = len(made.data) > MAX_ANSWER_BYTES
        return Variant(action.record, action.source.name) if is_large else variant

    def _answer(self, data: bytes, to: str, record: ImageRecord, source: str) -> Variant:
        disposition = inline_disposition(rendition_filename(record.filename, to))
        canonical = canonical_uris(self.request, record)
        is_immutable = self.request.version is not None
        return Variant(record, source, data, f"image/{to}", disposition, canonical, is_immutable)
