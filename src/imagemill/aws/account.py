"""Facts about an account and the health of a stack, for `imagemill doctor`."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, Protocol, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from imagemill.aws.bucket_notifications import region_of
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.dataclass import dataclass
from imagemill.domain.account import Concurrency, Identity
from imagemill.errors import SetupFailed

if TYPE_CHECKING:
    from mypy_boto3_apigateway.client import APIGatewayClient
    from mypy_boto3_cloudformation.client import CloudFormationClient
    from mypy_boto3_lambda.client import LambdaClient
    from mypy_boto3_s3.client import S3Client

# The namespace of our metrics, and the one that counts decoders compiled by cold starts.
_NAMESPACE, _COMPILATIONS = "imagemill", "Compilations"
_DAY_S = 24 * 3600
# The price group of Lambda on arm64, with `regionCode` in every region that has it.
_ARM64_PRICES = "AWS-Lambda-Duration-ARM"


class Caller(TypedDict):
    """The answer of GetCallerIdentity."""

    Account: str
    Arn: str


class Alarm(TypedDict):
    """An alarm in the answer of DescribeAlarms."""

    AlarmName: str
    StateValue: str


class SecurityTokens(Protocol):
    """The client of `sts`."""

    def get_caller_identity(self) -> Caller:
        """Return the caller."""


class CloudFront(Protocol):
    """The client of `cloudfront`."""

    def list_distributions(self, *, MaxItems: str) -> Mapping[str, Mapping[str, int]]:  # noqa: N803  # boto3's names
        """Return the distributions."""


class AlarmPages(Protocol):
    """The paginator of DescribeAlarms."""

    def paginate(self, *, AlarmNamePrefix: str) -> Iterable[Mapping[str, Sequence[Alarm]]]:  # noqa: N803
        """Yield the alarms with this prefix in their names."""


class CloudWatch(Protocol):
    """The client of `cloudwatch`."""

    def get_paginator(self, name: Literal["describe_alarms"], /) -> AlarmPages:
        """Return the paginator of a request."""

    def get_metric_statistics(  # noqa: PLR0913  # boto3's parameters
        self,
        *,
        Namespace: str,  # noqa: N803
        MetricName: str,  # noqa: N803
        Dimensions: Sequence[Mapping[str, str]],  # noqa: N803
        StartTime: datetime,  # noqa: N803
        EndTime: datetime,  # noqa: N803
        Period: int,  # noqa: N803
        Statistics: Sequence[str],  # noqa: N803
    ) -> Mapping[str, Sequence[Mapping[str, float]]]:
        """Return the data points of a metric."""


class Pricing(Protocol):
    """The client of `pricing`, which lists the products of all regions."""

    def get_products(
        self,
        *,
        ServiceCode: str,  # noqa: N803
        Filters: Sequence[Mapping[str, str]],  # noqa: N803
        MaxResults: int,  # noqa: N803
    ) -> Mapping[str, Sequence[str]]:
        """Return products as JSON texts."""


@dataclass(frozen=True, slots=True)
class AccountClients:
    """The clients that the checks need, all of one region."""

    region: str
    tokens: SecurityTokens
    functions: "LambdaClient"
    cloudfront: CloudFront
    buckets: "S3Client"
    gateway: "APIGatewayClient"
    stacks: "CloudFormationClient"
    metrics: CloudWatch
    pricing: Pricing


class AwsAccount:
    """Implements `operations.doctor.Account` and `operations.doctor_stack.Health`."""

    def __init__(self, clients: AccountClients) -> None:
        self._clients = clients

    def identity(self) -> Identity:
        """Return the caller."""
        with _translated():
            caller = self._clients.tokens.get_caller_identity()
        return Identity(caller["Account"], caller["Arn"], self._clients.region)

    def concurrency(self) -> Concurrency:
        """Return the quota of concurrent executions."""
        with _translated():
            limit = self._clients.functions.get_account_settings()["AccountLimit"]
        return Concurrency(limit["ConcurrentExecutions"], limit["UnreservedConcurrentExecutions"])

    def distributions(self) -> int:
        """Return 1 if there is a CloudFront distribution, else 0: one is read, and counted."""
        with _translated():
            return self._clients.cloudfront.list_distributions(MaxItems="1")["DistributionList"][
                "Quantity"
            ]

    def bucket_names(self) -> list[str]:
        """Return the names of all buckets."""
        with _translated():
            return [one["Name"] for one in self._clients.buckets.list_buckets()["Buckets"]]

    def is_here(self, bucket: str) -> bool:
        """Return whether a bucket is in this region."""
        with _translated():
            found = self._clients.buckets.get_bucket_location(Bucket=bucket)
        return region_of(found.get("LocationConstraint")) == self._clients.region

    def api_keys(self) -> int:
        """Return the number of API keys."""
        with _translated():
            pages = self._clients.gateway.get_paginator("get_api_keys").paginate()
            return sum(len(page["items"]) for page in pages)

    def usage_plans(self) -> int:
        """Return the number of usage plans."""
        with _translated():
            pages = self._clients.gateway.get_paginator("get_usage_plans").paginate()
            return sum(len(page["items"]) for page in pages)

    def has_arm64(self) -> bool:
        """Return whether Lambda has a price for arm64 in this region."""
        with _translated():
            found = self._clients.pricing.get_products(
                ServiceCode="AWSLambda",
                Filters=[
                    {"Type": "TERM_MATCH", "Field": "regionCode", "Value": self._clients.region},
                    {"Type": "TERM_MATCH", "Field": "group", "Value": _ARM64_PRICES},
                ],
                MaxResults=1,
            )
        return any(json.loads(text) for text in found["PriceList"])

    def outputs(self, stack: str) -> dict[str, str] | None:
        """Return the outputs of a stack; None if there is no such stack."""
        try:
            return stack_outputs(self._clients.stacks, stack)
        except SetupFailed as fault:
            if "does not exist" in str(fault.__cause__):
                return None
            raise

    def alarms(self, stack: str) -> dict[str, str]:
        """Return the state of each alarm, by its name without that of the stack.

        A stack whose name begins with that of this one has alarms with a dash in the rest.
        """
        prefix = f"{stack}-"
        with _translated():
            pages = self._clients.metrics.get_paginator("describe_alarms")
            found = [
                one
                for page in pages.paginate(AlarmNamePrefix=prefix)
                for one in page["MetricAlarms"]
            ]
        names = {one["AlarmName"].removeprefix(prefix): one["StateValue"] for one in found}
        return {name: state for name, state in names.items() if "-" not in name}

    def compilations(self, stack: str) -> int:
        """Return how many decoders were compiled by cold starts in the last day."""
        now = datetime.now(UTC)
        with _translated():
            found = self._clients.metrics.get_metric_statistics(
                Namespace=_NAMESPACE,
                MetricName=_COMPILATIONS,
                Dimensions=[{"Name": "service", "Value": stack}],
                StartTime=now - timedelta(seconds=_DAY_S),
                EndTime=now,
                Period=_DAY_S,
                Statistics=["Sum"],
            )
        return int(sum(one["Sum"] for one in found["Datapoints"]))


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (ClientError, BotoCoreError) as fault:
        raise SetupFailed(str(fault)) from fault
