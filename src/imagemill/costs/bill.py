"""Estimated AWS bill for a number of images: processing them once, and keeping them for a month.

Counts come from `costs.calls`, durations from `costs.durations`, prices from `costs.prices`. Every
image is new, becomes ready at the first attempt and is kept: retries, overwrites and deletions are
left out.
"""

from collections.abc import Iterator

from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.costs import calls, prices
from imagemill.costs.durations import MOST_AT_ONCE, Batch, DurationModel
from imagemill.costs.pace import DEFAULT_BYTES_PER_MEGAPIXEL
from imagemill.costs.prices import GIB, MONTH_S, Architecture, Price, gb_seconds
from imagemill.costs.work import Format, relative_bytes
from imagemill.dataclass import dataclass
from imagemill.recipe import DEFAULT_RECIPE, Recipe

# Billed ms of ApiImageUploadFunction for one upload. Assumed, not measured.
UPLOAD_MS = 100.0
# MB of ApiImageUploadFunction: its MemorySize in template.yaml.
UPLOAD_MEMORY_MB = 512
# Pollers that Lambda keeps on an idle queue; source: "Scaling behavior for SQS event source
# mappings", AWS Lambda Developer Guide.
POLLERS = 5
# Seconds that one long poll of SQS lasts at most.
POLL_S = 20
# Days that logs are kept: LogRetentionDays in template.yaml.
LOG_DAYS = 14


@dataclass(frozen=True, slots=True)
class MonitoringUse:
    """CloudWatch resources of the stack; an alarm is billed for each metric that it reads."""

    metrics: int = 0
    alarm_metrics: int = 0
    dashboards: int = 0


# The metrics of the functions, each counted once even if it has the dimension `code`, and the
# alarms and dashboard of template.yaml; a test counts them there.
DEPLOYED = MonitoringUse(metrics=20, alarm_metrics=20, dashboards=1)


@dataclass(frozen=True, slots=True)
class Workload:
    """The workload to price.

    Each image has `frames` and gets the renditions of `recipe`; `batch` images share an invocation;
    `api` is the share uploaded through the REST API, 0 to 1; `views` is the number of times that a
    rendition of each image is delivered per month; `image_ms` replaces the modelled duration per
    image.
    """

    images: int
    megapixels: float
    format: Format = "jpeg"
    recipe: Recipe = DEFAULT_RECIPE
    memory_mb: int = DEFAULT_MEMORY_MB
    architecture: Architecture = "arm64"
    batch: int = MOST_AT_ONCE
    api: float = 0.0
    views: float = 0.0
    image_ms: float | None = None
    monitoring: MonitoringUse = DEPLOYED
    has_named_rules: bool = False
    frames: int = 1

    @property
    def presets(self) -> int:
        """The number of renditions of each image."""
        return len(self.recipe.presets)

    def billed_ms(self, model: DurationModel) -> float:
        """Return the billed duration per image, in ms."""
        if self.image_ms is not None:
            return self.image_ms
        batch = Batch(
            *(self.megapixels, self.format, self.recipe, self.batch, self.memory_mb, self.frames)
        )
        return model.image_ms(batch)


@dataclass(frozen=True, slots=True)
class LineItem:
    """A line item of the bill; the first `free` units cost nothing."""

    name: str
    quantity: float
    price: Price
    free: float = 0.0

    @property
    def service(self) -> str:
        """The AWS service that bills it."""
        return self.price.service

    @property
    def dollars(self) -> float:
        """The cost in dollars."""
        return max(0.0, self.quantity - self.free) * self.price.each


@dataclass(frozen=True, slots=True)
class Statement:
    """Line items paid once for processing, and monthly ones for keeping and delivering."""

    once: tuple[LineItem, ...]
    monthly: tuple[LineItem, ...]


def statement(load: Workload, model: DurationModel, *, free_tier: bool = False) -> Statement:
    """Return all line items; `free_tier` subtracts the monthly free tier."""
    lines = Statement(tuple(_once(load, model)), tuple(_monthly(load, model)))
    return _without_free(lines) if free_tier else lines


def total(lines: tuple[LineItem, ...]) -> float:
    """Return the sum of the line items in dollars."""
    return sum(line.dollars for line in lines)


def _once(load: Workload, model: DurationModel) -> Iterator[LineItem]:
    images, batches, uploads = load.images, load.images / load.batch, load.images * load.api
    seconds = gb_seconds(images * load.billed_ms(model), load.memory_mb)
    duration = prices.LAMBDA_GB_SECONDS[load.architecture]
    # Each write of a record is a write of the index by time, too; the one by name has only keys.
    units = 2 * calls.write_units(load.presets) + calls.NAME_UNITS
    yield LineItem("resizing", seconds, duration)
    yield LineItem("invocations", batches, prices.LAMBDA_REQUEST)
    yield LineItem("originals uploaded", images, prices.S3_WRITE)
    yield LineItem("originals fetched", images * calls.GETS, prices.S3_READ)
    if load.has_named_rules:
        yield LineItem("rules looked up", images * calls.CHOICE_HEADS, prices.S3_READ)
    yield LineItem("renditions stored", images * calls.puts(load.presets), prices.S3_WRITE)
    messages = images * calls.MESSAGES + batches * calls.QUEUE_CALLS_A_BATCH
    yield LineItem("messages sent, received, deleted", messages, prices.SQS_REQUEST)
    yield LineItem("records read", images * calls.RECORD_READS, prices.DYNAMODB_READ_UNIT)
    written = images * calls.RECORD_WRITES * units
    yield LineItem("records written, and their indexes", written, prices.DYNAMODB_WRITE_UNIT)
    yield LineItem("completion events", images * calls.EVENTS, prices.EVENTBRIDGE_EVENT)
    yield LineItem("log lines", images * calls.LOG_BYTES / GIB, prices.LOG_INGESTION)
    if uploads:
        taken = gb_seconds(uploads * UPLOAD_MS, UPLOAD_MEMORY_MB)
        yield LineItem("uploads through the API", uploads, prices.GATEWAY_REQUEST)
        yield LineItem("handling of uploads", taken, duration)
        yield LineItem("invocations for uploads", uploads, prices.LAMBDA_REQUEST)
        yield LineItem("pending records written", uploads * 2, prices.DYNAMODB_WRITE_UNIT)


def _monthly(load: Workload, model: DurationModel) -> Iterator[LineItem]:
    per_megapixel = DEFAULT_BYTES_PER_MEGAPIXEL * relative_bytes(load.format, load.frames)
    originals = load.images * load.megapixels * per_megapixel / GIB
    each = model.renditions_bytes(load.megapixels, load.format, load.recipe, load.frames)
    renditions = load.images * each / GIB
    records = load.images * calls.record_bytes(load.presets) / GIB
    names = load.images * calls.NAME_BYTES / GIB
    logs = load.images * calls.LOG_BYTES / GIB * LOG_DAYS / 30
    yield LineItem("originals kept", originals, prices.S3_STORAGE)
    yield LineItem("renditions kept", renditions, prices.S3_STORAGE)
    yield LineItem("records kept, and their indexes", 2 * records + names, prices.DYNAMODB_STORAGE)
    yield LineItem("point-in-time recovery of records", records, prices.DYNAMODB_RECOVERY)
    yield LineItem("logs kept", logs, prices.LOG_STORAGE)
    yield LineItem("polling of the idle queue", POLLERS * MONTH_S / POLL_S, prices.SQS_REQUEST)
    monitoring = load.monitoring
    if monitoring.metrics:
        yield LineItem("metrics", monitoring.metrics, prices.METRIC)
    if monitoring.alarm_metrics:
        yield LineItem("metrics that alarms read", monitoring.alarm_metrics, prices.ALARM)
    if monitoring.dashboards:
        yield LineItem("dashboards", monitoring.dashboards, prices.DASHBOARD)
    if load.views:
        seen = load.images * load.views
        yield LineItem("renditions delivered", seen, prices.CDN_REQUEST)
        mean_bytes = each / load.presets
        yield LineItem("bytes delivered", seen * mean_bytes / GIB, prices.CDN_TRANSFER)
        yield LineItem("renditions fetched by CloudFront", seen, prices.S3_READ)


def _without_free(lines: Statement) -> Statement:
    """Return the lines with each price's free allowance subtracted, first line first."""
    left: dict[Price, float] = {}

    def reduced(line: LineItem) -> LineItem:
        free = min(line.quantity, left.setdefault(line.price, line.price.free))
        left[line.price] -= free
        return LineItem(line.name, line.quantity, line.price, free)

    return Statement(tuple(map(reduced, lines.once)), tuple(map(reduced, lines.monthly)))
