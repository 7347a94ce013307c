"""A stack in memory for tests of the commands; uploads are processed at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from fakes.dead_letters import FakeDeadLetterQueue
from imagemill.api.focus import change_focus
from imagemill.api.folders import FolderDeps, FolderPage, FolderRequest, list_folder
from imagemill.api.look import LookDeps
from imagemill.api.move import MoveDeps, move_original
from imagemill.api.read import Page
from imagemill.api.reprocess import reprocess
from imagemill.api.search import search
from imagemill.api.shares import ShareDeps
from imagemill.domain.caller import EVERYTHING, Caller
from imagemill.domain.clock import SystemClock
from imagemill.domain.event import NO_CHOICES, Change, Focus, ObjectEvent, UploadChoices
from imagemill.domain.image_query import ImageQuery
from imagemill.domain.key_rules import KeyRules
from imagemill.domain.keys import filename_of, image_id, rendition_key
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.record import (
    Archived,
    Fault,
    ImageRecord,
    Original,
    Status,
    StoredRendition,
)
from imagemill.domain.sequencer import OLDEST
from imagemill.errors import StoreUnavailable
from imagemill.recipe_rules import DEFAULT_RULES
from imagemill.testing.folders import MemoryKeys
from imagemill.testing.index import MemoryIndex
from imagemill.testing.shares import FixedSecrets, MemoryShares
from imagemill.wiring.shares import random_digits
from imagemill.wiring.stack_shares import StackShares

if TYPE_CHECKING:
    from fakes.backfill import FakeBackfillStack

NOON = "2026-05-04T12:00:00.000Z"


def ready_record(key: str = "a.jpg", version_id: str = "v1", preset: str = "500") -> ImageRecord:
    """Return the record of an image of 1200 × 800 px with one rendition."""
    made = StoredRendition(rendition_key(preset, key), 20_000, 500, 333, "jpeg")
    return ImageRecord(
        id=image_id(key),
        key=key,
        filename=filename_of(key),
        status="ready",
        sequencer="01",
        uploaded_at=NOON,
        version_id=version_id,
        etag=f"etag of {version_id}",
        original=Original(300_000, 1200, 800, "jpeg", 1),
        renditions={preset: made},
        recipe="0123456789abcdef",
        colour="#aabbcc",
        attempts=1,
        processed_at=NOON,
        processing_ms=42,
    )


def archived_record(key: str = "a.jpg") -> ImageRecord:
    """Return the record of an image whose JPEG is archived, with a fifth of its bytes saved."""
    held = Archived(240_000, "p", "5" * 64, "v1", NOON, "02")
    return replace(ready_record(key), etag="e", version_id="v2", archived=held)


def rejected_record(key: str = "a.txt", version_id: str = "v1") -> ImageRecord:
    """Return the record of a file that is not an image."""
    return ImageRecord(
        id=image_id(key),
        key=key,
        filename=filename_of(key),
        status="rejected",
        sequencer="01",
        uploaded_at=NOON,
        version_id=version_id,
        etag=f"etag of {version_id}",
        original=Original(6),
        error=Fault("not_an_image", "the bytes are no image"),
        attempts=1,
        processed_at=NOON,
        processing_ms=3,
    )


def deleted_record(key: str = "a.jpg") -> ImageRecord:
    """Return a tombstone."""
    return ImageRecord(image_id(key), key, filename_of(key), "deleted", "02", NOON)


@dataclass
class FakeRecordTable:
    """The records table, which may change between two reads."""

    items: dict[str, ImageRecord] = field(default_factory=dict)
    later: list[ImageRecord] = field(default_factory=list)
    """Records that are added one by one, each after a read."""

    def add(self, record: ImageRecord) -> ImageRecord:
        self.items[record.id] = record
        return record

    def put(self, record: ImageRecord) -> bool:
        self.add(record)
        return True

    def get(self, image_id: str) -> ImageRecord | None:
        return self.items.get(image_id)

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        assert len(set(ids)) == len(ids), "BatchGetItem rejects duplicate keys"
        seen = {image: self.items[image] for image in ids if image in self.items}
        if self.later:
            self.add(self.later.pop(0))
        return seen

    def newest(
        self, limit: int, before: str | None = None, status: Status | None = None
    ) -> list[ImageRecord]:
        del before
        return [one for one in self.items.values() if status in (None, one.status)][:limit]


@dataclass
class FakeOriginals:
    """The originals bucket and an instant pipeline, which rejects keys that end in `.txt`."""

    table: FakeRecordTable
    objects: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    choices: dict[str, UploadChoices] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    is_down: bool = False
    is_idle: bool = False
    """Whether the pipeline is switched off."""

    def upload_file(
        self, key: str, path: Path, content_type: str, choices: UploadChoices = NO_CHOICES
    ) -> ObjectVersion:
        self.choices[key] = choices
        if self.is_down:
            raise StoreUnavailable("the originals bucket could not be reached")
        self.objects[key] = path.read_bytes()
        self.types[key] = content_type
        version_id = f"v{len(self.versions) + 2}"
        self.versions[key] = version_id
        make = rejected_record if key.endswith(".txt") else ready_record
        if not self.is_idle:
            self.table.add(make(key, version_id))
        return ObjectVersion(version_id, f"etag of {version_id}")

    def current(self, key: str) -> ObjectEvent | None:
        if key not in self.objects:
            return None
        version_id = self.versions.get(key, "v1")
        return ObjectEvent(
            Change.CREATED, key, OLDEST, NOON, version_id, f"etag of {version_id}", 1
        )

    def download(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def has(self, key: str) -> bool:
        return key in self.objects

    def copy(self, key: str, etag: str, target: str) -> bool:
        del etag
        self.objects[target] = self.objects[key]
        if not self.is_idle:
            self.table.later.append(ready_record(target))
        return True

    def delete_version(self, key: str, etag: str) -> None:
        del etag
        self.objects.pop(key)

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)
        if not self.is_idle:
            self.table.add(deleted_record(key))


@dataclass
class FakeBucket:
    """The renditions bucket, read only."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def download(self, key: str) -> bytes | None:
        return self.objects.get(key)


class NoQueue:
    """A queue whose messages go nowhere."""

    def send_later(self, message: str, delay_s: int) -> None:
        del message, delay_s


class FakeCloud:
    """Implements `cli.cloud.StackClient`."""

    def __init__(self, *records: ImageRecord) -> None:
        self.records = FakeRecordTable()
        self.feed = self.records
        self.originals = FakeOriginals(self.records)
        self.renditions = FakeBucket()
        self.dead_letters = FakeDeadLetterQueue()
        self.webhooks = FakeDeadLetterQueue()
        self.backfills: FakeBackfillStack | None = None
        self.rules: KeyRules | None = None
        self.made_shares = MemoryShares()
        self.gallery = "https://gallery.example/"
        for record in records:
            self.add(record)

    def webhook_dead_letters(self) -> FakeDeadLetterQueue:
        """Return the dead letters of the webhooks."""
        return self.webhooks

    def key_rules(self) -> KeyRules:
        """Return the rules of the stack for backfills, or the default ones."""
        return self.rules or KeyRules(DEFAULT_RULES)

    def change_focus(self, image: str, focus: Focus | None) -> ImageRecord:
        """Change the record; a worker applies it at the next read, unless it is switched off."""
        deps = LookDeps(self.records, NoQueue())
        changed = change_focus(image, focus, deps, Caller("", EVERYTHING))
        if changed.focus_change and not self.originals.is_idle:
            applied = replace(changed, sequencer=changed.focus_change.place, focus=focus)
            self.records.later.append(applied)
        return changed

    def reprocess(self, image: str) -> ImageRecord:
        """Ask for an image again; a worker makes it at the next read, unless it is switched off."""
        record = reprocess(image, LookDeps(self.records, NoQueue()), Caller("", EVERYTHING))
        if not self.originals.is_idle:
            again = replace(record, processed_at="2026-05-04T13:00:00.000Z")
            self.records.later.append(again)
        return record

    def move(self, image: str, folder: str) -> ImageRecord:
        """Move an image to a folder, and process it at once."""
        deps = MoveDeps(self.records, self.originals, SystemClock())
        return move_original(image, folder, deps, Caller("", EVERYTHING))

    def list_folder(self, request: FolderRequest) -> FolderPage:
        """Return a page of a folder of the originals."""
        return list_folder(
            request,
            FolderDeps(MemoryKeys(self.originals.objects), self.records),
            Caller("", EVERYTHING),
        )

    def search(self, limit: int, cursor: str | None, query: ImageQuery) -> Page:
        """Return a page of a search in the records."""
        index = MemoryIndex(self.records.items.values())
        return search(limit, cursor, query, index, Caller("", EVERYTHING))

    def shares(self) -> StackShares:
        """Return the share links, which are in memory."""
        deps = ShareDeps(
            self.made_shares, FixedSecrets(("present",)), self.records, SystemClock(), random_digits
        )
        return StackShares(deps, Caller("iam:me", EVERYTHING), self.gallery)

    def backfill(self) -> "FakeBackfillStack":
        """Return the stack for backfills that the test has set."""
        assert self.backfills is not None
        return self.backfills

    def add(self, record: ImageRecord) -> ImageRecord:
        """Store a record with its original and its renditions."""
        self.records.add(record)
        self.originals.objects[record.key] = b"original"
        for made in record.renditions.values():
            self.renditions.objects[made.key] = f"rendition {made.key}".encode()
        return record


@dataclass
class SteppingClock:
    """A clock that moves only in `pause`."""

    elapsed_ms: int = 0

    def now(self) -> str:
        return NOON

    def now_s(self) -> int:
        return 1_777_890_000

    def monotonic_ms(self) -> int:
        return self.elapsed_ms

    def pause(self, seconds: float) -> None:
        self.elapsed_ms += round(seconds * 1000)
