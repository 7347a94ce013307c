"""What AWS charges: the one table that every estimate of ours is made from.

US dollars in us-east-1, on demand, without free tier, tax or discounts, as of November 2025. From
the pricing pages of AWS Lambda (arm64, first tier), Amazon S3 (Standard), Amazon DynamoDB
(on-demand, Standard), Amazon SQS (standard queues, first tier), Amazon EventBridge (custom events)
and AWS Step Functions.
"""

from collections.abc import Mapping
from dataclasses import dataclass

AS_OF = "2025-11"
REGION = "us-east-1"
_PER_MILLION = 1e-6
_PER_THOUSAND = 1e-3

LAMBDA_GB_SECOND = 0.0000133334
LAMBDA_REQUEST = 0.20 * _PER_MILLION
S3_READ = 0.0004 * _PER_THOUSAND
"""A GET or a HEAD."""
S3_WRITE = 0.005 * _PER_THOUSAND
"""A PUT or a LIST; deleting is free."""
DYNAMODB_READ_UNIT = 0.125 * _PER_MILLION
DYNAMODB_WRITE_UNIT = 0.625 * _PER_MILLION
SQS_REQUEST = 0.40 * _PER_MILLION
EVENTBRIDGE_EVENT = 1.00 * _PER_MILLION
STATES_TRANSITION = 0.025 * _PER_THOUSAND
"""Of a standard execution."""
STATES_EXPRESS_REQUEST = 1.00 * _PER_MILLION
STATES_EXPRESS_GB_SECOND = 0.00001667


@dataclass(frozen=True, slots=True)
class Bill:
    """Dollars by what they are paid for."""

    items: Mapping[str, float]

    @property
    def total(self) -> float:
        """The sum, in dollars."""
        return sum(self.items.values())


def lambda_dollars(ms: float, memory_mb: int) -> float:
    """Return what so many milliseconds of a function of this memory size cost."""
    return ms / 1000 * memory_mb / 1024 * LAMBDA_GB_SECOND
