"""Interfaces of DynamoDB clients: the methods, parameters and results that the stores use.

boto3's client satisfies all of them; the light client satisfies `ApiItemClient`. mypy checks each
call of a store against them, and the contract suite compares each name with botocore's service
model.
Stores import this module for type checking only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, Protocol, Required, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import TypeAlias, Unpack

    from mypy_boto3_dynamodb.type_defs import KeysAndAttributesTypeDef
    from typing_extensions import ReadOnly

    # A value with its type, such as {"S": "text"} or {"N": "12"}.
    AttributeValue: TypeAlias = Mapping[str, object]
    Item: TypeAlias = Mapping[str, AttributeValue]


class GetItemParams(TypedDict, total=False):
    """Parameters of GetItem."""

    TableName: Required[str]
    Key: Required[Item]
    ConsistentRead: bool


class PutItemParams(TypedDict, total=False):
    """Parameters of PutItem."""

    TableName: Required[str]
    Item: Required[Item]
    ConditionExpression: str
    ExpressionAttributeValues: Item


class GetItemResult(TypedDict):
    """An item; without `Item` if the table has none with this key."""

    Item: ReadOnly[NotRequired[Item]]


class ItemClient(Protocol):
    """The part of a DynamoDB client that reads and writes one item."""

    def get_item(self, **params: Unpack[GetItemParams]) -> GetItemResult:
        """Return an item."""

    def put_item(self, **params: Unpack[PutItemParams]) -> object:
        """Write an item."""


class BatchGetItemParams(TypedDict):
    """Parameters of BatchGetItem, keyed by table."""

    RequestItems: Mapping[str, KeysAndAttributesTypeDef]


class UnreadKeys(TypedDict):
    """The keys of one table that were not read."""

    Keys: ReadOnly[Sequence[Item]]


class BatchGetItemResult(TypedDict):
    """Items, and the keys that were not read because of the load, keyed by table."""

    Responses: ReadOnly[Mapping[str, Sequence[Item]]]
    UnprocessedKeys: ReadOnly[NotRequired[Mapping[str, UnreadKeys]]]


class BatchReadClient(Protocol):
    """The part of a DynamoDB client that reads many items at once."""

    def batch_get_item(self, **params: Unpack[BatchGetItemParams]) -> BatchGetItemResult:
        """Return up to 100 items."""


class BatchClient(ItemClient, BatchReadClient, Protocol):
    """The part of a DynamoDB client that reads one item or many, and writes one."""


class ScanParams(TypedDict, total=False):
    """Parameters of Scan."""

    TableName: Required[str]
    ExclusiveStartKey: Item


class QueryParams(TypedDict, total=False):
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


class ItemsResult(TypedDict):
    """One page of items; `LastEvaluatedKey` starts the next one."""

    Items: ReadOnly[Sequence[Item]]
    LastEvaluatedKey: ReadOnly[NotRequired[Item]]


class QueryClient(Protocol):
    """The part of a DynamoDB client that reads the items of a partition."""

    def query(self, **params: Unpack[QueryParams]) -> ItemsResult:
        """Return one page of the items with a partition key."""


class SearchClient(QueryClient, BatchReadClient, Protocol):
    """The part of a DynamoDB client that reads indexes, and the items that they name."""


class ApiItemClient(BatchClient, QueryClient, Protocol):
    """The part of a DynamoDB client that the functions use."""


class TableClient(BatchClient, QueryClient, Protocol):
    """The part of a DynamoDB client that reads whole tables."""

    def scan(self, **params: Unpack[ScanParams]) -> ItemsResult:
        """Return one page of all items."""
