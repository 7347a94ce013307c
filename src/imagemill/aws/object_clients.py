"""Interfaces of S3 clients: the methods, parameters and results that the stores use.

boto3's client satisfies all of them; the light client satisfies `OriginalsClient`, of which
`ObjectClient` and `ListClient` are parts.
mypy checks each call of a store against them, and the contract suite compares each name with
botocore's service model.
Stores import this module for type checking only.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any, Literal, NotRequired, Protocol, Required, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Unpack

    from mypy_boto3_s3.type_defs import CompletedMultipartUploadTypeDef, CopySourceTypeDef
    from typing_extensions import ReadOnly


class Body(Protocol):
    """The body of an object, read from the connection."""

    def read(self, amount: int | None = None, /) -> bytes:
        """Return the next `amount` bytes; all without it."""

    def close(self) -> object:
        """Release the connection."""


class ObjectParams(TypedDict, total=False):
    """Parameters of HeadObject and DeleteObject: an object or one of its versions."""

    Bucket: Required[str]
    Key: Required[str]
    VersionId: str
    IfMatch: str


class GetObjectParams(ObjectParams, total=False):
    """Parameters of GetObject."""

    ChecksumMode: Literal["ENABLED"]


class WriteParams(TypedDict, total=False):
    """Parameters of PutObject, without the body."""

    Bucket: Required[str]
    Key: Required[str]
    ContentType: str
    ContentDisposition: str
    CacheControl: str
    Metadata: Mapping[str, str]
    IfMatch: str
    IfNoneMatch: str
    Tagging: str


class PutObjectParams(WriteParams):
    """Parameters of PutObject with a body in memory."""

    Body: bytes


class PutFileParams(WriteParams, total=False):
    """Parameters of PutObject with a body that boto3 reads from a file while it sends it."""

    Body: Required[bytes | IO[Any]]


class ResponseMetadata(TypedDict):
    """Facts about a response; `HTTPHeaders` are keyed by lower-case names."""

    HTTPHeaders: ReadOnly[Mapping[str, str]]


class PutObjectResult(TypedDict):
    """Identity of the version that was stored."""

    ETag: ReadOnly[NotRequired[str]]
    VersionId: ReadOnly[NotRequired[str]]


class GetObjectResult(PutObjectResult):
    """An object with its body; `ContentLength` is in bytes."""

    Body: ReadOnly[Body]
    ContentLength: ReadOnly[NotRequired[int]]
    ResponseMetadata: ReadOnly[NotRequired[ResponseMetadata]]


class HeadObjectResult(PutObjectResult):
    """The facts about an object; `ContentLength` is in bytes."""

    ContentLength: ReadOnly[NotRequired[int]]
    ContentEncoding: ReadOnly[NotRequired[str]]
    LastModified: ReadOnly[NotRequired[datetime]]
    Metadata: ReadOnly[NotRequired[Mapping[str, str]]]
    ServerSideEncryption: ReadOnly[NotRequired[str]]


class ObjectClient(Protocol):
    """The part of an S3 client that reads and writes objects."""

    def get_object(self, **params: Unpack[GetObjectParams]) -> GetObjectResult:
        """Return an object with its body."""

    def head_object(self, **params: Unpack[ObjectParams]) -> HeadObjectResult:
        """Return the facts about an object."""

    def put_object(self, **params: Unpack[PutObjectParams]) -> PutObjectResult:
        """Store an object."""

    def delete_object(self, **params: Unpack[ObjectParams]) -> object:
        """Delete an object."""


class FileClient(ObjectClient, Protocol):
    """The part of an S3 client that also stores files."""

    def put_object(self, **params: Unpack[PutFileParams]) -> PutObjectResult:
        """Store an object."""


class ListParams(TypedDict, total=False):
    """Parameters of ListObjectsV2."""

    Bucket: Required[str]
    Prefix: str
    Delimiter: str
    StartAfter: str
    MaxKeys: int
    ContinuationToken: str


class ListedPrefix(TypedDict):
    """The beginning of keys that a delimiter ends."""

    Prefix: ReadOnly[NotRequired[str]]


class ListedObject(TypedDict):
    """One object of a listing; `Size` is in bytes."""

    Key: ReadOnly[NotRequired[str]]
    Size: ReadOnly[NotRequired[int]]
    ETag: ReadOnly[NotRequired[str]]
    LastModified: ReadOnly[NotRequired[datetime]]


class ListResult(TypedDict):
    """One page of a listing."""

    Contents: ReadOnly[NotRequired[Sequence[ListedObject]]]
    CommonPrefixes: ReadOnly[NotRequired[Sequence[ListedPrefix]]]
    IsTruncated: ReadOnly[NotRequired[bool]]
    NextContinuationToken: ReadOnly[NotRequired[str]]


class ListClient(Protocol):
    """The part of an S3 client that lists buckets."""

    def list_objects_v2(self, **params: Unpack[ListParams]) -> ListResult:
        """Return one page of a listing, ordered by key."""


class CopyParams(TypedDict, total=False):
    """Parameters of CopyObject; `IfNoneMatch` is about the new object."""

    Bucket: Required[str]
    Key: Required[str]
    CopySource: Required[CopySourceTypeDef]
    CopySourceIfMatch: Required[str]
    IfNoneMatch: str


class CopyClient(Protocol):
    """The part of an S3 client that copies and deletes objects."""

    def head_object(self, **params: Unpack[ObjectParams]) -> HeadObjectResult:
        """Return the facts about an object."""

    def copy_object(self, **params: Unpack[CopyParams]) -> object:
        """Copy an object inside S3."""

    def delete_object(self, **params: Unpack[ObjectParams]) -> object:
        """Delete an object."""


class TagsParams(TypedDict):
    """Parameters of GetObjectTagging."""

    Bucket: str
    Key: str


class Tag(TypedDict):
    """One tag of an object."""

    Key: ReadOnly[NotRequired[str]]
    Value: ReadOnly[NotRequired[str]]


class TagsResult(TypedDict):
    """The tags of an object."""

    TagSet: ReadOnly[NotRequired[Sequence[Tag]]]


class OriginalsClient(ObjectClient, ListClient, Protocol):
    """The part of an S3 client that reads, writes and lists objects in memory."""


class BucketClient(FileClient, OriginalsClient, Protocol):
    """The part of an S3 client that reads, writes and lists objects, and reads their tags."""

    def get_object_tagging(self, **params: Unpack[TagsParams]) -> TagsResult:
        """Return the tags of an object."""


class CreateUploadParams(TypedDict):
    """Parameters of CreateMultipartUpload."""

    Bucket: str
    Key: str
    ContentType: str
    Metadata: Mapping[str, str]
    ChecksumAlgorithm: Literal["SHA256"]


class CreateUploadResult(TypedDict):
    """The id of an upload in parts."""

    UploadId: ReadOnly[NotRequired[str]]


class UploadParams(TypedDict):
    """Parameters of ListParts and AbortMultipartUpload: an upload in parts."""

    Bucket: str
    Key: str
    UploadId: str


class UploadedPart(TypedDict):
    """One part that has arrived; `Size` is in bytes."""

    PartNumber: ReadOnly[NotRequired[int]]
    Size: ReadOnly[NotRequired[int]]
    ETag: ReadOnly[NotRequired[str]]
    ChecksumSHA256: ReadOnly[NotRequired[str]]


class ListPartsResult(TypedDict):
    """Up to 1,000 parts of an upload, by their numbers."""

    Parts: ReadOnly[NotRequired[Sequence[UploadedPart]]]


class UploadPartParams(UploadParams):
    """Parameters of UploadPart."""

    PartNumber: int
    Body: bytes
    ChecksumSHA256: str


class UploadPartResult(TypedDict):
    """The ETag of a part."""

    ETag: ReadOnly[NotRequired[str]]


class CompleteUploadParams(UploadParams):
    """Parameters of CompleteMultipartUpload."""

    MultipartUpload: CompletedMultipartUploadTypeDef


class FileOriginalsClient(BucketClient, Protocol):
    """The part of an S3 client that also uploads in parts."""

    def create_multipart_upload(self, **params: Unpack[CreateUploadParams]) -> CreateUploadResult:
        """Begin an upload."""

    def upload_part(self, **params: Unpack[UploadPartParams]) -> UploadPartResult:
        """Send a part."""

    def list_parts(self, **params: Unpack[UploadParams]) -> ListPartsResult:
        """Return up to 1,000 parts that have arrived."""

    def complete_multipart_upload(self, **params: Unpack[CompleteUploadParams]) -> PutObjectResult:
        """Store the object that the parts make."""

    def abort_multipart_upload(self, **params: Unpack[UploadParams]) -> object:
        """Remove the parts."""
