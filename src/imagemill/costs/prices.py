"""What AWS charges: the one table that every estimate of ours is made from.

US dollars in us-east-1, on demand, at the first tier of volume, without tax or discounts. Each
price says where it was read and when that was written; those without a source could not be
confirmed. What is free every month in every account is noted, and left out of account unless asked
for. docs/cost.md shows the table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

AS_OF = "2026-09"
"""When the table was last held against its sources."""
REGION = "us-east-1"
MONTH_S = 30 * 24 * 3600
GIB = 2**30
"""Bytes of what AWS bills as a GB."""

Architecture = Literal["arm64", "x86_64"]

_LIST = "https://github.com/ocelhq/ocel/blob/b3c9bd183e2819af60cff7865e8826228066fb89/docs/research/price-book.md"
"""Reads AWS's own price list, offer files of us-east-1, on 2026-09-06."""
_LIST_TOO = "https://github.com/aditya0si/agent-report-distribution/blob/945fb6ad45eed7a580d50abebe396dbe3d098662/docs/COST.md"
"""Reads the same list on 2026-09-21."""
_LIST_BEFORE = "https://github.com/aditya0si/agent-report-distribution/blob/634ed169466783827e6c89175b5f215a26fc8572/docs/COST.md"
"""A version of it that has the price of stored logs."""
_GATEWAY = "https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html"
_LAMBDA = "https://aws.amazon.com/lambda/pricing/"
_BUS = "https://cloudburn.io/blog/amazon-eventbridge-pricing"
_STATES = "https://www.wring.co/blog/aws-step-functions-pricing-guide"
_DASHBOARDS = (
    "https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/"
)


@dataclass(frozen=True, slots=True)
class Price:
    """So many dollars for `per` of something; `free` of them cost nothing, every month.

    `seen` is when the source was written, as exactly as it says; without a `source` the price is
    from memory.
    """

    service: str
    what: str
    dollars: float
    per: float
    source: str = ""
    seen: str = ""
    free: float = 0.0

    @property
    def each(self) -> float:
        """Dollars for one."""
        return self.dollars / self.per


LAMBDA_GB_SECONDS: Mapping[Architecture, Price] = {
    "arm64": Price(
        "Lambda", "GB-second, arm64", 0.0000133334, 1, _LIST, "2026-09-06", free=400_000
    ),
    "x86_64": Price(
        "Lambda", "GB-second, x86_64", 0.0000166667, 1, _LIST, "2026-09-06", free=400_000
    ),
}
LAMBDA_REQUEST = Price("Lambda", "request", 0.20, 1e6, _LIST, "2026-09-06", free=1e6)
SNAPSHOT_KEPT = Price("Lambda", "GB-second of a snapshot kept", 0.0000015046, 1, _LAMBDA, "undated")
"""Of the function's memory, for each version of it that there is, and for three hours at least."""
SNAPSHOT_RESTORED = Price(
    "Lambda", "GB restored from a snapshot", 0.0001397998, 1, _LAMBDA, "undated"
)
"""Of the function's memory, each time that a copy of it starts."""
S3_READ = Price("S3", "GET or HEAD", 0.0004, 1_000, _LIST, "2026-09-06")
S3_WRITE = Price("S3", "PUT or LIST", 0.005, 1_000, _LIST, "2026-09-06")
"""Deleting is free."""
S3_STORAGE = Price("S3", "GB-month, Standard", 0.023, 1, _LIST, "2026-09-06")
DYNAMODB_READ_UNIT = Price("DynamoDB", "read request unit", 0.125, 1e6, _LIST, "2026-09-06")
DYNAMODB_WRITE_UNIT = Price("DynamoDB", "write request unit", 0.625, 1e6, _LIST, "2026-09-06")
DYNAMODB_STORAGE = Price("DynamoDB", "GB-month", 0.25, 1, _LIST, "2026-09-06", free=25)
DYNAMODB_RECOVERY = Price("DynamoDB", "GB-month of recovery to any moment", 0.20, 1)
SQS_REQUEST = Price("SQS", "request", 0.40, 1e6, _LIST_TOO, "2026-09-21", free=1e6)
EVENTBRIDGE_EVENT = Price("EventBridge", "custom event", 1.00, 1e6, _BUS, "2026-03-13")
STATES_TRANSITION = Price(
    "Step Functions", "transition, standard", 25.00, 1e6, _STATES, "2026-03-14", free=4_000
)
STATES_EXPRESS_REQUEST = Price(
    "Step Functions", "execution, express", 1.00, 1e6, _STATES, "2026-03-14"
)
STATES_EXPRESS_GB_SECOND = Price(
    "Step Functions", "GB-second, express", 0.00001667, 1, _STATES, "2026-03-14"
)
GATEWAY_REQUEST = Price("API Gateway", "request, REST", 3.50, 1e6, _GATEWAY, "undated")
LOG_INGESTION = Price("CloudWatch", "GB of logs", 0.50, 1, _LIST_TOO, "2026-09-21", free=5)
LOG_STORAGE = Price("CloudWatch", "GB-month of logs", 0.03, 1, _LIST_BEFORE, "2026-09-21")
METRIC = Price("CloudWatch", "metric a month", 0.30, 1, _LIST_TOO, "2026-09-21", free=10)
ALARM = Price(
    "CloudWatch", "metric of an alarm, a month", 0.10, 1, _LIST_TOO, "2026-09-21", free=10
)
DASHBOARD = Price("CloudWatch", "dashboard a month", 3.00, 1, _DASHBOARDS, "2026-06-13", free=3)
CDN_REQUEST = Price("CloudFront", "HTTPS request", 1.00, 1e6, _LIST, "2026-09-06", free=1e7)
CDN_TRANSFER = Price("CloudFront", "GB out", 0.085, 1, _LIST, "2026-09-06", free=1_024)

TABLE: tuple[Price, ...] = (
    *LAMBDA_GB_SECONDS.values(),
    LAMBDA_REQUEST,
    SNAPSHOT_KEPT,
    SNAPSHOT_RESTORED,
    S3_READ,
    S3_WRITE,
    S3_STORAGE,
    DYNAMODB_READ_UNIT,
    DYNAMODB_WRITE_UNIT,
    DYNAMODB_STORAGE,
    DYNAMODB_RECOVERY,
    SQS_REQUEST,
    EVENTBRIDGE_EVENT,
    STATES_TRANSITION,
    STATES_EXPRESS_REQUEST,
    STATES_EXPRESS_GB_SECOND,
    GATEWAY_REQUEST,
    LOG_INGESTION,
    LOG_STORAGE,
    METRIC,
    ALARM,
    DASHBOARD,
    CDN_REQUEST,
    CDN_TRANSFER,
)


@dataclass(frozen=True, slots=True)
class Bill:
    """Dollars by what they are paid for."""

    items: Mapping[str, float]

    @property
    def total(self) -> float:
        """The sum, in dollars."""
        return sum(self.items.values())


def gb_seconds(ms: float, memory_mb: int) -> float:
    """Return what so many milliseconds of a function of this memory size are billed as."""
    return ms / 1000 * memory_mb / 1024


def lambda_dollars(ms: float, memory_mb: int, architecture: Architecture = "arm64") -> float:
    """Return what so many milliseconds of a function of this memory size cost."""
    return gb_seconds(ms, memory_mb) * LAMBDA_GB_SECONDS[architecture].each


def snapshot_dollars(memory_mb: int, kept_s: float = MONTH_S) -> float:
    """Return what keeping a snapshot of a function of this memory size costs; usually a month."""
    return gb_seconds(kept_s * 1000, memory_mb) * SNAPSHOT_KEPT.each


def restore_dollars(memory_mb: int) -> float:
    """Return what one start from a snapshot of a function of this memory size costs."""
    return memory_mb / 1024 * SNAPSHOT_RESTORED.each
