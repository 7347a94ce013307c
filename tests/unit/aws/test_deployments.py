"""The registry of deployments, with a table in memory."""

from fakes.aws_clients import FakeDynamoDB

from imagemill.aws.records_table import DeploymentRegistry


def registry(dynamodb: FakeDynamoDB) -> DeploymentRegistry:
    return DeploymentRegistry(dynamodb, "backfills")  # type: ignore[arg-type]  # a fake


def test_all_workers_of_a_deployment_get_the_same_facts() -> None:
    dynamodb = FakeDynamoDB()

    first = registry(dynamodb).register("a", ["p"], 1_000)
    second = registry(dynamodb).register("a", ["p"], 2_000)

    assert (second, second.since) == (first, 1_000)
    assert dynamodb.calls.count("PutItem") == 1


def test_a_new_deployment_replaces_the_registered_one() -> None:
    dynamodb = FakeDynamoDB()
    registry(dynamodb).register("a", ["p", "q"], 1_000)

    later = registry(dynamodb).register("b", ["p"], 2_000)

    assert later.since == 2_000
    assert later.recently_dropped(2_000) == {"q"}


def test_two_workers_that_register_at_the_same_time_agree() -> None:
    dynamodb = FakeDynamoDB()
    others = iter([registry(FakeDynamoDB(items=dynamodb.items))])

    def turn(call: str) -> None:
        other = next(others, None) if call == "PutItem" else None
        if other:
            other.register("a", ["p"], 1_000)

    dynamodb.before_call = turn

    mine = registry(dynamodb).register("a", ["p"], 2_000)

    assert mine.since == 1_000


def test_the_rules_of_a_deployment_are_registered() -> None:
    dynamodb = FakeDynamoDB()
    registry(dynamodb).register("a", ["p"], 1_000, "rules")

    same = registry(dynamodb).register("b", ["p"], 2_000, "rules")
    other = registry(dynamodb).register("c", ["p"], 3_000)

    assert (same.rules, dict(same.dropped)) == ("rules", {})
    assert (other.rules, dict(other.dropped)) == ("", {"p": 3_000})
