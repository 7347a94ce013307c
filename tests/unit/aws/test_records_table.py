"""Requests to the tables of records and deployments, and the results of the responses."""

from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from fakes.aws_clients import BeforeCall, FakeDynamoDB, fault
from fakes.renditions_bucket import refuse

from imagemill.aws.record_items import to_item
from imagemill.aws.records_table import MOST_AT_ONCE, DeploymentRegistry, RecordsTable
from imagemill.domain.record import ImageRecord
from imagemill.domain.transitions import pending
from imagemill.errors import StoreUnavailable, Throttled

TABLE = "records"
RECORD = pending("a.jpg", 12, "2026-05-04T10:20:29.000Z", 0)


@dataclass
class RecordingDynamoDB(FakeDynamoDB):
    """A table that records its requests."""

    requests: list[dict[str, Any]] = field(default_factory=list)

    def get_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self.requests.append(asked)
        return super().get_item(**asked)

    def put_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self.requests.append(asked)
        return super().put_item(**asked)

    def batch_get_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self.requests.append(asked)
        self._call("BatchGetItem", asked)
        keys = asked["RequestItems"][TABLE]["Keys"]
        found = [self.items[key["id"]["S"]] for key in keys if key["id"]["S"] in self.items]
        return {"Responses": {TABLE: found}}


@pytest.fixture
def dynamodb() -> RecordingDynamoDB:
    return RecordingDynamoDB()


@pytest.fixture
def table(dynamodb: RecordingDynamoDB) -> RecordsTable:
    return RecordsTable(dynamodb, TABLE)  # type: ignore[arg-type]  # a fake


@pytest.fixture
def registry(dynamodb: RecordingDynamoDB) -> DeploymentRegistry:
    return DeploymentRegistry(dynamodb, TABLE)  # type: ignore[arg-type]  # a fake


def records(count: int) -> list[ImageRecord]:
    return [pending(f"{number}.jpg", 12, "2026-05-04T10:20:29.000Z", 0) for number in range(count)]


def test_a_record_is_read_as_last_written(table: RecordsTable, dynamodb: RecordingDynamoDB) -> None:
    table.put(RECORD)
    table.put(replace(RECORD, revision=2, attempts=2))

    assert table.get(RECORD.id) == replace(RECORD, revision=2, attempts=2)
    assert dynamodb.requests[-1] == {
        "TableName": TABLE,
        "Key": {"id": {"S": RECORD.id}},
        "ConsistentRead": True,
    }


def test_an_unknown_image_has_no_record(table: RecordsTable) -> None:
    assert table.get(RECORD.id) is None


def test_a_first_revision_is_written_only_if_there_is_no_record(
    table: RecordsTable, dynamodb: RecordingDynamoDB
) -> None:
    assert table.put(RECORD)

    assert dynamodb.requests[-1] == {
        "TableName": TABLE,
        "Item": to_item(RECORD),
        "ConditionExpression": "attribute_not_exists(id)",
    }
    assert not table.put(RECORD)


def test_a_later_revision_replaces_only_the_one_before(
    table: RecordsTable, dynamodb: RecordingDynamoDB
) -> None:
    second = replace(RECORD, revision=2)
    table.put(RECORD)

    assert table.put(second)

    assert dynamodb.requests[-1] == {
        "TableName": TABLE,
        "Item": to_item(second),
        "ConditionExpression": "revision = :read",
        "ExpressionAttributeValues": {":read": {"N": "1"}},
    }
    assert not table.put(second)


def test_an_error_of_a_write_is_not_a_lost_race(
    table: RecordsTable, dynamodb: RecordingDynamoDB
) -> None:
    dynamodb.before_call = refuse("AccessDeniedException")

    with pytest.raises(
        StoreUnavailable,
        match=r"^the records table answered AccessDeniedException to PutItem$",
    ):
        table.put(RECORD)


def test_an_error_of_a_read_names_the_table(
    table: RecordsTable, dynamodb: RecordingDynamoDB
) -> None:
    dynamodb.before_call = refuse("AccessDeniedException")

    with pytest.raises(StoreUnavailable, match=r"^the records table answered"):
        table.get(RECORD.id)


def test_an_error_of_a_batch_read_names_the_table(
    table: RecordsTable, dynamodb: RecordingDynamoDB
) -> None:
    dynamodb.before_call = refuse("AccessDeniedException")

    with pytest.raises(StoreUnavailable, match=r"^the records table answered"):
        table.get_many([RECORD.id])


def test_a_batch_read_leaves_out_unknown_ids(
    table: RecordsTable, dynamodb: RecordingDynamoDB
) -> None:
    table.put(RECORD)

    assert table.get_many([RECORD.id, "unknown"]) == {RECORD.id: RECORD}
    keys = [{"id": {"S": RECORD.id}}, {"id": {"S": "unknown"}}]
    assert dynamodb.requests[-1] == {
        "RequestItems": {TABLE: {"Keys": keys, "ConsistentRead": True}},
    }


def test_a_batch_read_requests_a_hundred_items_at_a_time(
    table: RecordsTable, dynamodb: RecordingDynamoDB
) -> None:
    many = records(MOST_AT_ONCE + 1)
    for record in many:
        table.put(record)

    found = table.get_many([record.id for record in many])

    assert found == {record.id: record for record in many}
    assert dynamodb.calls.count("BatchGetItem") == 2


def test_a_response_without_the_table_has_no_records(dynamodb: RecordingDynamoDB) -> None:
    elsewhere = _EmptyDynamoDB(items=dynamodb.items)
    table = RecordsTable(elsewhere, TABLE)  # type: ignore[arg-type]  # a fake

    assert table.get_many([RECORD.id]) == {}


def test_a_deployment_is_registered_with_all_its_facts(
    registry: DeploymentRegistry, dynamodb: RecordingDynamoDB
) -> None:
    first = registry.register("a", ["q", "p"], 1_000)

    assert (first.fingerprint, first.since) == ("a", 1_000)
    assert first.presets == {"p", "q"}
    assert dynamodb.requests == [
        {"TableName": TABLE, "Key": {"id": {"S": "deployment"}}, "ConsistentRead": True},
        {
            "TableName": TABLE,
            "Item": {
                "id": {"S": "deployment"},
                "revision": {"N": "1"},
                "facts": {
                    "S": '{"fingerprint": "a", "since": 1000, "presets": ["p", "q"], "dropped": {}}'
                },
            },
            "ConditionExpression": "attribute_not_exists(id)",
        },
    ]


def test_a_registered_deployment_is_read_as_it_was_written(registry: DeploymentRegistry) -> None:
    registry.register("a", ["p", "q"], 1_000)
    second = registry.register("b", ["p"], 2_000)

    assert registry.register("b", ["p"], 3_000) == second
    assert (second.revision, dict(second.dropped)) == (2, {"q": 2_000})


def test_an_error_of_a_registration_is_not_a_lost_race(
    registry: DeploymentRegistry, dynamodb: RecordingDynamoDB
) -> None:
    dynamodb.before_call = refuse("AccessDeniedException", only="PutItem")

    with pytest.raises(StoreUnavailable, match=r"^the deployments' table answered"):
        registry.register("a", ["p"], 1_000)


def test_an_error_of_the_registry_names_it(
    registry: DeploymentRegistry, dynamodb: RecordingDynamoDB
) -> None:
    dynamodb.before_call = refuse("AccessDeniedException")

    with pytest.raises(StoreUnavailable, match=r"^the deployments' table answered"):
        registry.register("a", ["p"], 1_000)


def test_a_registration_that_loses_seven_races_wins_the_eighth(
    registry: DeploymentRegistry, dynamodb: RecordingDynamoDB
) -> None:
    dynamodb.before_call = _lose(7)

    assert registry.register("a", ["p"], 1_000).fingerprint == "a"


def test_a_registration_gives_up_after_eight_lost_races(
    registry: DeploymentRegistry, dynamodb: RecordingDynamoDB
) -> None:
    dynamodb.before_call = _lose(8)

    with pytest.raises(Throttled, match=r"^8 deployments were registered at the same time$"):
        registry.register("a", ["p"], 1_000)


class _EmptyDynamoDB(FakeDynamoDB):
    """A table that returns no items for batch reads."""

    def batch_get_item(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        del asked
        return {"Responses": {}}


def _lose(times: int) -> BeforeCall:
    """Return a turn at which another worker wins each of the next writes."""
    lost = iter(range(times))

    def turn(call: str) -> None:
        if call == "PutItem" and next(lost, None) is not None:
            raise fault(call, "ConditionalCheckFailedException")

    return turn
