"""The embedded AWS keeps little for each image, and everything that the pipeline reads."""

import copy
import json
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from imagemill.local.growth import PackedPartition, limit_growth

ITEM = {"id": {"S": "a"}, "made": {"M": {"500": {"L": [{"N": "1"}]}}}}
OTHER = {"id": {"S": "b"}}
SERVICES = ("dynamodb", "eventbridge", "lambda_svc", "cloudwatch_logs")
# The functions that are replaced.
REPLACED = ("_set_item", "_events_log_list", "_emit_lambda_logs")


@pytest.fixture
def patched(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Return patched modules of MiniStack; the patches are undone for other tests."""
    modules: list[Any] = [import_module(f"ministack.services.{name}") for name in SERVICES]
    for module, name in zip(modules, REPLACED, strict=False):
        monkeypatch.setattr(module, name, getattr(module, name))
    limit_growth(*modules)
    yield modules
    modules[-1]._log_groups.clear()


@pytest.fixture
def dynamodb(patched: list[Any]) -> Any:
    return patched[0]


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


def test_events_are_not_kept(patched: list[Any]) -> None:
    eventbridge = patched[1]
    eventbridge._events_log_list().append({"EventId": "1"})

    assert eventbridge._events_log_list() == []


def test_the_logs_of_the_last_200_invocations_are_kept(patched: list[Any]) -> None:
    functions, logs = patched[2:]
    function = {"config": {"FunctionName": "resize"}}
    for number in range(203):
        line = f"line {number}"
        functions._emit_lambda_logs(function, str(number), line, error=False, duration_ms=1)

    [group] = logs._log_groups.values()
    texts = [stream["events"][1]["message"] for stream in group["streams"].values()]
    assert texts == [f"line {number}" for number in range(3, 203)]
