"""The bucket of renditions and variants."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING

from imagemill.aws.buckets import fetched
from imagemill.aws.errors import (
    CONFLICTS,
    DENIED,
    MISSING,
    error_code,
    error_responses,
    required,
    translated,
)
from imagemill.domain.rendition_metadata import (
    IMMUTABLE,
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
    from imagemill.aws.object_clients import (
        BucketClient,
        HeadObjectResult,
        ObjectClient,
        PutObjectParams,
    )

_STORE = "the processed bucket"
# Names in the metadata of a rendition.
_SEQUENCER = "sequencer"
_RECIPE = "recipe"
_DEPLOYED_AT = "deployed-at"
_FORMER = "former"
_REMOVED = "removed"
# CloudFront compares it with the version that a URL names.
_VERSION = "version"
# CloudFront makes links of them; the version of the API follows.
_CANONICAL = "iiif-"
# The tag of markers. The bucket policy and the lifecycle rule in the template name it.
MARKER_TAG = "imagemill"
MARKER_VALUE = "removed"
# Size of every marker in bytes: a SHA-256 digest in hexadecimal digits.
MARKER_BYTES = 64
# Kinds of encryption under which the ETag is not the MD5 of the bytes: aws:kms and aws:kms:dsse.
_KMS = "aws:kms"
# Later than every precedence of S3 and of reconciliations: they begin with a hexadecimal digit or a
# dot.
_HIGHEST = Precedence("~")
# ETags that are remembered: S3 allows 2 KB of metadata. Beyond it every rendition gets a comment.
_MAX_FORMER = 16
# Returns the same image in other bytes; takes its bytes and its media type.
Distinct = Callable[[bytes, str], bytes]
# Attempts of a conditional write. Each lost race means that another writer was successful.
_MAX_RACES = 8


class RenditionsBucket:
    """Implements `domain.stores.Renditions` with conditional writes.

    S3's conditions compare ETags. Every object that is stored here differs in its ETag from all
    objects before it under the same key. So a conditional write replaces only the object that its
    sender has seen, no matter how late S3 applies it. The ETag of an object under SSE-S3 is the MD5
    of its bytes: a marker of a removed rendition contains its precedence, and a rendition that
    repeats earlier bytes gets a comment (`imaging.distinct`). Under SSE-KMS the MD5 is unknown, so
    every rendition that replaces an object gets one.
    """

    def __init__(self, client: "ObjectClient", bucket: str, distinct: Distinct = distinct) -> None:
        self._client = client
        self._bucket = bucket
        self._distinct = distinct

    def put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        """Store a rendition unless an object of higher precedence is there.

        Without `may_replace` a rendition of another event is kept, too. The first write requires
        that there is no object; the object there is looked at only if that fails. Raises Throttled
        after eight lost races.
        """
        state: StoredState | None = None
        for _ in range(_MAX_RACES):
            body = self._unlike_former(data, metadata.content_type, state)
            params = self._params(key, body, metadata.precedence, state, _for_readers(metadata))
            params["ContentType"] = metadata.content_type
            params["ContentDisposition"] = metadata.disposition
            if metadata.is_immutable:
                params["CacheControl"] = IMMUTABLE
            if self._try_put(params):
                return PutResult(Placement.REPLACED if state else Placement.CREATED, len(body))
            state = self.state(key)
            if state is None:
                continue
            placement = _reason_to_keep(metadata.precedence, state, may_replace=may_replace)
            if placement:
                return PutResult(placement, state.bytes, state.precedence)
        raise Throttled(f"{_MAX_RACES} others wrote {key} at the same time")

    def state(self, key: str) -> StoredState | None:
        """Return the state of the object under the key; None if there is none."""
        with translated(_STORE):
            return self._head(key)

    def read(self, key: str, state: StoredState) -> bytes | None:
        """Return the bytes of the rendition in this state; None if it has changed since."""
        condition, etag = {"IfMatch": state.etag}, state.etag.strip('"')
        with translated(_STORE):
            return fetched(self._client, (self._bucket, key), condition, etag)

    def remove(self, key: str, up_to: Precedence) -> bool:
        """Replace the object by a marker, unless the object has a higher precedence.

        A marker is also put where there is no object: while it is there, S3 cannot apply a late
        write of an older event. The bucket policy hides markers from readers, and a lifecycle rule
        deletes them after a day. By then all requests signed before have expired (15 minutes;
        "Authenticating Requests", Amazon S3 API reference). Return whether a marker was written.
        Raises Throttled after eight lost races.
        """
        for _ in range(_MAX_RACES):
            state = self.state(key)
            if state and (state.precedence > up_to or _is_marker_of(state, up_to)):
                return False
            body = hashlib.sha256(repr(up_to).encode()).hexdigest().encode()
            params = self._params(key, body, up_to, state, {_REMOVED: "1"})
            params["ContentType"] = "text/plain"
            params["Tagging"] = f"{MARKER_TAG}={MARKER_VALUE}"
            if self._try_put(params):
                return True
        raise Throttled(f"{_MAX_RACES} others wrote {key} at the same time")

    def download(self, key: str) -> bytes | None:
        """Return the bytes of a rendition; None if there is none."""
        state = self.state(key)
        return None if state is None or state.is_removed else self.read(key, state)

    def _head(self, key: str) -> StoredState | None:
        try:
            head = self._client.head_object(Bucket=self._bucket, Key=key)
        except error_responses() as fault:
            if error_code(fault) in MISSING:
                return None
            raise
        return _state(head)

    def _unlike_former(self, data: bytes, content_type: str, state: StoredState | None) -> bytes:
        """Return bytes with an ETag that no object under the key has had.

        Bytes that were never stored there have one, under every kind of encryption.
        """
        if state is None:
            return data
        is_unknown = len(state.former) >= _MAX_FORMER or not state.has_md5
        if is_unknown or _etag(data) in {*state.former, state.etag}:
            return self._distinct(data, content_type)
        return data

    def _params(
        self,
        key: str,
        body: bytes,
        precedence: Precedence,
        state: StoredState | None,
        metadata: dict[str, str] | None = None,
    ) -> "PutObjectParams":
        """Return the parameters of a write on the condition that the state has not changed."""
        params: PutObjectParams = {
            "Bucket": self._bucket,
            "Key": key,
            "Body": body,
            "Metadata": _metadata(precedence, state) | (metadata or {}),
        }
        if state:
            params["IfMatch"] = state.etag
        else:
            params["IfNoneMatch"] = "*"
        return params

    def _try_put(self, params: "PutObjectParams") -> bool:
        with translated(_STORE):
            try:
                self._client.put_object(**params)
            except error_responses() as fault:
                if error_code(fault) in CONFLICTS | MISSING:
                    return False
                raise
        return True


def _for_readers(metadata: RenditionMetadata) -> dict[str, str]:
    """Return the entries that CloudFront reads."""
    version = {_VERSION: metadata.version} if metadata.version else {}
    return version | {_CANONICAL + api: uri for api, uri in metadata.canonical.items()}


class CommandRenditionsBucket(RenditionsBucket):
    """The bucket of renditions for the commands, from which its policy hides markers.

    S3 answers 403 for the state of a marker. Its tag is not hidden, so one more request tells it
    from an object that the credentials may not read.
    """

    def __init__(self, client: "BucketClient", bucket: str) -> None:
        super().__init__(client, bucket)
        self._tags_client = client

    def state(self, key: str) -> StoredState | None:
        """Return the state of the object under the key; None if there is none.

        A marker has the highest precedence then, because its own is not known: a command never
        replaces it.
        """
        with translated(_STORE):
            try:
                return self._head(key)
            except error_responses() as fault:
                if error_code(fault) in DENIED and self._is_marker(key):
                    return StoredState("", _HIGHEST, MARKER_BYTES, is_removed=True)
                raise

    def _is_marker(self, key: str) -> bool:
        try:
            tags = self._tags_client.get_object_tagging(Bucket=self._bucket, Key=key)
        except error_responses() as fault:
            if error_code(fault) in MISSING:
                return False
            raise
        found = {tag.get("Key"): tag.get("Value") for tag in tags.get("TagSet", [])}
        return found.get(MARKER_TAG) == MARKER_VALUE


def _reason_to_keep(own: Precedence, state: StoredState, *, may_replace: bool) -> Placement | None:
    """Return why a rendition is not stored; None if it replaces the object there."""
    if state.is_removed:
        return Placement.SKIPPED if state.precedence >= own else None
    if state.precedence > own:
        same = (state.precedence.sequencer, state.precedence.recipe) == (own.sequencer, own.recipe)
        return Placement.PRESENT if same else Placement.SKIPPED
    if state.precedence == own:
        return Placement.PRESENT
    is_other = state.precedence.sequencer != own.sequencer
    return Placement.OCCUPIED if is_other and not may_replace else None


def _is_marker_of(state: StoredState, precedence: Precedence) -> bool:
    return state.is_removed and state.precedence == precedence


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


def _metadata(precedence: Precedence, state: StoredState | None) -> dict[str, str]:
    former = [*state.former, *([] if state.is_removed else [state.etag])] if state else []
    etags = ",".join(etag.strip('"') for etag in former[-_MAX_FORMER:])
    return {
        _SEQUENCER: precedence.sequencer,
        _RECIPE: precedence.recipe,
        _DEPLOYED_AT: str(precedence.deployed_at),
        **({_FORMER: etags} if former else {}),
    }


def _state(head: "HeadObjectResult") -> StoredState:
    metadata = required(head.get("Metadata"), "Metadata", _STORE)
    former = metadata.get(_FORMER, "")
    return StoredState(
        etag=required(head.get("ETag"), "ETag", _STORE),
        precedence=Precedence(
            metadata.get(_SEQUENCER, OLDEST),
            int(metadata.get(_DEPLOYED_AT, "0")),
            metadata.get(_RECIPE, ""),
        ),
        bytes=required(head.get("ContentLength"), "ContentLength", _STORE),
        is_removed=_REMOVED in metadata,
        former=tuple(f'"{etag}"' for etag in former.split(",")) if former else (),
        has_md5=not head.get("ServerSideEncryption", "").startswith(_KMS),
    )
