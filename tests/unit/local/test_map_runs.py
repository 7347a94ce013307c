"""A distributed map of the embedded AWS passes batches of items, and keeps none of them."""

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from imagemill.local.map_runs import batch_items

SELECTOR = {"run": "r", "key.$": "$$.Map.Item.Value.Key"}


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Any, Any]]:
    """Return the patched Step Functions and S3 of MiniStack; the patch is undone afterwards."""
    states: Any = import_module("ministack.services.stepfunctions")
    s3: Any = import_module("ministack.services.s3")
    monkeypatch.setattr(states, "_run_distributed_map", states._run_distributed_map)
    batch_items(states, s3)
    s3._buckets["photos"] = {"objects": {f"in/{n:02}.jpg": {"size": n} for n in range(23)}}
    s3._buckets["photos"]["objects"]["out.jpg"] = {"size": 1}
    yield states, s3
    s3._buckets.clear()


@pytest.fixture
def seen(services: tuple[Any, Any], monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return the inputs of the children; a child with the key `in/00.jpg` fails."""
    inputs: list[Any] = []

    def run(_states: object, _start: object, given: Any, child: Any, _context: object) -> int:
        inputs.append(json.loads(json.dumps(given)))
        child["events"].append("of a child")
        if given["Items"][0].get("key") == "in/00.jpg":
            raise ValueError("no")
        return 0

    monkeypatch.setattr(services[0], "_run_sub_machine", run)
    return inputs


@pytest.fixture
def run_map(services: tuple[Any, Any]) -> Callable[..., Any]:
    """Return a function that runs a map over the keys with a prefix, and returns its output."""

    def run(**changed: Any) -> Any:
        state = {
            "ItemReader": {
                "Resource": "arn:aws:states:::s3:listObjectsV2",
                "Parameters": {"Bucket": "photos", "Prefix.$": "$.prefix"},
            },
            "ItemSelector": SELECTOR,
            "ItemBatcher": {"MaxItemsPerBatch": 100},
            "MaxConcurrency": 3,
            "ToleratedFailurePercentage": 50,
            "ResultPath": None,
            "End": True,
        }
        processor = {"StartAt": "Any", "States": {}}
        given = {"prefix": "in/"}
        return services[0]._run_distributed_map(
            state | changed, given, given, processor, EXECUTION, {}
        )

    return run


EXECUTION = {"executionArn": "arn:aws:states:us-east-1:000000000000:execution:m:e", "events": []}


def test_the_items_of_a_prefix_come_in_batches(
    run_map: Callable[..., Any], seen: list[Any]
) -> None:
    output, _ = run_map()

    assert sorted(len(one["Items"]) for one in seen) == [3, 10, 10]
    items = [item for one in seen for item in one["Items"]]
    assert sorted(item["key"] for item in items) == [f"in/{n:02}.jpg" for n in range(23)]
    assert {item["run"] for item in items} == {"r"}
    assert output == {"prefix": "in/"}


def test_nothing_of_the_children_is_kept(
    run_map: Callable[..., Any], seen: list[Any], services: tuple[Any, Any]
) -> None:
    run_map()

    assert len(seen) == 3
    assert EXECUTION["events"] == []
    assert list(services[0]._executions.values()) == []


def test_a_batch_may_be_smaller(run_map: Callable[..., Any], seen: list[Any]) -> None:
    run_map(ItemBatcher={"MaxItemsPerBatch": 4})

    assert max(len(one["Items"]) for one in seen) == 4


@pytest.mark.usefixtures("seen")
def test_the_map_fails_if_too_many_batches_fail(
    run_map: Callable[..., Any], services: tuple[Any, Any]
) -> None:
    with pytest.raises(services[0]._ExecutionError, match="1 batches failed"):
        run_map(ToleratedFailurePercentage=10)


def test_an_original_that_is_deleted_meanwhile_is_left_out(
    run_map: Callable[..., Any], seen: list[Any], services: tuple[Any, Any]
) -> None:
    objects = services[1]._buckets["photos"]["objects"]

    class Vanishing(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            return None if key == "in/05.jpg" else super().get(key, default)

    services[1]._buckets["photos"]["objects"] = Vanishing(objects)
    run_map()

    keys = {item["key"] for one in seen for item in one["Items"]}
    assert "in/05.jpg" not in keys
    assert len(keys) == 22
