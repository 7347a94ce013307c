"""The facts of an account, from another implementation of AWS where it has them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from imagemill.aws.account import AccountClients, AwsAccount
from imagemill.domain.account import Concurrency
from imagemill.errors import SetupFailed

REGION = "eu-central-1"


def clients(session: boto3.Session) -> AccountClients:
    return AccountClients(
        region=REGION,
        tokens=session.client("sts"),
        functions=session.client("lambda"),
        cloudfront=session.client("cloudfront"),
        buckets=session.client("s3"),
        gateway=session.client("apigateway"),
        stacks=session.client("cloudformation"),
        metrics=session.client("cloudwatch"),
        pricing=session.client("pricing", region_name="us-east-1"),
    )


def cloudwatch() -> Any:  # noqa: ANN401  # boto3-stubs has no types for it here
    return boto3.Session("key", "secret", region_name=REGION).client("cloudwatch")


@pytest.fixture(scope="module")
def aws() -> AccountClients:
    """Return clients that send no requests without a stub or moto."""
    return clients(boto3.Session("key", "secret", region_name=REGION))


@pytest.fixture(scope="module")
def moto_aws() -> Iterator[AccountClients]:
    moto = pytest.importorskip("moto", reason="moto is not installed")
    with moto.mock_aws():
        yield clients(boto3.Session("key", "secret", region_name=REGION))


def test_the_caller_has_an_account_a_region_and_a_partition(moto_aws: AccountClients) -> None:
    caller = AwsAccount(moto_aws).identity()

    assert (caller.account, caller.region, caller.partition) == ("123456789012", REGION, "aws")


def test_buckets_and_distributions_are_counted(moto_aws: AccountClients) -> None:
    moto_aws.buckets.create_bucket(
        Bucket="mill-originalsbucket-1",
        CreateBucketConfiguration={"LocationConstraint": "eu-central-1"},
    )
    account = AwsAccount(moto_aws)

    assert account.bucket_names() == ["mill-originalsbucket-1"]
    assert account.distributions() == 0


def test_a_bucket_is_here_or_in_another_region(aws: AccountClients) -> None:
    with Stubber(aws.buckets) as stub:
        stub.add_response("get_bucket_location", {"LocationConstraint": REGION}, {"Bucket": "a"})
        stub.add_response("get_bucket_location", {}, {"Bucket": "b"})
        account = AwsAccount(aws)

        assert [account.is_here("a"), account.is_here("b")] == [True, False]


def test_keys_and_plans_are_counted(aws: AccountClients) -> None:
    with Stubber(aws.gateway) as stub:
        stub.add_response("get_api_keys", {"items": [{"id": "a"}], "position": "next"})
        stub.add_response("get_api_keys", {"items": [{"id": "b"}]}, {"position": "next"})
        stub.add_response("get_usage_plans", {"items": [{"id": "c"}]})
        account = AwsAccount(aws)

        assert (account.api_keys(), account.usage_plans()) == (2, 1)


def test_a_stack_that_does_not_exist_has_no_outputs(aws: AccountClients) -> None:
    with Stubber(aws.stacks) as stub:
        stub.add_client_error(
            "describe_stacks", "ValidationError", "Stack with id mill does not exist"
        )

        assert AwsAccount(aws).outputs("mill") is None


def test_a_stack_that_may_not_be_read_is_an_error(aws: AccountClients) -> None:
    with Stubber(aws.stacks) as stub:
        stub.add_client_error("describe_stacks", "AccessDenied")

        with pytest.raises(SetupFailed, match="AccessDenied"):
            AwsAccount(aws).outputs("mill")


def test_alarms_of_a_stack_have_no_dash_in_the_rest_of_their_names(
    moto_aws: AccountClients,
) -> None:
    metrics = cloudwatch()
    for name in ("mill-Faults", "mill-dev-Faults", "other"):
        metrics.put_metric_alarm(
            AlarmName=name,
            Namespace="imagemill",
            MetricName="Faults",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=0,
            ComparisonOperator="GreaterThanThreshold",
        )
    metrics.set_alarm_state(AlarmName="mill-Faults", StateValue="ALARM", StateReason="test")

    assert AwsAccount(moto_aws).alarms("mill") == {"Faults": "ALARM"}


def test_alarms_behind_those_of_many_other_stacks_are_found(aws: AccountClients) -> None:
    def page(name: str) -> dict[str, Any]:
        return {"MetricAlarms": [{"AlarmName": name, "StateValue": "OK"}]}

    metrics = cloudwatch()
    with Stubber(metrics) as stub:
        stub.add_response("describe_alarms", page("mill-dev-Faults") | {"NextToken": "next"})
        stub.add_response("describe_alarms", page("mill-Faults"))

        found = AwsAccount(replace(aws, metrics=metrics)).alarms("mill")

    assert found == {"Faults": "OK"}


def test_compilations_of_the_last_day_are_added(moto_aws: AccountClients) -> None:
    metrics = cloudwatch()
    for stack, count in (("mill", 2), ("mill", 1), ("other", 5)):
        an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
        point = {"MetricName": "Compilations", "Value": count, "Timestamp": an_hour_ago}
        dimensions = [{"Name": "service", "Value": stack}]
        metrics.put_metric_data(
            Namespace="imagemill", MetricData=[point | {"Dimensions": dimensions}]
        )

    assert AwsAccount(moto_aws).compilations("mill") == 3


def test_the_quota_of_concurrent_executions_is_read(aws: AccountClients) -> None:
    limit = {"ConcurrentExecutions": 1_000, "UnreservedConcurrentExecutions": 950}
    with Stubber(aws.functions) as stub:
        stub.add_response("get_account_settings", {"AccountLimit": limit}, {})

        assert AwsAccount(aws).concurrency() == Concurrency(1_000, 950)


@pytest.mark.parametrize(("prices", "expected"), [(['{"product": {}}'], True), ([], False)])
def test_a_region_has_arm64_if_lambda_has_a_price_for_it(
    aws: AccountClients, prices: list[str], expected: bool
) -> None:
    asked = {
        "ServiceCode": "AWSLambda",
        "Filters": [
            {"Type": "TERM_MATCH", "Field": "regionCode", "Value": REGION},
            {"Type": "TERM_MATCH", "Field": "group", "Value": "AWS-Lambda-Duration-ARM"},
        ],
        "MaxResults": 1,
    }
    with Stubber(aws.pricing) as stub:  # type: ignore[arg-type]  # a client of boto3
        stub.add_response("get_products", {"PriceList": prices}, asked)

        assert AwsAccount(aws).has_arm64() is expected


def test_an_error_of_aws_is_told_with_its_code(aws: AccountClients) -> None:
    with Stubber(aws.functions) as stub:
        stub.add_client_error("get_account_settings", "AccessDeniedException")

        with pytest.raises(SetupFailed, match="AccessDeniedException"):
            AwsAccount(aws).concurrency()
