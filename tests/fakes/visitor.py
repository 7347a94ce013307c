"""A visitor that requests a variant: the protocol of TransformFunction, without its choices."""

from collections.abc import Callable
from dataclasses import dataclass

from imagemill.domain.clock import Clock
from imagemill.domain.image_request import ImageRequest
from imagemill.domain.record import ImageRecord, event_of, precedence_of
from imagemill.domain.rendition_metadata import Placement, RenditionMetadata
from imagemill.domain.stores import Originals, RecordReader, Renditions, VariantRegistry

# Returns the bytes of a variant, made from those of its original.
MakeVariant = Callable[[bytes, ImageRequest], bytes]


@dataclass(frozen=True)
class Visitor:
    """Registers a variant, reads the record, renders the variant and stores it."""

    records: RecordReader
    originals: Originals
    renditions: Renditions
    registry: VariantRegistry
    clock: Clock
    make: MakeVariant

    def visit(self, request: ImageRequest) -> bytes | None:
        """Return the variant; None if the image is not ready, or has changed meanwhile."""
        record = self.records.get(request.image_id)
        if record is None or record.status != "ready":
            return None
        self.register(request, record)
        record = self.records.get(request.image_id)
        if record is None or record.status != "ready":
            return None
        return self._stored(request, record) or self._made(request, record)

    def register(self, request: ImageRequest, record: ImageRecord) -> None:
        """Register the variant; another caller's lease changes nothing."""
        self.registry.acquire(request, record.sequencer, self.clock.now_s())

    def _stored(self, request: ImageRequest, record: ImageRecord) -> bytes | None:
        state = self.renditions.state(request.key)
        if state is None or state.is_removed or state.precedence != precedence_of(record):
            return None
        return self.renditions.read(request.key, state)

    def _made(self, request: ImageRequest, record: ImageRecord) -> bytes | None:
        original = self.originals.read(event_of(record))
        if original is None:
            return None
        return self.store(request, record, self.make(original, request))

    def store(self, request: ImageRequest, record: ImageRecord, data: bytes) -> bytes | None:
        """Store a variant and return it; None if an object of higher precedence is there."""
        metadata = RenditionMetadata(precedence_of(record), "image/jpeg", "inline")
        result = self.renditions.put(request.key, data, metadata, may_replace=True)
        return None if result.placement is Placement.SKIPPED else data
