"""Types of the clients' results: the parts of boto3's that are supported.

Imported for type checking only, because making a TypedDict takes time at a cold start.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

if TYPE_CHECKING:
    from datetime import datetime

    from imagemill.aws.light.object_body import ObjectBody


class VersionOutput(TypedDict):
    """Identity of an object's version."""

    ETag: str
    VersionId: NotRequired[str]


class CopiedVersion(TypedDict):
    """The ETag of a copy, which differs from that of an original that was uploaded in parts."""

    ETag: str


class CopyOutput(TypedDict):
    """The result of CopyObject."""

    CopyObjectResult: CopiedVersion


class ResponseMetadata(TypedDict):
    """Facts about a response; `HTTPHeaders` are keyed by lower-case names."""

    HTTPHeaders: dict[str, str]


class GetObjectOutput(VersionOutput):
    """An object; the caller reads and closes its body. `ContentLength` is in bytes."""

    Body: ObjectBody
    ResponseMetadata: ResponseMetadata
    ContentLength: int
    ContentEncoding: NotRequired[str]


class HeadObjectOutput(VersionOutput):
    """An object without its body."""

    ContentLength: int
    LastModified: datetime
    Metadata: dict[str, str]
    ContentEncoding: NotRequired[str]
    ServerSideEncryption: NotRequired[str]


class ListedObject(TypedDict):
    """One object of a listing; `Size` is in bytes."""

    Key: str
    Size: int
    ETag: str
    LastModified: datetime


class CommonPrefix(TypedDict):
    """The beginning of keys that a delimiter ends."""

    Prefix: str


class ListObjectsOutput(TypedDict):
    """One page of a listing; with a token if there is another page."""

    Contents: list[ListedObject]
    CommonPrefixes: NotRequired[list[CommonPrefix]]
    IsTruncated: bool
    NextContinuationToken: NotRequired[str]


class CreatedUploadOutput(TypedDict):
    """The id of an upload in parts."""

    UploadId: str


class ListedPart(TypedDict):
    """A part that S3 has received; `Size` is in bytes, the checksum in Base64."""

    PartNumber: int
    Size: int
    ETag: str
    ChecksumSHA256: str


class PartsOutput(TypedDict):
    """The parts of an upload."""

    Parts: list[ListedPart]


class GetItemOutput(TypedDict):
    """An item; without `Item` if the table has none with this key."""

    Item: NotRequired[dict[str, dict[str, object]]]


class UnreadKeys(TypedDict):
    """The keys of one table that were not read."""

    Keys: list[dict[str, dict[str, object]]]


class BatchGetItemOutput(TypedDict):
    """Items by table, and the keys that were not read because of the load."""

    Responses: dict[str, list[dict[str, dict[str, object]]]]
    UnprocessedKeys: dict[str, UnreadKeys]


class ItemsOutput(TypedDict):
    """One page of items; `LastEvaluatedKey` starts the next one."""

    Items: list[dict[str, dict[str, object]]]
    LastEvaluatedKey: NotRequired[dict[str, dict[str, object]]]


class EventResult(TypedDict, total=False):
    """The result for one event: an id if the bus accepted it, or an error code."""

    EventId: str
    ErrorCode: str
    ErrorMessage: str


class PutEventsOutput(TypedDict):
    """The result for each event, in the order of the request."""

    FailedEntryCount: int
    Entries: list[EventResult]


class SentOutput(TypedDict):
    """A message that the queue accepted; the MD5 of its body, in hexadecimal digits."""

    MD5OfMessageBody: str


class VisibilityFailure(TypedDict, total=False):
    """An entry for which ChangeMessageVisibilityBatch failed."""

    Id: str
    Code: str
    Message: str


class VisibilityOutput(TypedDict):
    """The entries of ChangeMessageVisibilityBatch that failed."""

    Failed: list[VisibilityFailure]


class SecretOutput(TypedDict):
    """The text of a secret."""

    SecretString: str
