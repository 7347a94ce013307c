"""The two buckets: originals, which we read, and renditions, which we alone write."""

import hashlib
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.keys import is_folder_marker
from imagemill.catalog.sequence import OLDEST
from imagemill.catalog.stamp import (
    Placement,
    Precedence,
    PutResult,
    RenditionMetadata,
    StoredState,
)
from imagemill.catalog.version import ObjectVersion
from imagemill.errors import ImageRejected, Throttled
from imagemill.imaging.distinct import distinct
from imagemill.stores.faults import (
    CONFLICTS,
    MISSING,
    AnswerBroken,
    error_code,
    refusals,
    required,
    translated,
    unreadable,
)
from imagemill.stores.lean.checks import CheckedBody

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef

Look = Callable[[bytes], object]
_LARGE_BYTES = 1 << 20
"""From this size on a connection that is broken off costs less than the rest of a file."""
_BEGINNING_BYTES = 4_096
_REPLACEABLE = frozenset({"", "null"})
"""Ids of versions whose bytes may be replaced; null is the one of a bucket without versioning."""
_SEQUENCER = "sequencer"
_RECIPE = "recipe"
_DEPLOYED_AT = "deployed-at"
_FORMER = "former"
_REMOVED = "removed"
MARKER_TAG = "imagemill"
"""The tag of markers, which the bucket policy and the lifecycle rule in the template name."""
MARKER_VALUE = "removed"
MARKER_BYTES = 64
"""The size of every marker: a SHA-256 digest in hexadecimal digits."""
_MAX_FORMER = 16
"""How many ETags are remembered; S3 allows 2 KB of metadata. Beyond it every rendition differs."""
Distinct = Callable[[bytes, str], bytes]
"""Returns the same image in other bytes; takes its bytes and its media type."""
_GONE = CONFLICTS | {"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"}
"""Codes of GetObject, which are never a mere status: 404 without a code is not S3's answer."""
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

        `look` is shown the beginning of a large file. If it raises ImageRejected, the rest is only
        fetched where S3 tells a checksum, and never kept: a beginning that was damaged on the way
        is a fault of the network. Raises StoreUnavailable for bytes that are not those announced.
        """
        seen = look if event.bytes > _LARGE_BYTES else _unseen
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
        if is_folder_marker(key, head["ContentLength"]):
            return None
        modified = required(head, "LastModified", "the originals bucket")
        return ObjectEvent(
            change=Change.CREATED,
            key=key,
            sequencer=OLDEST,
            happened_at=modified.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            version_id=head.get("VersionId", ""),
            etag=required(head, "ETag", "the originals bucket").strip('"'),
            bytes=required(head, "ContentLength", "the originals bucket"),
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


class RenditionsBucket:
    """Implements `workflows.workshop.Renditions` with conditional writes.

    S3's conditions compare ETags. Whatever is stored here differs in ETag from everything that
    stood under its key before, so that a conditional write, however late it is applied, only ever
    replaces the object that its sender saw. ETags are MD5 digests for objects under SSE-S3; the
    marker of a removed rendition holds its precedence, and a rendition that repeats earlier bytes
    gets a comment (`imaging.distinct`).
    """

    def __init__(self, client: "S3Client", bucket: str, distinct: Distinct = distinct) -> None:
        self._client = client
        self._bucket = bucket
        self._distinct = distinct

    def put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        """Store unless something of higher precedence stands there.

        Without `may_replace` a rendition of another event is left, too.

        The first write asks that nothing stands there; only when something does is it looked at.
        Raises Throttled if others keep writing there.
        """
        state: StoredState | None = None
        for _ in range(_MAX_RACES):
            body = self._unlike_former(data, metadata.content_type, state)
            if self._try_put(key, body, _of_rendition(metadata, state), _if_unchanged(state)):
                return PutResult(Placement.REPLACED if state else Placement.CREATED, len(body))
            state = self.state(key)
            if state is None:
                continue
            placement = _yields(metadata.precedence, state, may_replace=may_replace)
            if placement:
                return PutResult(placement, state.bytes, state.precedence)
        raise Throttled(f"{_MAX_RACES} others wrote {key} at the same time")

    def state(self, key: str) -> StoredState | None:
        """Return what stands under the key; None if nothing does."""
        with translated("the processed bucket"):
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=key)
            except refusals() as fault:
                if error_code(fault) in MISSING:
                    return None
                raise
        return _state(head)

    def read(self, key: str, state: StoredState) -> bytes | None:
        """Return the bytes of the rendition in this state; None if it was changed meanwhile."""
        exactly, etag = {"IfMatch": state.etag}, state.etag.strip('"')
        with translated("the processed bucket"):
            return _fetched(self._client, (self._bucket, key), exactly, etag, _unseen)

    def remove(self, key: str, up_to: Precedence) -> bool:
        """Put a marker in place of what stands there, unless that is of higher precedence.

        A marker is put where nothing stands, too: while it is there, no late write of an older
        event can be applied. Readers are refused it by the bucket policy, and a lifecycle rule
        deletes it after a day, when every request that was signed before has lost its validity
        (15 minutes; "Authenticating Requests", Amazon S3 API reference). Return whether anything
        was written. Raises Throttled if others keep writing there.
        """
        for _ in range(_MAX_RACES):
            state = self.state(key)
            if state and (state.precedence > up_to or _is_closed(state, up_to)):
                return False
            body = hashlib.sha256(repr(up_to).encode()).hexdigest().encode()
            if self._try_put(key, body, _of_marker(up_to, state), _if_unchanged(state)):
                return True
        raise Throttled(f"{_MAX_RACES} others wrote {key} at the same time")

    def download(self, key: str) -> bytes | None:
        """Return the bytes of a rendition; None if it is not there."""
        state = self.state(key)
        return None if state is None or state.is_removed else self.read(key, state)

    def _unlike_former(self, data: bytes, content_type: str, state: StoredState | None) -> bytes:
        """Return bytes whose ETag never stood under the key."""
        former = {*state.former, state.etag} if state else set()
        is_full = state is not None and len(state.former) >= _MAX_FORMER
        return self._distinct(data, content_type) if is_full or _etag(data) in former else data

    def _try_put(
        self, key: str, data: bytes, headers: dict[str, Any], condition: dict[str, Any]
    ) -> bool:
        with translated("the processed bucket"):
            try:
                self._client.put_object(
                    Bucket=self._bucket, Key=key, Body=data, **headers, **condition
                )
            except refusals() as fault:
                if error_code(fault) in CONFLICTS | MISSING:
                    return False
                raise
        return True


def _yields(own: Precedence, state: StoredState, *, may_replace: bool) -> Placement | None:
    """Return why a rendition is not stored; None where it replaces what stands there."""
    if state.is_removed:
        return Placement.SKIPPED if state.precedence >= own else None
    if state.precedence > own:
        same = (state.precedence.sequencer, state.precedence.recipe) == (own.sequencer, own.recipe)
        return Placement.PRESENT if same else Placement.SKIPPED
    if state.precedence == own:
        return Placement.PRESENT
    is_other = state.precedence.sequencer != own.sequencer
    return Placement.OCCUPIED if is_other and not may_replace else None


def _is_closed(state: StoredState, up_to: Precedence) -> bool:
    return state.is_removed and state.precedence == up_to


def _if_unchanged(state: StoredState | None) -> dict[str, str]:
    return {"IfMatch": state.etag} if state else {"IfNoneMatch": "*"}


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def _of_rendition(metadata: RenditionMetadata, state: StoredState | None) -> dict[str, Any]:
    return {
        "ContentType": metadata.content_type,
        "ContentDisposition": metadata.disposition,
        "Metadata": _metadata(metadata.precedence, state),
    }


def _of_marker(precedence: Precedence, state: StoredState | None) -> dict[str, Any]:
    return {
        "ContentType": "text/plain",
        "Tagging": f"{MARKER_TAG}={MARKER_VALUE}",
        "Metadata": _metadata(precedence, state) | {_REMOVED: "1"},
    }


def _metadata(precedence: Precedence, state: StoredState | None) -> dict[str, str]:
    former = [*state.former, *([] if state.is_removed else [state.etag])] if state else []
    return {
        _SEQUENCER: precedence.sequencer,
        _RECIPE: precedence.recipe,
        _DEPLOYED_AT: str(precedence.deployed_at),
        **(
            {_FORMER: ",".join(etag.strip('"') for etag in former[-_MAX_FORMER:])} if former else {}
        ),
    }


def _state(head: Mapping[str, Any]) -> StoredState:
    metadata = head["Metadata"]
    former = metadata.get(_FORMER, "")
    return StoredState(
        etag=head["ETag"],
        precedence=Precedence(
            metadata.get(_SEQUENCER, OLDEST),
            int(metadata.get(_DEPLOYED_AT, "0")),
            metadata.get(_RECIPE, ""),
        ),
        bytes=head["ContentLength"],
        is_removed=_REMOVED in metadata,
        former=tuple(f'"{etag}"' for etag in former.split(",")) if former else (),
    )


def downloaded(
    client: "S3Client",
    bucket: str,
    key: str,
    event: ObjectEvent | None = None,
    look: Look = _unseen,
) -> bytes | None:
    """Return the bytes of an object; None if it, or the version of the event, is not there.

    Raises StoreUnavailable for a body of another length or checksum than announced, or of another
    ETag than the event's.
    """
    exactly, etag = _version_of(event) if event else ({}, "")
    with translated(f"the bucket {bucket}"):
        try:
            return _fetched(client, (bucket, key), exactly, etag, look)
        except refusals() as fault:
            raise (unreadable(fault) if event else fault) from fault


def _fetched(
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
            raise AnswerBroken("the object has another ETag than expected")
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
        raise AnswerBroken("the answer does not tell the object's length")
    source, headers = answer["Body"], answer["ResponseMetadata"]["HTTPHeaders"]
    return CheckedBody(source.read, source.close, answer["ContentLength"], headers)


def _read(body: CheckedBody, look: Look) -> bytes:
    if look is _unseen:
        return body.read()
    beginning = body.read(_BEGINNING_BYTES)
    try:
        look(beginning)
    except ImageRejected:
        body.verify()
        raise
    return b"".join((beginning, body.read()))
