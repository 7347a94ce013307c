"""The embedded AWS keeps little for each image, and everything that the pipeline reads."""

import copy
import json
from typing import Any

import pytest

from imagemill.local.growth import PackedPartition

ITEM = {"id": {"S": "a"}, "made": {"M": {"500": {"L": [{"N": "1"}]}}}}
OTHER = {"id": {"S": "b"}}


@pytest.fixture
def dynamodb(limited: list[Any]) -> Any:
    return limited[0]


def table(**items: dict[str, Any]) -> dict[str, Any]:
    return {"items": {key: {"": item} for key, item in items.items()}}


def test_a_stored_item_is_read_as_it_was(dynamodb: Any) -> None:
    records = table()

    dynamodb._set_item(records, "a", "", ITEM)

    assert records["items"]["a"][""] == ITEM
    assert records["items"].get("a", {}).get("") == ITEM
    assert list(records["items"]["a"].values()) == [ITEM]
    assert dict(records["items"]["a"]) == {"": ITEM}
    assert records["ItemCount"] == 1


def test_items_of_a_loaded_state_are_packed_by_the_first_write(dynamodb: Any) -> None:
    records = table(a=ITEM)

    dynamodb._set_item(records, "b", "", OTHER)

    assert isinstance(records["items"]["a"], PackedPartition)
    assert dict(records["items"]["a"].items()) == {"": ITEM}


def test_a_replaced_item_is_returned(dynamodb: Any) -> None:
    records = table(a=ITEM)

    assert dynamodb._set_item(records, "a", "", OTHER) == ITEM
    assert dynamodb._remove_item(records, "a", "") == OTHER
    assert records["items"] == {}
    assert records["ItemCount"] == 0


def test_a_copied_partition_can_be_written_as_json(dynamodb: Any) -> None:
    records = table(a=ITEM)
    dynamodb._set_item(records, "b", "", OTHER)

    written = json.dumps(copy.deepcopy(records["items"]))

    assert json.loads(written) == {"a": {"": ITEM}, "b": {"": OTHER}}


def test_a_copied_table_stays_packed_and_apart(dynamodb: Any) -> None:
    records = table(a=ITEM)
    dynamodb._set_item(records, "b", "", OTHER)

    copied = copy.deepcopy(records["items"])
    dynamodb._set_item(records, "a", "", OTHER)

    assert all(isinstance(raw, bytes) for raw in dict.values(copied["a"]))
    assert copied["a"][""] == ITEM


def test_events_are_not_kept(limited: list[Any]) -> None:
    eventbridge = limited[1]
    eventbridge._events_log_list().append({"EventId": "1"})

    assert eventbridge._events_log_list() == []


def test_the_logs_of_the_last_200_invocations_are_kept(limited: list[Any]) -> None:
    functions, logs = limited[2:]
    function = {"config": {"FunctionName": "resize"}}
    for number in range(203):
        line = f"line {number}"
        functions._emit_lambda_logs(function, str(number), line, error=False, duration_ms=1)

    [group] = logs._log_groups.values()
    texts = [stream["events"][1]["message"] for stream in group["streams"].values()]
    assert texts == [f"line {number}" for number in range(3, 203)]
