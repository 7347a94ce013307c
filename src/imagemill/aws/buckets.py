"""The bucket of originals, and functions that read and list objects of any bucket."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from imagemill.aws.errors import (
    CONFLICTS,
    MISSING,
    RESIZE_IMAGE,
    UNTOLD,
    Reader,
    error_code,
    error_responses,
    required,
    translated,
    unreadable,
)
from imagemill.aws.light.checks import CheckedBody
from imagemill.aws.light.errors import InvalidResponse
from imagemill.domain.event import (
    FOCUS_METADATA,
    MAX_FOCUS,
    NO_CHOICES,
    PACKED_METADATA,
    REPLACEABLE,
    Change,
    ObjectEvent,
    PackedJpeg,
    UploadChoices,
    with_metadata,
)
from imagemill.domain.keys import is_folder_marker
from imagemill.domain.object_version import ObjectVersion, OriginalFile
from imagemill.domain.sequencer import OLDEST
from imagemill.errors import ImageRejected

if TYPE_CHECKING:
    from imagemill.aws.object_clients import (
        GetObjectParams,
        GetObjectResult,
        HeadObjectResult,
        ListClient,
        ListedObject,
        ListParams,
        ObjectClient,
        ObjectParams,
        OriginalsClient,
        PutObjectResult,
    )

Check = Callable[[bytes], object]
Read = Callable[[CheckedBody], bytes]
_STORE = "the originals bucket"
# Size in bytes from which it is cheaper to break off a connection than to read the rest of a file.
_LARGE_BYTES = 1 << 20
# Bytes that a check gets: more than any format needs to be recognised.
BEGINNING_BYTES = 4_096
# GetObject's error codes for a version that is gone. S3 always sends a code with a 404.
_GONE = CONFLICTS | {"NoSuchKey", "NoSuchVersion", "MethodNotAllowed"}


def accept_any(_: bytes) -> None:
    """Accept every beginning."""


class OriginalsBucket:
    """Implements `domain.stores.Originals`, and stores and deletes originals."""

    def __init__(
        self, client: "OriginalsClient", bucket: str, reader: Reader = RESIZE_IMAGE
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._reader = reader

    def read(self, event: ObjectEvent, check: Check = accept_any) -> bytes | None:
        """Return the bytes of the version in the event; None if it is gone.

        `check` gets the first 4,096 bytes of a file over 1 MiB. If it raises ImageRejected, the
        rest is read only to compare a checksum, if S3 sends one: a beginning that was damaged on
        the way must not reject the image. Raises StoreUnavailable for a body of another length,
        checksum or ETag than announced, and OriginalUnreadable for errors that no retry changes.
        """
        file = self.fetch(event, check)
        return None if file is None else file.data

    def fetch(self, event: ObjectEvent, check: Check = accept_any) -> OriginalFile | None:
        """Return the bytes as `read`, and the focal point in the metadata of their version."""
        used = check if event.bytes > _LARGE_BYTES else accept_any
        return self.fetch_by(lambda body: read_checked(body, used), event)

    def fetch_by(self, read: Read, event: ObjectEvent) -> OriginalFile | None:
        """Return the file as `fetch`; `read` returns its bytes."""
        location, (condition, etag) = (self._bucket, event.key), _condition(event)
        with translated(f"the bucket {self._bucket}"):
            try:
                return fetched_file(self._client, location, condition, etag, read)
            except error_responses() as fault:
                raise unreadable(fault, self._reader) from fault

    def current(self, key: str) -> ObjectEvent | None:
        """Return the object under the key as a creation event without sequencer; None if none.

        Also None for the marker of a folder, which is not an image. If S3 does not tell the state
        of the object, it is taken from a listing, which has no version id. So the reason why the
        original cannot be read is found where it is read.
        """
        with translated(_STORE):
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=key)
            except error_responses() as fault:
                if error_code(fault) in MISSING:
                    return None
                item = self._listed(key) if error_code(fault) in UNTOLD else None
                if item is None:
                    raise
                return _as_event(key, item, item.get("Size"))
        found = _as_event(key, head, head.get("ContentLength"))
        if found is None:
            return None
        version_id = head.get("VersionId", "")
        return with_metadata(replace(found, version_id=version_id), head.get("Metadata", {}))

    def with_choices(self, event: ObjectEvent) -> ObjectEvent:
        """Return the event with the rule and the focal point that the upload of its version chose.

        It has the JPEG of an archived original, too. It has none of them if the version is gone, or
        if S3 refuses to show it: reading its bytes tells.
        """
        condition, _ = _condition(event)
        params: ObjectParams = {"Bucket": self._bucket, "Key": event.key}
        _add_condition(params, condition)
        with translated(_STORE):
            try:
                head = self._client.head_object(**params)
            except error_responses() as fault:
                if error_code(fault) in MISSING | CONFLICTS | UNTOLD:
                    return replace(event, rule="", focus="", packs=None)
                raise
        return with_metadata(event, head.get("Metadata", {}))

    def upload(
        self, key: str, data: bytes, content_type: str, choices: UploadChoices = NO_CHOICES
    ) -> None:
        """Store an original; the bucket's event starts the processing."""
        with translated(_STORE):
            answer = self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=data,
                ContentType=content_type,
                Metadata=choices.metadata,
            )
        version_of(answer)

    def download(self, key: str) -> bytes | None:
        """Return the bytes under the key; None if there is no object."""
        with translated(f"the bucket {self._bucket}"):
            return fetched(self._client, (self._bucket, key), {}, "")

    def delete(self, key: str) -> None:
        """Delete the original; its versions can be restored until the bucket expires them."""
        with translated(_STORE):
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def _listed(self, key: str) -> "ListedObject | None":
        """Return the object under the key in a listing: the first one of its prefix."""
        page = self._client.list_objects_v2(Bucket=self._bucket, Prefix=key)
        first = next(iter(page.get("Contents", [])), None)
        return first if first and first.get("Key") == key else None


def fetched(
    client: "ObjectClient", location: tuple[str, str], condition: Mapping[str, str], etag: str
) -> bytes | None:
    """Return the bytes of an object; None if it does not exist. The arguments: `fetched_file`."""
    file = fetched_file(client, location, condition, etag, CheckedBody.read)
    return None if file is None else file.data


def fetched_file(
    client: "ObjectClient",
    location: tuple[str, str],
    condition: Mapping[str, str],
    etag: str,
    read: Read,
) -> OriginalFile | None:
    """Return the bytes of an object with its focal point; None if it does not exist.

    `location` is bucket and key, `condition` may have VersionId and IfMatch, and `etag` is the one
    that the object must have; empty for any. `read` returns the bytes of the body.
    """
    bucket, key = location
    params: GetObjectParams = {"Bucket": bucket, "Key": key, "ChecksumMode": "ENABLED"}
    _add_condition(params, condition)
    try:
        answer = client.get_object(**params)
    except error_responses() as fault:
        if error_code(fault) in _GONE:
            return None
        raise
    with closing(answer["Body"]):
        if etag and answer.get("ETag", "").strip('"') != etag:
            raise InvalidResponse("the object has another ETag than expected")
        headers = answer["ResponseMetadata"]["HTTPHeaders"]
        focus = headers.get(f"x-amz-meta-{FOCUS_METADATA}", "")[:MAX_FOCUS]
        packs = PackedJpeg.parse(headers.get(f"x-amz-meta-{PACKED_METADATA}", ""))
        return OriginalFile(read(_checked(answer)), focus, packs)


def listed(
    client: "ListClient", bucket: str, store: str, prefix: str = ""
) -> "Iterator[Sequence[ListedObject]]":
    """Yield the objects of a bucket in pages of up to 1,000, in the order of their keys.

    `store` names the bucket in errors.
    """
    params: ListParams = {"Bucket": bucket, "Prefix": prefix}
    while True:
        with translated(store):
            page = client.list_objects_v2(**params)
        yield page.get("Contents", [])
        if not page.get("IsTruncated"):
            return
        params["ContinuationToken"] = page["NextContinuationToken"]


def _add_condition(params: "ObjectParams | GetObjectParams", condition: Mapping[str, str]) -> None:
    """Add the VersionId and IfMatch of a condition, where it has them, to parameters."""
    if "VersionId" in condition:
        params["VersionId"] = condition["VersionId"]
    if "IfMatch" in condition:
        params["IfMatch"] = condition["IfMatch"]


def _as_event(
    key: str, found: "HeadObjectResult | ListedObject", size: int | None
) -> ObjectEvent | None:
    """Return a creation event without sequencer and version id; None for the marker of a folder."""
    size = required(size, "ContentLength", _STORE)
    if is_folder_marker(key, size):
        return None
    modified = required(found.get("LastModified"), "LastModified", _STORE)
    return ObjectEvent(
        change=Change.CREATED,
        key=key,
        sequencer=OLDEST,
        happened_at=modified.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        etag=required(found.get("ETag"), "ETag", _STORE).strip('"'),
        bytes=size,
    )


def version_of(answer: "PutObjectResult") -> ObjectVersion:
    """Return the version that S3 has stored; raises StoreUnavailable if the answer lacks it."""
    etag = required(answer.get("ETag"), "ETag", _STORE).strip('"')
    return ObjectVersion(answer.get("VersionId", ""), etag)


def _condition(event: ObjectEvent) -> tuple[dict[str, str], str]:
    """Return the parameters that select an event's version, and the ETag it must have."""
    condition = {"VersionId": event.version_id} if event.version_id else {}
    if event.etag and event.version_id in REPLACEABLE:
        condition["IfMatch"] = event.etag
    return condition, event.etag


def _checked(answer: "GetObjectResult") -> CheckedBody:
    """Return a body that checks its length and checksum, as the light client's body does."""
    body = answer["Body"]
    if isinstance(body, CheckedBody):
        return body
    if "ContentLength" not in answer:
        raise InvalidResponse("the answer does not give the object's length")
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    return CheckedBody(body.read, body.close, answer["ContentLength"], headers)


def read_checked(body: CheckedBody, check: Check) -> bytes:
    """Return the bytes of a body; `check` gets its beginning first, and may raise."""
    if check is accept_any:
        return body.read()
    beginning = body.read(BEGINNING_BYTES)
    check_beginning(body, beginning, check)
    return body.read(beginning=beginning)


def check_beginning(body: CheckedBody, beginning: bytes, check: Check) -> None:
    """Check the bytes that were read first.

    If they are rejected, the checksum of the body says whether they were damaged on the way.
    """
    try:
        check(beginning)
    except ImageRejected:
        body.verify()
        raise
