"""The bucket of renditions, which only the resizer writes."""

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from imagemill.aws.buckets import fetched, unseen
from imagemill.aws.errors import CONFLICTS, MISSING, error_code, refusals, required, translated
from imagemill.domain.rendition_metadata import (
    Placement,
    Precedence,
    PutResult,
    RenditionMetadata,
    StoredState,
)
from imagemill.domain.sequencer import OLDEST
from imagemill.errors import Throttled
from imagemill.imaging.distinct import distinct

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

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
_MAX_RACES = 8
"""How often a conditional write is tried again; each loss means another writer has moved on."""


class RenditionsBucket:
    """Implements `catalog.stores.Renditions` with conditional writes.

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
            return fetched(self._client, (self._bucket, key), exactly, etag, unseen)

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
    metadata = required(head, "Metadata", "the processed bucket")
    former = metadata.get(_FORMER, "")
    return StoredState(
        etag=required(head, "ETag", "the processed bucket"),
        precedence=Precedence(
            metadata.get(_SEQUENCER, OLDEST),
            int(metadata.get(_DEPLOYED_AT, "0")),
            metadata.get(_RECIPE, ""),
        ),
        bytes=required(head, "ContentLength", "the processed bucket"),
        is_removed=_REMOVED in metadata,
        former=tuple(f'"{etag}"' for etag in former.split(",")) if former else (),
    )
