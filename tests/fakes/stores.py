"""Stores in memory, held by the contract suite to the same promises as the real ones."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.keys import is_folder_marker
from imagemill.catalog.record import ImageRecord
from imagemill.catalog.stamp import Placed, Stamp

LARGE_BYTES = 1 << 20


@dataclass
class FakeRecords:
    """The records table; `calls` counts what a bill would."""

    items: dict[str, ImageRecord] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def get(self, image_id: str) -> ImageRecord | None:
        self.calls.append("get")
        return self.items.get(image_id)

    def put(self, record: ImageRecord) -> bool:
        self.calls.append("put")
        standing = self.items.get(record.id)
        if (standing.revision if standing else 0) != record.revision - 1:
            return False
        self.items[record.id] = record
        return True


@dataclass
class FakeOriginals:
    """The originals bucket, every version of it."""

    versions: dict[tuple[str, str], bytes] = field(default_factory=dict)
    heads: dict[str, ObjectEvent] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def add(self, event: ObjectEvent, data: bytes) -> ObjectEvent:
        """Store what an event announces, and return the event with the right size."""
        event = replace(event, bytes=len(data))
        self.versions[event.key, event.version_id] = data
        self.heads[event.key] = event
        return event

    def read(self, event: ObjectEvent, look: Callable[[bytes], object] = bool) -> bytes | None:
        self.calls.append("read")
        data = self.versions.get((event.key, event.version_id))
        if data is not None and len(data) > LARGE_BYTES:
            look(data[:4_096])
        return data

    def current(self, key: str) -> ObjectEvent | None:
        self.calls.append("current")
        head = self.heads.get(key)
        if head and is_folder_marker(key, head.bytes):
            return None
        return head and replace(head, sequencer="", change=Change.CREATED)


@dataclass
class FakeRenditions:
    """The processed bucket."""

    objects: dict[str, tuple[bytes, Stamp]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)

    def put(self, key: str, data: bytes, stamp: Stamp) -> Placed:
        self.calls.append("put")
        standing = self.objects.get(key)
        if standing and standing[1].sequencer > stamp.sequencer:
            return Placed.YIELDED
        self.objects[key] = (data, stamp)
        return Placed.OVER if standing else Placed.ALONE

    def sequencer(self, key: str) -> str | None:
        self.calls.append("sequencer")
        standing = self.objects.get(key)
        return standing[1].sequencer if standing else None

    def discard(self, key: str, sequencer: str) -> bool:
        self.calls.append("discard")
        standing = self.objects.get(key)
        if standing is None or standing[1].sequencer > sequencer:
            return False
        del self.objects[key]
        return True


class StoppedClock:
    """A clock that always shows the same time."""

    def now(self) -> str:
        return "2026-05-04T10:20:30.123Z"

    def now_s(self) -> int:
        return 1_777_890_030

    def monotonic_ms(self) -> int:
        return 7
