"""The steps of archiving an original, over a bucket in memory."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import sha256

import pytest
from fakes.cloud import ready_record
from fakes.events import removed
from fakes.stores import FakeRecords

from imagemill.archive.archive_original import Result, archive_original
from imagemill.archive.deps import ArchiveDeps, StoredOriginal
from imagemill.archive.unpack_original import unpack_original
from imagemill.domain.event import PackedJpeg
from imagemill.domain.keys import unpacked_key
from imagemill.domain.record import Archived, ImageRecord, Original
from imagemill.domain.transitions import deleted
from imagemill.errors import Gone, NotReady

JPEG, PACKED = b"j" * 100, b"p" * 80
SHA256 = sha256(JPEG).hexdigest()
RECORD = replace(ready_record("a.jpg"), etag="e", original=Original(100, 4, 3, "jpeg", 1))
HELD = Archived(80, "p", SHA256, "v1", "2026-05-04T10:20:30.123Z", "02")
ARCHIVED = replace(RECORD, version_id="v2", archived=HELD)
STORED = StoredOriginal("v1", "e", {"content-type": "image/jpeg"})


@dataclass
class Bucket:
    """The bucket of originals; `found` is the current object."""

    found: StoredOriginal | None = STORED
    versions: dict[str, bytes] = field(default_factory=lambda: {"v1": JPEG, "v2": PACKED})
    stored: list[tuple[bytes, PackedJpeg]] = field(default_factory=list)
    deleted: list[str] = field(default_factory=list)
    accepts: bool = True

    def find(self, key: str) -> StoredOriginal | None:
        assert key == "a.jpg"
        return self.found

    def read(self, key: str, found: StoredOriginal) -> bytes | None:
        assert key == "a.jpg"
        return self.versions.get(found.version_id)

    def replace(self, key: str, found: StoredOriginal, data: bytes, packs: PackedJpeg) -> bool:
        assert (key, found) == ("a.jpg", self.found)
        self.stored += [(data, packs)] if self.accepts else []
        return self.accepts

    def delete_version(self, key: str, version_id: str) -> bool:
        assert key == "a.jpg"
        self.deleted += [version_id] if self.accepts else []
        return self.accepts


@dataclass
class Unpacked:
    """The unpacked originals in the processed bucket; `then` is called after a write."""

    objects: dict[str, bytes] = field(default_factory=dict)
    then: Callable[[], None] = lambda: None

    def store(self, key: str, jpeg: bytes) -> None:
        self.objects[key] = jpeg
        self.then()

    def remove_all(self, image_id: str) -> None:
        prefix = unpacked_key(image_id, "")
        self.objects = {key: one for key, one in self.objects.items() if prefix not in key}


class Bench:
    """The dependencies of archiving, all fakes, for a record and its JPEG."""

    def __init__(
        self, record: ImageRecord | None, bucket: Bucket, packed: bytes | None = PACKED
    ) -> None:
        self.records = FakeRecords({record.id: record} if record else {})
        self.unpacked = Unpacked()
        self.deps = ArchiveDeps(
            records=self.records,
            originals=bucket,
            unpacked=self.unpacked,
            pack=lambda jpeg: packed if jpeg == JPEG else None,
            unpack=lambda data, digest: JPEG if (data, digest) == (PACKED, SHA256) else None,
            max_bytes=100,
        )


def deps(record: ImageRecord | None, bucket: Bucket, packed: bytes | None = PACKED) -> ArchiveDeps:
    return Bench(record, bucket, packed).deps


def gone() -> ImageRecord:
    """Return the tombstone of the image."""
    return deleted(removed(), 0)


def test_the_packed_object_replaces_the_jpeg_and_names_it() -> None:
    bucket = Bucket()

    result = archive_original(RECORD.id, deps(RECORD, bucket))

    assert result is Result.PACKED
    assert bucket.stored == [(PACKED, PackedJpeg("e", 100, SHA256, "v1"))]
    assert bucket.deleted == []


@pytest.mark.parametrize(
    "record",
    [
        None,
        replace(RECORD, status="rejected"),
        replace(RECORD, status="pending"),
        replace(RECORD, original=None),
        replace(RECORD, original=Original(100, 4, 3, "png", 1)),
        replace(RECORD, original=Original(101, 4, 3, "jpeg", 1)),
        replace(RECORD, version_id=""),
        replace(RECORD, version_id="null"),
        replace(RECORD, etag="other"),
        replace(ARCHIVED, archived=replace(HELD, replaces="")),
        replace(ARCHIVED, archived=replace(HELD, replaces="null")),
        replace(ARCHIVED, archived=replace(HELD, replaces="v2")),
    ],
)
def test_of_another_image_nothing_is_written(record: ImageRecord | None) -> None:
    bucket = Bucket()
    version = record.version_id if record else "v1"
    bucket.found = replace(STORED, version_id=version)

    result = archive_original(RECORD.id, deps(record, bucket))

    assert (result, bucket.stored, bucket.deleted) == (Result.NOTHING, [], [])


@pytest.mark.parametrize(
    "found",
    [
        None,
        replace(STORED, version_id="v9"),
        replace(STORED, headers={"content-encoding": "gzip"}),
        replace(STORED, headers={"x-amz-storage-class": "GLACIER"}),
        replace(STORED, headers={"x-amz-object-lock-mode": "COMPLIANCE"}),
        replace(STORED, headers={"x-amz-restore": "ongoing"}),
        replace(STORED, headers={"x-amz-missing-meta": "1"}),
        replace(STORED, headers={"x-amz-meta-imagemill-jpeg": "e 1 2"}),
        replace(STORED, headers={"x-amz-server-side-encryption-customer-algorithm": "AES256"}),
    ],
)
def test_an_object_that_cannot_have_another_form_stays(found: StoredOriginal | None) -> None:
    bucket = Bucket(found)

    assert archive_original(RECORD.id, deps(RECORD, bucket)) is Result.NOTHING
    assert bucket.stored == []


@pytest.mark.parametrize("packed", [None, b"p" * 96, JPEG])
def test_a_jpeg_that_does_not_come_back_or_saves_too_little_stays(packed: bytes | None) -> None:
    bucket = Bucket()

    assert archive_original(RECORD.id, deps(RECORD, bucket, packed)) is Result.KEPT
    assert bucket.stored == []


def test_an_object_with_other_metadata_since_then_is_not_replaced() -> None:
    bucket = Bucket()

    def pack(_: bytes) -> bytes:
        bucket.found = replace(STORED, headers={"x-amz-meta-focus": "0.5,0.5"})
        return PACKED

    result = archive_original(RECORD.id, replace(deps(RECORD, bucket), pack=pack))

    assert (result, bucket.stored) == (Result.NOTHING, [])


def test_a_write_that_s3_refuses_leaves_the_jpeg() -> None:
    assert archive_original(RECORD.id, deps(RECORD, Bucket(accepts=False))) is Result.KEPT


def test_the_jpeg_is_deleted_after_the_record_names_the_object_that_holds_it() -> None:
    bucket = Bucket(StoredOriginal("v2", "p", {}))

    result = archive_original(ARCHIVED.id, deps(ARCHIVED, bucket))

    assert (result, bucket.deleted) == (Result.DELETED, ["v1"])


@pytest.mark.parametrize("found", [None, STORED, StoredOriginal("v3", "p", {})])
def test_the_jpeg_stays_unless_the_object_that_holds_it_is_the_current_one(
    found: StoredOriginal | None,
) -> None:
    bucket = Bucket(found)

    result = archive_original(ARCHIVED.id, deps(ARCHIVED, bucket))

    assert (result, bucket.deleted) == (Result.NOTHING, [])


@pytest.mark.parametrize(
    ("versions", "result"),
    [
        ({"v1": b"other", "v2": PACKED}, Result.KEPT),
        ({"v1": JPEG, "v2": b"other"}, Result.KEPT),
        ({"v2": PACKED}, Result.NOTHING),
        ({"v1": JPEG}, Result.NOTHING),
    ],
)
def test_a_version_that_the_archived_original_does_not_hold_is_not_deleted(
    versions: dict[str, bytes], result: Result
) -> None:
    bucket = Bucket(StoredOriginal("v2", "p", {}), versions)

    assert archive_original(ARCHIVED.id, deps(ARCHIVED, bucket)) is result
    assert bucket.deleted == []


def test_a_locked_version_stays() -> None:
    bucket = Bucket(StoredOriginal("v2", "p", {}), accepts=False)

    assert archive_original(ARCHIVED.id, deps(ARCHIVED, bucket)) is Result.KEPT


def test_an_archived_original_is_unpacked_for_a_download() -> None:
    made = Bench(ARCHIVED, Bucket(versions={"v2": PACKED}))

    key = unpack_original(ARCHIVED.id, made.deps)

    assert key == f"~o/{ARCHIVED.id}/{SHA256}"
    assert made.unpacked.objects == {key: JPEG}


@pytest.mark.parametrize(
    ("record", "versions"),
    [(None, {}), (RECORD, {"v1": JPEG}), (ARCHIVED, {}), (ARCHIVED, {"v2": b"other"})],
)
def test_an_original_that_is_not_archived_or_has_changed_is_not_ready(
    record: ImageRecord | None, versions: dict[str, bytes]
) -> None:
    made = Bench(record, Bucket(versions=versions))

    with pytest.raises(NotReady):
        unpack_original(RECORD.id, made.deps)
    assert made.unpacked.objects == {}


def test_an_image_that_is_deleted_meanwhile_leaves_no_unpacked_original() -> None:
    made = Bench(ARCHIVED, Bucket(versions={"v2": PACKED}))
    made.unpacked.then = lambda: made.records.items.update({ARCHIVED.id: gone()})

    with pytest.raises(Gone):
        unpack_original(ARCHIVED.id, made.deps)

    assert made.unpacked.objects == {}


def test_the_unpacked_original_of_a_deleted_image_is_removed() -> None:
    made = Bench(gone(), Bucket())
    made.unpacked.objects = {unpacked_key(ARCHIVED.id, SHA256): JPEG, "~o/other/1": JPEG}

    result = archive_original(ARCHIVED.id, made.deps)

    assert (result, set(made.unpacked.objects)) == (Result.DELETED, {"~o/other/1"})
