"""Uploads in parts: only their owner continues them, and only complete ones become originals."""

import base64
import hashlib
from dataclasses import replace

import pytest
from fakes.multipart import FakePartUploads
from fakes.stores import FakeRecords, StoppedClock

from imagemill.api.multipart import (
    BegunMultipart,
    MultipartDeps,
    abort,
    arrived_parts,
    begin,
    complete,
    presign_parts,
)
from imagemill.api.upload import UploadDeps, UploadSpec
from imagemill.domain.caller import EVERYTHING, OWN_IMAGES, Caller, owning
from imagemill.domain.event import UploadChoices
from imagemill.domain.upload_parts import PART_BYTES, StoredPart, missing_parts, part_sizes
from imagemill.errors import Gone, InvalidRequest, NotFound, TooManyBytes

ADMIN = Caller("key:k", EVERYTHING)
OWNER, OTHER = owning("user:a", OWN_IMAGES), owning("user:b", OWN_IMAGES)
CHECKSUM = base64.b64encode(hashlib.sha256(b"").digest()).decode()
BYTES = 2 * PART_BYTES + 5
MAX_BYTES = 3 * PART_BYTES


class Site:
    """The records and the uploads of a stack, with one upload that has begun."""

    def __init__(self) -> None:
        self.records, self.uploads = FakeRecords(), FakePartUploads()
        self.deps = MultipartDeps(self.records, self.uploads)
        self.begun = self.begin(BYTES)
        self.image, self.id = self.begun.record.id, self.begun.upload

    def begin(self, size: int) -> BegunMultipart:
        deps = UploadDeps(self.records, NoBucket(), StoppedClock(), MAX_BYTES, len)
        spec = UploadSpec("a.jpg", "image/jpeg", size, OWNER.owner, UploadChoices())
        return begin(spec, f"token{size}", deps, self.uploads)

    def send(self, *parts: StoredPart) -> None:
        self.uploads.begun[self.begun.record.key, self.id] += parts


class NoBucket:
    """A bucket that gets no file from the API."""

    def upload(self, key: str, *_: object) -> None:
        raise AssertionError(key)

    def delete(self, key: str) -> None:
        raise AssertionError(key)


def part(number: int, size: int = PART_BYTES) -> StoredPart:
    return StoredPart(number, size, "etag", CHECKSUM)


ALL = (part(1), part(2), part(3, 5))


def test_an_upload_begins_with_a_pending_record() -> None:
    site = Site()

    record = site.records.items[site.image]
    assert (record.status, record.owner) == ("pending", OWNER.owner)
    assert record.original is not None
    assert record.original.bytes == BYTES
    assert site.id.endswith("image/jpeg-")


def test_a_file_over_the_limit_of_the_pipeline_begins_no_upload() -> None:
    site = Site()

    with pytest.raises(TooManyBytes):
        site.begin(MAX_BYTES + 1)

    assert len(site.uploads.begun) == 1
    assert len(site.records.items) == 1


def test_a_part_may_only_have_its_size_and_its_checksum() -> None:
    site = Site()

    found = presign_parts(site.image, site.id, {3: CHECKSUM, 1: "x"}, site.deps, OWNER)

    assert [(one.number, dict(one.headers)) for one in found] == [
        (3, {"length": "5", "sha256": CHECKSUM}),
        (1, {"length": str(PART_BYTES), "sha256": "x"}),
    ]
    assert site.id in found[0].url


def test_a_part_beyond_the_end_gets_no_url() -> None:
    site = Site()

    with pytest.raises(InvalidRequest, match="up to 3, got 4"):
        presign_parts(site.image, site.id, {1: CHECKSUM, 4: CHECKSUM}, site.deps, OWNER)


def test_the_parts_that_have_arrived_are_listed() -> None:
    site = Site()
    site.send(ALL[1])

    assert arrived_parts(site.image, site.id, site.deps, ADMIN) == [ALL[1]]


@pytest.mark.parametrize(
    ("sent", "missing"),
    [
        ((), "3 are missing: 1, 2, 3"),
        ((ALL[0], ALL[2]), "1 are missing: 2"),
        ((ALL[0], ALL[1], part(3, 6)), "1 are missing: 3"),
        ((ALL[0], part(2, 9), ALL[2]), "1 are missing: 2"),
    ],
)
def test_an_incomplete_upload_becomes_no_original(
    sent: tuple[StoredPart, ...], missing: str
) -> None:
    site = Site()
    site.send(*sent)

    with pytest.raises(InvalidRequest, match=missing):
        complete(site.image, site.id, site.deps, OWNER)

    assert site.uploads.versions == {}


def test_a_complete_upload_becomes_the_original_once() -> None:
    site = Site()
    site.send(*ALL)

    ends = [complete(site.image, site.id, site.deps, OWNER) for _ in range(2)]

    assert [(record.id, version.etag) for record, version in ends] == [(site.image, "e-3")] * 2
    assert site.uploads.versions.keys() == {site.begun.record.key}


def test_an_aborted_upload_cannot_be_continued() -> None:
    site = Site()
    site.send(*ALL)

    for _ in range(2):
        assert abort(site.image, site.id, site.deps, OWNER).id == site.image

    with pytest.raises(NotFound, match="no such upload"):
        arrived_parts(site.image, site.id, site.deps, OWNER)
    with pytest.raises(NotFound, match="no such upload"):
        complete(site.image, site.id, site.deps, OWNER)


def test_an_image_that_was_processed_takes_no_more_parts() -> None:
    site = Site()
    site.records.items[site.image] = replace(site.begun.record, status="ready")

    with pytest.raises(NotFound, match="no such upload"):
        presign_parts(site.image, site.id, {1: CHECKSUM}, site.deps, OWNER)


def test_the_upload_of_another_owner_is_not_found() -> None:
    site = Site()
    site.send(*ALL)

    with pytest.raises(NotFound, match="no image"):
        presign_parts(site.image, site.id, {1: CHECKSUM}, site.deps, OTHER)
    with pytest.raises(NotFound, match="no image"):
        arrived_parts(site.image, site.id, site.deps, OTHER)
    with pytest.raises(NotFound, match="no image"):
        complete(site.image, site.id, site.deps, OTHER)
    with pytest.raises(NotFound, match="no image"):
        abort(site.image, site.id, site.deps, OTHER)
    assert site.uploads.begun[site.begun.record.key, site.id] == [*ALL]


def test_the_upload_of_a_deleted_image_is_gone() -> None:
    site = Site()
    site.records.items[site.image] = replace(site.begun.record, status="deleted")

    with pytest.raises(Gone):
        complete(site.image, site.id, site.deps, OWNER)


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        (1, [1]),
        (PART_BYTES, [PART_BYTES]),
        (PART_BYTES + 1, [PART_BYTES, 1]),
        (BYTES, [PART_BYTES, PART_BYTES, 5]),
    ],
)
def test_every_part_but_the_last_has_the_same_size(size: int, sizes: list[int]) -> None:
    assert part_sizes(size) == sizes
    assert missing_parts(size, []) == list(range(1, len(sizes) + 1))


def test_the_largest_file_of_a_stack_needs_one_request_for_its_urls() -> None:
    assert len(part_sizes(524_288_000)) == 63
