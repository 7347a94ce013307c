"""Limits on throughput: AWS's default quotas in us-east-1 and the parameters of template.yaml.

Each AWS figure names the page that states it. AWS raises most of them on request.
"""

from dataclasses import dataclass
from typing import Literal

from imagemill.costs.bill import POLLERS as IDLE_POLLERS

_DOCS = "https://docs.aws.amazon.com"
_S3 = f"{_DOCS}/AmazonS3/latest/userguide/optimizing-performance.html"
_POLLING = f"{_DOCS}/lambda/latest/dg/services-sqs-scaling.html"
_SCALING = f"{_DOCS}/lambda/latest/dg/scaling-behavior.html"
_TABLE = f"{_DOCS}/amazondynamodb/latest/developerguide/on-demand-capacity-mode.html"
_PARTITION = f"{_DOCS}/amazondynamodb/latest/developerguide/warm-throughput-scenarios.html"
_QUEUE = f"{_DOCS}/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html"
_BUS = f"{_DOCS}/eventbridge/latest/userguide/eb-quota.html"
_GATEWAY = f"{_DOCS}/apigateway/latest/developerguide/limits.html"
_OURS = "configuration.md"

Unit = Literal["a second", "at once", "a minute more"]


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit with its unit: a default of AWS, or a parameter of template.yaml."""

    service: str
    name: str
    limit: float
    unit: Unit
    source: str


S3_READS = Quota("S3", "GET and HEAD, each partitioned prefix", 5_500, "a second", _S3)
S3_WRITES = Quota("S3", "PUT and DELETE, each partitioned prefix", 3_500, "a second", _S3)
IN_FLIGHT = Quota("SQS", "messages received and not yet deleted", 120_000, "at once", _QUEUE)
FIRST_POLLERS = Quota(
    "Lambda", "batches of a queue at the start", IDLE_POLLERS, "at once", _POLLING
)
POLLER_RAMP = Quota("Lambda", "batches of a queue, growth", 300, "a minute more", _POLLING)
POLLERS = Quota("Lambda", "batches of a queue", 1_250, "at once", _POLLING)
CONCURRENCY = Quota("Lambda", "invocations of an account", 1_000, "at once", _SCALING)
TABLE_WRITES = Quota("DynamoDB", "write units, a new on-demand table", 4_000, "a second", _TABLE)
TABLE_READS = Quota("DynamoDB", "read units, a new on-demand table", 12_000, "a second", _TABLE)
TABLE_MOST = Quota("DynamoDB", "write units, any one table", 40_000, "a second", _TABLE)
PARTITION_WRITES = Quota("DynamoDB", "write units, each partition", 1_000, "a second", _PARTITION)
EVENTS = Quota("EventBridge", "PutEvents", 10_000, "a second", _BUS)
GATEWAY = Quota("API Gateway", "requests of an account", 10_000, "a second", _GATEWAY)
MAX_CONCURRENCY = Quota("stack", "`MaxConcurrency`", 5, "at once", _OURS)
MOST_CONCURRENCY = Quota("stack", "`MaxConcurrency`, largest value", 1_000, "at once", _OURS)
API_RATE = Quota("stack", "`ApiRateLimit`, each key", 50, "a second", _OURS)
# Seconds that a failed message stays in flight: RetrySeconds in template.yaml.
RETRY_S = 720
