"""Estimated AWS bill for requests of images on request: hits at the edge, and misses.

A hit is answered by CloudFront. A miss also looks in S3, and TransformFunction makes the image from
the original and stores it. Requests with an error and those of slow networks are left out.
"""

from collections.abc import Iterator
from dataclasses import field

from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.costs import prices
from imagemill.costs.bill import LineItem, total
from imagemill.costs.durations import Batch, DurationModel
from imagemill.costs.prices import GIB, Architecture, gb_seconds
from imagemill.costs.work import Format
from imagemill.dataclass import dataclass
from imagemill.recipe import Recipe
from imagemill.requests.ladder import variant_count
from imagemill.requests.settings import Settings

# CloudFront Functions that run for a request: one for the URL, one for the headers of the answer.
EDGE_FUNCTIONS = 2
# Requests of a miss; tests/unit/transform/test_serve.py counts those of the function. CloudFront
# asks S3 first, and the function reads the original.
S3_READS = 2
RECORD_READS = 2
REGISTRATIONS = 1
# Bytes logged for a miss, CloudWatch's overhead of 26 bytes per line included.
LOG_BYTES = 600
# A size and format that browsers are often sent.
DEFAULT_VARIANT = "640:webp"


@dataclass(frozen=True, slots=True)
class Visits:
    """Requests for variants to price: `hit_rate`, 0 to 1, is the share answered by CloudFront.

    Each miss makes the one preset of `variant` from an original of `megapixels`.
    """

    requests: int
    hit_rate: float
    megapixels: float
    format: Format = "jpeg"
    variant: Recipe = field(default_factory=lambda: Recipe.parse(DEFAULT_VARIANT))
    memory_mb: int = DEFAULT_MEMORY_MB
    architecture: Architecture = "arm64"
    frames: int = 1

    @property
    def misses(self) -> float:
        """The number of requests that CloudFront cannot answer."""
        return self.requests * (1 - self.hit_rate)

    def billed_ms(self, model: DurationModel) -> float:
        """Return the billed duration of a miss, in ms."""
        batch = Batch(self.megapixels, self.format, self.variant, 1, self.memory_mb, self.frames)
        return model.ms(batch)


def edge_lines(visits: Visits, model: DurationModel) -> tuple[LineItem, ...]:
    """Return the line items of all requests, hits and misses."""
    each = model.renditions_bytes(visits.megapixels, visits.format, visits.variant, visits.frames)
    functions = visits.requests * EDGE_FUNCTIONS
    return (
        LineItem("requests answered", visits.requests, prices.CDN_REQUEST),
        LineItem("edge functions", functions, prices.CDN_FUNCTION),
        LineItem("bytes delivered", visits.requests * each / GIB, prices.CDN_TRANSFER),
    )


def miss_lines(visits: Visits, model: DurationModel) -> tuple[LineItem, ...]:
    """Return the line items that misses add."""
    return tuple(_of_misses(visits.misses, visits, model))


def worst_case_dollars(visits: Visits, model: DurationModel, settings: Settings) -> float:
    """Return the cost of making every variant of an image that URLs without a signature can name.

    Each is priced as a miss of `visits`.
    """
    return total(tuple(_of_misses(variant_count(settings), visits, model)))


def _of_misses(misses: float, visits: Visits, model: DurationModel) -> Iterator[LineItem]:
    seconds = gb_seconds(misses * visits.billed_ms(model), visits.memory_mb)
    yield LineItem("rendering", seconds, prices.LAMBDA_GB_SECONDS[visits.architecture])
    yield LineItem("invocations", misses, prices.LAMBDA_REQUEST)
    yield LineItem("variants looked for, originals read", misses * S3_READS, prices.S3_READ)
    yield LineItem("variants stored", misses, prices.S3_WRITE)
    yield LineItem("records read", misses * RECORD_READS, prices.DYNAMODB_READ_UNIT)
    yield LineItem("variants registered", misses * REGISTRATIONS, prices.DYNAMODB_WRITE_UNIT)
    yield LineItem("log lines", misses * LOG_BYTES / GIB, prices.LOG_INGESTION)
