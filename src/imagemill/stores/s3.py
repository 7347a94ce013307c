"""The two buckets: originals, which we read, and renditions, which we alone write."""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.keys import is_folder_marker
from imagemill.catalog.sequence import OLDEST
from imagemill.catalog.stamp import Placed, Stamp
from imagemill.catalog.version import ObjectVersion
from imagemill.errors import Throttled
from imagemill.stores.faults import CONFLICTS, MISSING, error_code, refusals, translated

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3.client import S3Client

_WHATEVER: Mapping[str, Any] = MappingProxyType({})
Look = Callable[[bytes], object]
_LARGE_BYTES = 1 << 20
"""From this size on a connection that is broken off costs less than the rest of a file."""
_BEGINNING_BYTES = 4_096
_SEQUENCER = "sequencer"
_RECIPE = "recipe"
_MAX_RACES = 8
"""How often a conditional write is tried again; each loss means another writer has moved on."""


def _unseen(_: bytes) -> None:
    """Take a file whatever it begins with."""


class OriginalsBucket:
    """Implements `workflows.workshop.Originals` and takes uploads."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, event: ObjectEvent, look: Look = _unseen) -> bytes | None:
        """Return the bytes of the very version the event announced; None if it is gone.

        `look` is shown the beginning of a large file; if it raises, the rest is never fetched.
        """
        exactly: dict[str, Any] = {}
        if event.version_id:
            exactly["VersionId"] = event.version_id
        elif event.etag:
            exactly["IfMatch"] = event.etag
        is_large = event.bytes > _LARGE_BYTES
        return downloaded(
            self._client, self._bucket, event.key, exactly, look if is_large else _unseen
        )

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
        if is_folder_marker(key, head["ContentLength"]):
            return None
        return ObjectEvent(
            change=Change.CREATED,
            key=key,
            sequencer=OLDEST,
            happened_at=head["LastModified"].strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            version_id=head.get("VersionId", ""),
            etag=head["ETag"].strip('"'),
            bytes=head["ContentLength"],
        )

    def upload(self, key: str, data: bytes, content_type: str) -> None:
        """Store an original; the bucket's event does the rest."""
        with translated("the originals bucket"):
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=data, ContentType=content_type
            )

    def upload_file(self, key: str, path: Path, content_type: str) -> ObjectVersion:
        """Store a file of up to 5 GB without loading it, and return what it is known by."""
        with translated("the originals bucket"), path.open("rb") as body:
            answer = self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType=content_type
            )
        return ObjectVersion(answer.get("VersionId", ""), answer["ETag"].strip('"'))

    def download(self, key: str) -> bytes | None:
        """Return the bytes under the key now; None if there are none."""
        return downloaded(self._client, self._bucket, key)

    def delete(self, key: str) -> None:
        """Delete the original; its versions stay restorable as long as the bucket keeps them."""
        with translated("the originals bucket"):
            self._client.delete_object(Bucket=self._bucket, Key=key)


@dataclass(frozen=True, slots=True)
class _Standing:
    etag: str
    sequencer: str


class RenditionsBucket:
    """Implements `workflows.workshop.Renditions` with conditional writes."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, key: str, data: bytes, stamp: Stamp) -> Placed:
        """Store unless a newer event's rendition stands there.

        The first write asks that nothing stands there; only when something does is it looked at.
        Raises Throttled if others keep writing there.
        """
        condition: dict[str, Any] = {"IfNoneMatch": "*"}
        placed = Placed.ALONE
        for _ in range(_MAX_RACES):
            if self._try_put(key, data, stamp, condition):
                return placed
            standing = self._standing(key)
            if standing and standing.sequencer > stamp.sequencer:
                return Placed.YIELDED
            condition = {"IfMatch": standing.etag} if standing else {"IfNoneMatch": "*"}
            placed = Placed.OVER
        raise Throttled(f"{_MAX_RACES} others wrote {key} at the same time")

    def sequencer(self, key: str) -> str | None:
        """Return the event that what stands there was made from; None if nothing does."""
        standing = self._standing(key)
        return standing.sequencer if standing else None

    def discard(self, key: str, sequencer: str) -> bool:
        """Delete what this event or an older one stored under the key; True if anything was.

        Raises Throttled if others keep writing there.
        """
        for _ in range(_MAX_RACES):
            standing = self._standing(key)
            if standing is None or standing.sequencer > sequencer:
                return False
            if self._try_delete(key, standing.etag):
                return True
        raise Throttled(f"{_MAX_RACES} others wrote {key} at the same time")

    def download(self, key: str) -> bytes | None:
        """Return the bytes of a rendition; None if it is not there."""
        return downloaded(self._client, self._bucket, key)

    def _try_put(self, key: str, data: bytes, stamp: Stamp, condition: dict[str, Any]) -> bool:
        with translated("the processed bucket"):
            try:
                self._client.put_object(
                    Bucket=self._bucket,
                    Key=key,
                    Body=data,
                    ContentType=stamp.content_type,
                    ContentDisposition=stamp.disposition,
                    Metadata={_SEQUENCER: stamp.sequencer, _RECIPE: stamp.recipe},
                    **condition,
                )
            except refusals() as fault:
                if error_code(fault) in CONFLICTS | MISSING:
                    return False
                raise
        return True

    def _try_delete(self, key: str, etag: str) -> bool:
        with translated("the processed bucket"):
            try:
                self._client.delete_object(Bucket=self._bucket, Key=key, IfMatch=etag)
            except refusals() as fault:
                if error_code(fault) in CONFLICTS:
                    return False
                if error_code(fault) in MISSING:
                    return True
                raise
        return True

    def _standing(self, key: str) -> _Standing | None:
        with translated("the processed bucket"):
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=key)
            except refusals() as fault:
                if error_code(fault) in MISSING:
                    return None
                raise
        return _Standing(head["ETag"], head["Metadata"].get(_SEQUENCER, OLDEST))


def downloaded(
    client: "S3Client",
    bucket: str,
    key: str,
    exactly: Mapping[str, Any] = _WHATEVER,
    look: Look = _unseen,
) -> bytes | None:
    """Return the bytes of an object; None if it, or exactly this version of it, is not there."""
    with translated(f"the bucket {bucket}"):
        try:
            return _read(client.get_object(Bucket=bucket, Key=key, **exactly)["Body"], look)
        except refusals() as fault:
            if error_code(fault) in MISSING | CONFLICTS:
                return None
            raise


def _read(source: "StreamingBody", look: Look) -> bytes:
    with closing(source) as body:
        if look is _unseen:
            return body.read()
        beginning = body.read(_BEGINNING_BYTES)
        look(beginning)
        return b"".join((beginning, body.read()))
