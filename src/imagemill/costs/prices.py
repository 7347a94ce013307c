"""AWS's prices, the only table behind the estimates of `imagemill cost` and `imagemill backfill`.

US dollars in us-east-1, on demand, first volume tier, without tax or discounts. Each price names
its source and the date of that source; a price without a source is unconfirmed. `free` is the
monthly free tier of every account, which estimates ignore unless the caller asks for it.
docs/cost.md shows the table.
"""

from collections.abc import Mapping
from typing import Literal

from imagemill.dataclass import dataclass

# Month in which the table was last compared with its sources.
AS_OF = "2026-09"
REGION = "us-east-1"
# Seconds in a month of 30 days.
MONTH_S = 30 * 24 * 3600
# Bytes in the unit that AWS bills as a GB.
GIB = 2**30

Architecture = Literal["arm64", "x86_64"]

# Quotes AWS's price list (the offer files of us-east-1) as of 2026-09-06.
_LIST = "https://github.com/ocelhq/ocel/blob/b3c9bd183e2819af60cff7865e8826228066fb89/docs/research/price-book.md"
# Quotes the same price list as of 2026-09-21.
_LIST_TOO = "https://github.com/aditya0si/agent-report-distribution/blob/945fb6ad45eed7a580d50abebe396dbe3d098662/docs/COST.md"
# An earlier version of that page, which has the price of log storage.
_LIST_BEFORE = "https://github.com/aditya0si/agent-report-distribution/blob/634ed169466783827e6c89175b5f215a26fc8572/docs/COST.md"
_GATEWAY = "https://docs.aws.amazon.com/whitepapers/latest/best-practices-api-gateway-private-apis-integration/cost-optimization.html"
_BUS = "https://cloudburn.io/blog/amazon-eventbridge-pricing"
_STATES = "https://www.wring.co/blog/aws-step-functions-pricing-guide"
_EDGE = "https://awsnegotiations.com/blog/cloudfront-functions-pricing/"
_DASHBOARDS = (
    "https://www.factualminds.com/blog/amazon-cloudwatch-pricing-metrics-logs-alarms-dashboards/"
)


@dataclass(frozen=True, slots=True)
class Price:
    """A price in dollars for `per` units; the first `free` units of a month cost nothing.

    `seen` is the date of the source, as precise as the source gives it. A price without a `source`
    was written from memory.
    """

    service: str
    unit: str
    dollars: float
    per: float
    source: str = ""
    seen: str = ""
    free: float = 0.0

    @property
    def each(self) -> float:
        """Dollars for one unit."""
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
S3_READ = Price("S3", "GET or HEAD", 0.0004, 1_000, _LIST, "2026-09-06")
# DELETE requests are free.
S3_WRITE = Price("S3", "PUT or LIST", 0.005, 1_000, _LIST, "2026-09-06")
S3_STORAGE = Price("S3", "GB-month, Standard", 0.023, 1, _LIST, "2026-09-06")
DYNAMODB_READ_UNIT = Price("DynamoDB", "read request unit", 0.125, 1e6, _LIST, "2026-09-06")
DYNAMODB_WRITE_UNIT = Price("DynamoDB", "write request unit", 0.625, 1e6, _LIST, "2026-09-06")
DYNAMODB_STORAGE = Price("DynamoDB", "GB-month", 0.25, 1, _LIST, "2026-09-06", free=25)
DYNAMODB_RECOVERY = Price("DynamoDB", "GB-month of point-in-time recovery", 0.20, 1)
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
METRIC = Price("CloudWatch", "metric-month", 0.30, 1, _LIST_TOO, "2026-09-21", free=10)
ALARM = Price("CloudWatch", "metric-month of an alarm", 0.10, 1, _LIST_TOO, "2026-09-21", free=10)
DASHBOARD = Price("CloudWatch", "dashboard-month", 3.00, 1, _DASHBOARDS, "2026-06-13", free=3)
CDN_REQUEST = Price("CloudFront", "HTTPS request", 1.00, 1e6, _LIST, "2026-09-06", free=1e7)
CDN_FUNCTION = Price(
    "CloudFront", "invocation of a CloudFront Function", 0.10, 1e6, _EDGE, "undated", free=2e6
)
CDN_TRANSFER = Price("CloudFront", "GB out", 0.085, 1, _LIST, "2026-09-06", free=1_024)

TABLE: tuple[Price, ...] = (
    *LAMBDA_GB_SECONDS.values(),
    LAMBDA_REQUEST,
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
    CDN_FUNCTION,
    CDN_TRANSFER,
)


@dataclass(frozen=True, slots=True)
class Bill:
    """Dollars by service."""

    items: Mapping[str, float]

    @property
    def total(self) -> float:
        """The sum, in dollars."""
        return sum(self.items.values())


def gb_seconds(ms: float, memory_mb: int) -> float:
    """Return the GB-seconds that Lambda bills for a duration at a memory size."""
    return ms / 1000 * memory_mb / 1024


def lambda_dollars(ms: float, memory_mb: int, architecture: Architecture = "arm64") -> float:
    """Return the dollars that Lambda bills for a duration at a memory size, without requests."""
    return gb_seconds(ms, memory_mb) * LAMBDA_GB_SECONDS[architecture].each
