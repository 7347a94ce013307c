"""Uploads in parts: begin one, presign its parts, list them, complete it or abort it.

A client that was interrupted lists the parts that have arrived, and sends the others. Nothing is
kept but the pending record and the upload in S3: `upload` is the id that S3 gave it, and S3 accepts
it only with the key of the record.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from imagemill.api.read import read
from imagemill.api.upload import UploadDeps, UploadSpec, announced
from imagemill.dataclass import dataclass
from imagemill.domain.caller import Caller
from imagemill.domain.event import UploadChoices
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.record import ImageRecord
from imagemill.domain.stores import RecordReader
from imagemill.domain.upload_parts import PartRequest, StoredPart, missing_parts, part_sizes
from imagemill.errors import InvalidRequest, NotFound

# Most numbers of missing parts that an error names.
_MOST_NAMED = 10


class PartUploads(Protocol):
    """Uploads in parts to the bucket of originals."""

    def begin(self, key: str, content_type: str, choices: UploadChoices) -> str:
        """Begin an upload and return its id."""

    def presign(self, key: str, upload: str, part: StoredPart) -> PartRequest:
        """Return the request that sends a part of this size and checksum."""

    def parts(self, key: str, upload: str) -> list[StoredPart] | None:
        """Return the parts that have arrived; None if there is no such upload."""

    def complete(self, key: str, upload: str, parts: Sequence[StoredPart]) -> ObjectVersion | None:
        """Make the object of its parts; None if there is no such upload any more."""

    def abort(self, key: str, upload: str) -> None:
        """Remove the parts, unless the upload has ended."""

    def stored(self, key: str) -> ObjectVersion | None:
        """Return the version of the object under the key; None if there is none."""


@dataclass(frozen=True, slots=True)
class MultipartDeps:
    """The dependencies of uploads in parts."""

    records: RecordReader
    uploads: PartUploads


@dataclass(frozen=True, slots=True)
class BegunMultipart:
    """An upload that has begun: its pending record and its id."""

    record: ImageRecord
    upload: str


def begin(spec: UploadSpec, token: str, uploads: UploadDeps, parts: PartUploads) -> BegunMultipart:
    """Begin an upload and write its pending record; raises as `upload.announced`."""
    record = announced(spec, token, uploads)
    upload = parts.begin(record.key, spec.content_type, spec.choices)
    uploads.records.put(record)
    return BegunMultipart(record, upload)


def presign_parts(
    image: str, upload: str, checksums: Mapping[int, str], deps: MultipartDeps, caller: Caller
) -> list[PartRequest]:
    """Return the requests that send parts, by their numbers; raises NotFound, Gone, InvalidRequest.

    `checksums` has the SHA-256 of each in Base64.
    """
    record = _pending(image, deps, caller)
    sizes = part_sizes(_bytes_of(record))
    beyond = [number for number in checksums if number > len(sizes)]
    if beyond:
        raise InvalidRequest(f"parts: expected numbers up to {len(sizes)}, got {beyond[0]}")
    wanted = (
        StoredPart(number, sizes[number - 1], "", sha256) for number, sha256 in checksums.items()
    )
    return [deps.uploads.presign(record.key, upload, part) for part in wanted]


def arrived_parts(image: str, upload: str, deps: MultipartDeps, caller: Caller) -> list[StoredPart]:
    """Return the parts that have arrived; raises NotFound if there is no such upload, and Gone."""
    record = read(image, deps.records, caller)
    found = deps.uploads.parts(record.key, upload)
    if found is None:
        raise _unknown(image)
    return found


def complete(
    image: str, upload: str, deps: MultipartDeps, caller: Caller
) -> tuple[ImageRecord, ObjectVersion]:
    """Make the object of its parts, and return the record and the version.

    Calling it again returns them again. Raises NotFound if there is no such upload, Gone, and
    InvalidRequest if parts are missing.
    """
    record = read(image, deps.records, caller)
    found = deps.uploads.parts(record.key, upload)
    if found is not None:
        missing = missing_parts(_bytes_of(record), found)
        if missing:
            named = ", ".join(map(str, missing[:_MOST_NAMED]))
            raise InvalidRequest(f"expected all parts, {len(missing)} are missing: {named}")
    made = None if found is None else deps.uploads.complete(record.key, upload, found)
    # Without an upload, another request has completed it, or it was aborted.
    version = made or deps.uploads.stored(record.key)
    if version is None:
        raise _unknown(image)
    return record, version


def abort(image: str, upload: str, deps: MultipartDeps, caller: Caller) -> ImageRecord:
    """Remove the parts of an upload and return its record, which expires.

    Calling it again is safe. Raises NotFound if there is no such image, and Gone.
    """
    record = read(image, deps.records, caller)
    deps.uploads.abort(record.key, upload)
    return record


def _pending(image: str, deps: MultipartDeps, caller: Caller) -> ImageRecord:
    record = read(image, deps.records, caller)
    if record.status != "pending":
        raise _unknown(image)
    return record


def _bytes_of(record: ImageRecord) -> int:
    """Return the announced size of an image, bytes."""
    return record.original.bytes if record.original else 0


def _unknown(image: str) -> NotFound:
    return NotFound(f"there is no such upload of image {image}: it has ended, or never begun")
