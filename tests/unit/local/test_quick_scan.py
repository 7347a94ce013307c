"""Pages of a scan are those of MiniStack, and read few other items."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from imagemill.local.growth import PackedPartition
from imagemill.local.quick_scan import scan_quickly

TABLE = "records"


@pytest.fixture
def dynamodb(limited: list[Any], monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return MiniStack's DynamoDB with an empty table; patches and table are undone."""
    module = limited[0]
    monkeypatch.setattr(module, "_scan", module._scan)
    module._create_table(
        {
            "TableName": TABLE,
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
        }
    )
    yield module
    module._delete_table({"TableName": TABLE})


def put(dynamodb: Any, count: int, size: int) -> None:
    """Store so many items of this size, in no order."""
    for number in range(count):
        item = {"id": {"S": f"{number * 7 % count:04}"}, "text": {"S": "x" * size}}
        dynamodb._put_item({"TableName": TABLE, "Item": item})


def pages(dynamodb: Any, **request: Any) -> list[dict[str, Any]]:
    """Scan the table to its end."""
    found: list[dict[str, Any]] = []
    while True:
        _, _, body = dynamodb._scan({"TableName": TABLE, **request})
        found.append(json.loads(body))
        if "LastEvaluatedKey" not in found[-1]:
            return found
        request["ExclusiveStartKey"] = found[-1]["LastEvaluatedKey"]


@pytest.mark.parametrize("request_", [{}, {"Limit": 1}, {"Limit": 7}, {"Limit": 40}])
@pytest.mark.parametrize(("count", "size"), [(0, 1), (1, 1), (40, 3), (41, 60_000)])
def test_every_page_is_that_of_ministack(
    dynamodb: Any, count: int, size: int, request_: dict[str, Any]
) -> None:
    put(dynamodb, count, size)
    dynamodb._delete_item({"TableName": TABLE, "Key": {"id": {"S": "0003"}}})
    expected = pages(dynamodb, **request_)

    scan_quickly(dynamodb)

    assert pages(dynamodb, **request_) == expected


def test_a_page_reads_few_items_of_a_large_table(
    dynamodb: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(dynamodb, 400, 60_000)
    read: list[object] = []
    monkeypatch.setattr(PackedPartition, "__getitem__", _counting(read))
    scan_quickly(dynamodb)

    dynamodb._scan({"TableName": TABLE, "ExclusiveStartKey": {"id": {"S": "0100"}}})

    assert len(read) < 80


def test_a_filter_and_an_unknown_table_are_answered_as_by_ministack(dynamodb: Any) -> None:
    put(dynamodb, 9, 3)
    values = {":id": {"S": "0004"}}
    requests = [
        {"TableName": TABLE, "FilterExpression": "id = :id", "ExpressionAttributeValues": values},
        {"TableName": TABLE, "Segment": 0, "TotalSegments": 2},
        {"TableName": TABLE, "IndexName": "none"},
        {"TableName": "unknown"},
        {},
    ]
    expected = [dynamodb._scan(request) for request in requests]

    scan_quickly(dynamodb)

    assert [dynamodb._scan(request) for request in requests] == expected


def _counting(read: list[object]) -> Any:
    """Return a method that notes the keys of the items that are read."""

    def item_of(partition: PackedPartition, key: object) -> Any:
        read.append(key)
        return json.loads(dict.__getitem__(partition, key))

    return item_of
