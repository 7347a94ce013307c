"""Types of the clients' parameters: those of boto3's that are supported.

Imported for type checking only, because making a TypedDict takes time at a cold start.
"""

from collections.abc import Mapping, Sequence
from typing import Literal, NotRequired, Required, TypeAlias, TypedDict

from imagemill.aws.light.results import ListedPart

# A DynamoDB value with its type, such as {"S": "text"} or {"N": "12"}.
AttributeValue: TypeAlias = Mapping[str, object]
Item: TypeAlias = Mapping[str, AttributeValue]


class ObjectInput(TypedDict, total=False):
    """An object or one of its versions, and the ETag that it must have."""

    Bucket: Required[str]
    Key: Required[str]
    VersionId: str
    IfMatch: str


class GetObjectInput(ObjectInput, total=False):
    """Parameters of GetObject; the checksum is always requested."""

    ChecksumMode: Literal["ENABLED"]


class PutObjectInput(TypedDict, total=False):
    """Parameters of PutObject; the body is in memory."""

    Bucket: Required[str]
    Key: Required[str]
    Body: Required[bytes]
    ContentType: str
    ContentDisposition: str
    CacheControl: str
    Metadata: Mapping[str, str]
    IfMatch: str
    IfNoneMatch: str
    Tagging: str


class CopySource(TypedDict):
    """The object to copy."""

    Bucket: str
    Key: str


class CopyObjectInput(TypedDict, total=False):
    """Parameters of CopyObject; `IfNoneMatch` is about the new object."""

    Bucket: Required[str]
    Key: Required[str]
    CopySource: Required[CopySource]
    CopySourceIfMatch: Required[str]
    IfNoneMatch: str


class ListObjectsInput(TypedDict, total=False):
    """Parameters of ListObjectsV2; the token is that of the page before."""

    Bucket: Required[str]
    Prefix: str
    Delimiter: str
    StartAfter: str
    MaxKeys: int
    ContinuationToken: str


class CreateUploadInput(TypedDict, total=False):
    """Parameters of CreateMultipartUpload."""

    Bucket: Required[str]
    Key: Required[str]
    ContentType: str
    Metadata: Mapping[str, str]
    ChecksumAlgorithm: Required[Literal["SHA256"]]


class UploadInput(TypedDict):
    """An upload in parts: parameters of ListParts and AbortMultipartUpload."""

    Bucket: str
    Key: str
    UploadId: str


class CompletedParts(TypedDict):
    """The parts of the object, by their numbers."""

    Parts: Sequence[ListedPart]


class CompleteInput(UploadInput):
    """Parameters of CompleteMultipartUpload."""

    MultipartUpload: CompletedParts


class GetItemInput(TypedDict, total=False):
    """Parameters of GetItem."""

    TableName: Required[str]
    Key: Required[Item]
    ConsistentRead: bool


class BatchGetItemInput(TypedDict):
    """Parameters of BatchGetItem: up to 100 keys, under `Keys`, by table."""

    RequestItems: Mapping[str, Mapping[str, object]]


class PutItemInput(TypedDict, total=False):
    """Parameters of PutItem."""

    TableName: Required[str]
    Item: Required[Item]
    ConditionExpression: str
    ExpressionAttributeValues: Item


class QueryInput(TypedDict, total=False):
    """Parameters of Query."""

    TableName: Required[str]
    IndexName: str
    KeyConditionExpression: str
    FilterExpression: str
    ExpressionAttributeNames: Mapping[str, str]
    ExpressionAttributeValues: Item
    ConsistentRead: bool
    ScanIndexForward: bool
    Limit: int
    ExclusiveStartKey: Item


class Event(TypedDict, total=False):
    """An entry of PutEvents; `Detail` is JSON text."""

    EventBusName: str
    Source: str
    DetailType: str
    Detail: str


class PutEventsInput(TypedDict):
    """Parameters of PutEvents."""

    Entries: Sequence[Event]


class SendMessageInput(TypedDict, total=False):
    """Parameters of SendMessage; the delay is in seconds, at most 900."""

    QueueUrl: Required[str]
    MessageBody: Required[str]
    DelaySeconds: int


class VisibilityEntry(TypedDict):
    """An entry of ChangeMessageVisibilityBatch; the time is in seconds."""

    Id: str
    ReceiptHandle: str
    VisibilityTimeout: NotRequired[int]


class ChangeVisibilityInput(TypedDict):
    """Parameters of ChangeMessageVisibilityBatch."""

    QueueUrl: str
    Entries: Sequence[VisibilityEntry]


class GetSecretInput(TypedDict):
    """Parameters of GetSecretValue."""

    SecretId: str
