"""The bucket of originals, and how the bytes of an object are read."""

from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagemill.aws.errors import (
    CONFLICTS,
    MISSING,
    ResponseInvalid,
    error_code,
    refusals,
    required,
    translated,
    unreadable,
)
from imagemill.aws.light.checks import CheckedBody
from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.keys import is_folder_marker
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.sequencer import OLDEST
from imagemill.errors import ImageRejected

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

Look = Callable[[bytes], object]
_LARGE_BYTES = 1 << 20
"""From this size on a connection that is broken off costs less than the rest of a file."""
_BEGINNING_BYTES = 4_096
_REPLACEABLE = frozenset({"", "null"})
"""Ids of versions whose bytes may be replaced; null is the one of a bucket without versioning."""
_GONE = CONFLICTS | {"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"}
"""Codes of GetObject, which are never a mere status: 404 without a code is not S3's answer."""


def unseen(_: bytes) -> None:
    """Take a file whatever it begins with."""


class OriginalsBucket:
    """Implements `catalog.stores.Originals` and takes uploads."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, event: ObjectEvent, look: Look = unseen) -> bytes | None:
        """Return the bytes of the very version the event announced; None if it is gone.

        `look` is shown the beginning of a large file. If it raises ImageRejected, the rest is only
        fetched where S3 tells a checksum, and never kept: a beginning that was damaged on the way
        is a fault of the network. Raises StoreUnavailable for bytes that are not those announced.
        """
        seen = look if event.bytes > _LARGE_BYTES else unseen
        return downloaded(self._client, self._bucket, event.key, event, seen)

    def current(self, key: str) -> ObjectEvent | None:
        """Return what stands under the key now, as a creation without sequencer.

        The marker of a folder is nothing: it is no image.
        """
        with translated("the originals bucket"):
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=key)
            except refusals() as fault:
                if error_code(fault) in MISSING:
                    return None
                raise
        length = required(head, "ContentLength", "the originals bucket")
        if is_folder_marker(key, length):
            return None
        modified = required(head, "LastModified", "the originals bucket")
        return ObjectEvent(
            change=Change.CREATED,
            key=key,
            sequencer=OLDEST,
            happened_at=modified.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            version_id=head.get("VersionId", ""),
            etag=required(head, "ETag", "the originals bucket").strip('"'),
            bytes=length,
        )

    def upload(self, key: str, data: bytes, content_type: str) -> None:
        """Store an original; the bucket's event does the rest."""
        with translated("the originals bucket"):
            answer = self._client.put_object(
                Bucket=self._bucket, Key=key, Body=data, ContentType=content_type
            )
        required(answer, "ETag", "the originals bucket")

    def upload_file(self, key: str, path: Path, content_type: str) -> ObjectVersion:
        """Store a file of up to 5 GB without loading it, and return what it is known by."""
        with path.open("rb") as body, translated("the originals bucket"):
            answer = self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType=content_type
            )
        etag = required(answer, "ETag", "the originals bucket").strip('"')
        return ObjectVersion(answer.get("VersionId", ""), etag)

    def download(self, key: str) -> bytes | None:
        """Return the bytes under the key now; None if there are none."""
        return downloaded(self._client, self._bucket, key)

    def delete(self, key: str) -> None:
        """Delete the original; its versions stay restorable as long as the bucket keeps them."""
        with translated("the originals bucket"):
            self._client.delete_object(Bucket=self._bucket, Key=key)


def downloaded(
    client: "S3Client",
    bucket: str,
    key: str,
    event: ObjectEvent | None = None,
    look: Look = unseen,
) -> bytes | None:
    """Return the bytes of an object; None if it, or the version of the event, is not there.

    Raises StoreUnavailable for a body of another length or checksum than announced, or of another
    ETag than the event's.
    """
    exactly, etag = _version_of(event) if event else ({}, "")
    with translated(f"the bucket {bucket}"):
        try:
            return fetched(client, (bucket, key), exactly, etag, look)
        except refusals() as fault:
            raise (unreadable(fault) if event else fault) from fault


def fetched(
    client: "S3Client", place: tuple[str, str], exactly: Mapping[str, Any], etag: str, look: Look
) -> bytes | None:
    """Return the bytes of an object with this ETag, if one is given; None if it is not there."""
    try:
        bucket, key = place
        answer = client.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED", **exactly)
    except refusals() as fault:
        if error_code(fault) in _GONE:
            return None
        raise
    with closing(answer["Body"]):
        if etag and answer.get("ETag", "").strip('"') != etag:
            raise ResponseInvalid("the object has another ETag than expected")
        return _read(_checked(answer), look)


def _version_of(event: ObjectEvent) -> tuple[dict[str, Any], str]:
    """Return the parameters that ask for an event's version, and the ETag that it has."""
    exactly = {"VersionId": event.version_id} if event.version_id else {}
    if event.etag and event.version_id in _REPLACEABLE:
        exactly["IfMatch"] = event.etag
    return exactly, event.etag


def _checked(answer: "GetObjectOutputTypeDef") -> CheckedBody:
    """Return a body that is held to its length and checksum, as the resizer's client returns it."""
    body: object = answer["Body"]
    if isinstance(body, CheckedBody):
        return body
    if "ContentLength" not in answer:
        raise ResponseInvalid("the answer does not tell the object's length")
    source, headers = answer["Body"], answer["ResponseMetadata"]["HTTPHeaders"]
    return CheckedBody(source.read, source.close, answer["ContentLength"], headers)


def _read(body: CheckedBody, look: Look) -> bytes:
    if look is unseen:
        return body.read()
    beginning = body.read(_BEGINNING_BYTES)
    try:
        look(beginning)
    except ImageRejected:
        body.verify()
        raise
    return b"".join((beginning, body.read()))
