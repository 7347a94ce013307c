"""Stores in memory that pass the same contract tests as the real ones."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from imagemill.domain.event import Change, ObjectEvent, PackedJpeg
from imagemill.domain.image_request import VARIANT_PREFIX, ImageRequest
from imagemill.domain.keys import is_folder_marker
from imagemill.domain.object_version import OriginalFile
from imagemill.domain.record import ImageRecord
from imagemill.domain.rendition_metadata import (
    Placement,
    Precedence,
    PutResult,
    RenditionMetadata,
    StoredState,
)

LARGE_BYTES = 1 << 20
# Seconds of a lease of a variant, as in the real registry.
LEASE_S = 30


@dataclass
class FakeRecords:
    """The records table; `calls` lists the billed requests."""

    items: dict[str, ImageRecord] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def get(self, image_id: str) -> ImageRecord | None:
        self.calls.append("get")
        return self.items.get(image_id)

    def put(self, record: ImageRecord) -> bool:
        self.calls.append("put")
        stored = self.items.get(record.id)
        if (stored.revision if stored else 0) != record.revision - 1:
            return False
        self.items[record.id] = record
        return True


@dataclass
class FakeOriginals:
    """The originals bucket with all versions."""

    versions: dict[tuple[str, str], bytes] = field(default_factory=dict)
    heads: dict[str, ObjectEvent] = field(default_factory=dict)
    rules: dict[tuple[str, str], str] = field(default_factory=dict)
    """The rule that the upload of each version chose."""
    focuses: dict[tuple[str, str], str] = field(default_factory=dict)
    """The focal point in the metadata of each version."""
    packs: dict[tuple[str, str], PackedJpeg | None] = field(default_factory=dict)
    """The JPEG in the metadata of each version."""
    calls: list[str] = field(default_factory=list)

    def add(self, event: ObjectEvent, data: bytes) -> ObjectEvent:
        """Store the object of an event, and return the event with the object's size."""
        event = replace(event, bytes=len(data))
        self.versions[event.key, event.version_id] = data
        self.rules[event.key, event.version_id] = event.rule
        self.focuses[event.key, event.version_id] = event.focus or ""
        self.packs[event.key, event.version_id] = event.packs
        self.heads[event.key] = event
        return event

    def read(self, event: ObjectEvent, check: Callable[[bytes], object] = bool) -> bytes | None:
        self.calls.append("read")
        data = self.versions.get((event.key, event.version_id))
        if data is not None and len(data) > LARGE_BYTES:
            check(data[:4_096])
        return data

    def read_into(
        self,
        event: ObjectEvent,
        allocate: Callable[[int], memoryview | None],
        check: Callable[[bytes], object] = bool,
    ) -> bytes | None:
        data = self.read(event, check)
        memory = None if data is None else allocate(len(data))
        if data is None or memory is None:
            return data
        memory[:] = data
        return b""

    def fetch(
        self, event: ObjectEvent, check: Callable[[bytes], object] = bool
    ) -> OriginalFile | None:
        data = self.read(event, check)
        focus = self.focuses.get((event.key, event.version_id), "")
        packs = self.packs.get((event.key, event.version_id))
        return None if data is None else OriginalFile(data, focus, packs)

    def with_choices(self, event: ObjectEvent) -> ObjectEvent:
        self.calls.append("with_choices")
        version = event.key, event.version_id
        return replace(
            event,
            rule=self.rules.get(version, ""),
            focus=self.focuses.get(version, ""),
            packs=self.packs.get(version),
        )

    def current(self, key: str) -> ObjectEvent | None:
        self.calls.append("current")
        head = self.heads.get(key)
        if head and is_folder_marker(key, head.bytes):
            return None
        return head and replace(head, sequencer="", change=Change.CREATED)


@dataclass
class FakeRenditions:
    """The processed bucket: renditions and markers of removed renditions, by key."""

    objects: dict[str, tuple[bytes, RenditionMetadata]] = field(default_factory=dict)
    markers: dict[str, Precedence] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        self.calls.append("put")
        own, stored = metadata.precedence, self._state(key)
        if stored and (stored.precedence > own or stored.precedence == own):
            same = (stored.precedence.sequencer, stored.precedence.recipe)
            is_present = not stored.is_removed and same == (own.sequencer, own.recipe)
            placement = Placement.PRESENT if is_present else Placement.SKIPPED
            return PutResult(placement, stored.bytes, stored.precedence)
        is_other = stored and stored.precedence.sequencer != own.sequencer
        if stored and is_other and not stored.is_removed and not may_replace:
            return PutResult(Placement.OCCUPIED, stored.bytes, stored.precedence)
        self.markers.pop(key, None)
        self.objects[key] = (data, metadata)
        return PutResult(Placement.REPLACED if stored else Placement.CREATED, len(data))

    def state(self, key: str) -> StoredState | None:
        self.calls.append("state")
        return self._state(key)

    def read(self, key: str, state: StoredState) -> bytes | None:
        self.calls.append("read")
        return self.objects[key][0] if self._state(key) == state else None

    def remove(self, key: str, up_to: Precedence) -> bool:
        self.calls.append("remove")
        stored = self._state(key)
        if stored and (stored.precedence > up_to or self.markers.get(key) == up_to):
            return False
        self.objects.pop(key, None)
        self.markers[key] = up_to
        return True

    def _state(self, key: str) -> StoredState | None:
        if key in self.markers:
            return StoredState("marker", self.markers[key], 64, is_removed=True)
        if key not in self.objects:
            return None
        data, metadata = self.objects[key]
        return StoredState(f"{data!r}", metadata.precedence, len(data))


@dataclass
class FakeVariantRegistry:
    """The registry of variants: for each key the sequencer, and the end of the lease."""

    leases: dict[str, tuple[str, int]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def acquire(
        self, request: ImageRequest, sequencer: str, now_s: int, lease_s: int = LEASE_S
    ) -> bool:
        self.calls.append("acquire")
        other, until_s = self.leases.get(request.key, ("", 0))
        if other == sequencer and until_s >= now_s:
            return False
        self.leases[request.key] = (sequencer, now_s + lease_s)
        return True

    def register(
        self, request: ImageRequest, sequencer: str, now_s: int, lease_s: int = LEASE_S
    ) -> bool:
        self.calls.append("register")
        lease = (sequencer, now_s + lease_s)
        # At once, for tests with threads.
        return self.leases.setdefault(request.key, lease) is lease

    def release(self, request: ImageRequest, sequencer: str, now_s: int) -> None:
        del now_s
        self.calls.append("release")
        self.leases[request.key] = (sequencer, 0)

    def registered(self, image_id: str) -> frozenset[str]:
        self.calls.append("registered")
        return frozenset(key for key in self.leases if key.split("/")[1] == image_id)


@dataclass
class FakeVariantKeys:
    """The keys of the variants in the processed bucket and in the registry."""

    renditions: FakeRenditions
    registry: FakeVariantRegistry = field(default_factory=FakeVariantRegistry)
    calls: list[str] = field(default_factory=list)

    def of_image(self, image_id: str) -> frozenset[str]:
        self.calls.append("of_image")
        stored = self.renditions.objects.keys() | self.renditions.markers.keys()
        prefix = f"{VARIANT_PREFIX}{image_id}/"
        found = frozenset(key for key in stored if key.startswith(prefix))
        return found | self.registry.registered(image_id)


class StoppedClock:
    """A clock that always shows the same time."""

    def now(self) -> str:
        return "2026-05-04T10:20:30.123Z"

    def now_s(self) -> int:
        return 1_777_890_030

    def monotonic_ms(self) -> int:
        return 7


class ManualClock(StoppedClock):
    """A clock whose milliseconds a test sets."""

    def __init__(self) -> None:
        self.ms = 0

    def monotonic_ms(self) -> int:
        return self.ms
