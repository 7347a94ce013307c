"""The stores of the fake, in memory, for one worker that gets each event once and in order.

So a write never meets a newer one, and no marker is needed in place of a removed rendition.
"""

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import field, replace

from imagemill.dataclass import dataclass
from imagemill.domain.clock import SystemClock
from imagemill.domain.event import NO_CHOICES, Change, Focus, ObjectEvent, UploadChoices
from imagemill.domain.object_version import OriginalFile
from imagemill.domain.record import ImageRecord, Status
from imagemill.domain.rendition_metadata import (
    Placement,
    Precedence,
    PutResult,
    RenditionMetadata,
    StoredState,
)
from imagemill.domain.sequencer import canonical


class MemoryRecords:
    """Implements `domain.stores.Records` and `PagedFeed`, and `domain.folders.RecordLookup`."""

    def __init__(self) -> None:
        self._records: dict[str, ImageRecord] = {}

    def clear(self) -> None:
        """Forget all records."""
        self._records.clear()

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record; None if there is none."""
        return self._records.get(image_id)

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return the records of ids that exist."""
        return {one: self._records[one] for one in ids if one in self._records}

    def put(self, record: ImageRecord) -> bool:
        """Write a record's next revision; False if another request has written meanwhile."""
        stored = self._records.get(record.id)
        if record.revision != (stored.revision if stored else 0) + 1:
            return False
        self._records[record.id] = record
        return True

    def all(self) -> list[ImageRecord]:
        """Return all records."""
        return list(self._records.values())

    def page(
        self,
        limit: int,
        before: str | None = None,
        status: Status | None = None,
        owner: str | None = None,
    ) -> tuple[list[ImageRecord], str | None]:
        """Return up to `limit` records, newest first, and the position to continue from."""
        listed = {
            f"{one.uploaded_at}#{one.id}": one
            for one in list(self._records.values())
            if one.status == status or (status is None and one.status != "deleted")
        }
        found = [
            position
            for position in sorted(listed, reverse=True)
            if (before is None or position < before) and owner in {None, listed[position].owner}
        ]
        shown = [listed[position] for position in found[:limit]]
        return shown, found[limit - 1] if len(found) > limit else None


@dataclass(frozen=True, slots=True)
class _Original:
    event: ObjectEvent
    data: bytes
    focus: str


class MemoryOriginals:
    """Implements the stores of originals; `announce` gets the event of each change."""

    def __init__(self, announce: Callable[[ObjectEvent], None]) -> None:
        self._announce = announce
        self._objects: dict[str, _Original] = {}
        self._changes = 0

    def clear(self) -> None:
        """Forget all originals; nothing is announced."""
        self._objects.clear()

    def upload(
        self, key: str, data: bytes, content_type: str, choices: UploadChoices = NO_CHOICES
    ) -> None:
        """Store an original; its media type is not kept: URLs name one by the format."""
        del content_type
        focus = str(choices.focus) if choices.focus else ""
        event = replace(
            self._event(Change.CREATED, key),
            etag=hashlib.md5(data, usedforsecurity=False).hexdigest(),
            bytes=len(data),
            rule=choices.rule,
        )
        self._objects[key] = _Original(event, data, focus)
        self._announce(event)

    def delete(self, key: str) -> None:
        """Delete an original."""
        if self._objects.pop(key, None):
            self._announce(self._event(Change.HIDDEN, key))

    def has(self, key: str) -> bool:
        """Return whether there is an original under the key."""
        return key in self._objects

    def copy(self, key: str, etag: str, target: str) -> bool:
        """Copy an original with its choices; False if it has changed, or the target exists."""
        stored = self._objects.get(key)
        if stored is None or stored.event.etag != etag or target in self._objects:
            return False
        choices = UploadChoices(stored.event.rule, Focus.parse(stored.focus))
        self.upload(target, stored.data, "", choices)
        return True

    def delete_version(self, key: str, etag: str) -> None:
        """Delete an original, unless it has another ETag."""
        stored = self._objects.get(key)
        if stored and stored.event.etag == etag:
            self.delete(key)

    def read(self, event: ObjectEvent, check: Callable[[bytes], object] = bool) -> bytes | None:
        """Return the bytes of this version; None if it is no longer there."""
        del check
        stored = self._objects.get(event.key)
        return stored.data if stored and stored.event.version_id == event.version_id else None

    def fetch(
        self, event: ObjectEvent, check: Callable[[bytes], object] = bool
    ) -> OriginalFile | None:
        """Return the bytes as `read`, and the focal point."""
        data = self.read(event, check)
        return None if data is None else OriginalFile(data, self._objects[event.key].focus)

    def with_choices(self, event: ObjectEvent) -> ObjectEvent:
        """Return the event with the rule and the focal point of its upload."""
        stored = self._objects.get(event.key)
        return replace(event, rule=stored.event.rule, focus=stored.focus) if stored else event

    def current(self, key: str) -> ObjectEvent | None:
        """Return the object as an event without sequencer; None if there is none."""
        stored = self._objects.get(key)
        return replace(stored.event, sequencer="") if stored else None

    def bytes_of(self, key: str) -> bytes | None:
        """Return the bytes of the object; None if there is none."""
        stored = self._objects.get(key)
        return stored.data if stored else None

    def keys(self) -> list[str]:
        """Return the keys of all originals."""
        return list(self._objects)

    def _event(self, change: Change, key: str) -> ObjectEvent:
        self._changes += 1
        sequencer = canonical(f"{self._changes:016X}")
        return ObjectEvent(change, key, sequencer, SystemClock().now(), secrets.token_hex(16))


@dataclass(slots=True)
class MemoryRenditions:
    """Implements `domain.stores.Renditions`; `objects` are bytes and metadata, by key."""

    objects: dict[str, tuple[bytes, RenditionMetadata]] = field(default_factory=dict)

    def put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        """Store a rendition."""
        del may_replace
        placement = Placement.REPLACED if key in self.objects else Placement.CREATED
        self.objects[key] = (data, metadata)
        return PutResult(placement, len(data))

    def state(self, key: str) -> StoredState | None:
        """Return the state of a key; None if there is no object."""
        if key not in self.objects:
            return None
        data, metadata = self.objects[key]
        etag = hashlib.md5(data, usedforsecurity=False).hexdigest()
        return StoredState(f'"{etag}"', metadata.precedence, len(data))

    def read(self, key: str, state: StoredState) -> bytes | None:
        """Return the bytes of the rendition in this state."""
        return self.objects[key][0] if self.state(key) == state else None

    def remove(self, key: str, up_to: Precedence) -> bool:
        """Remove a rendition."""
        del up_to
        return self.objects.pop(key, None) is not None
