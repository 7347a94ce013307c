"""Cost: what so many images will be billed, item by item, and what keeping them costs a month.

Counts are those of `costs.calls`, times those of `costs.durations`, prices those of
`costs.prices`. An image is a new one that is uploaded once, becomes ready at the first try and
stays: retries, overwriting and deleting are left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.costs import calls, prices, quotas
from imagemill.costs.durations import MOST_AT_ONCE, Batch, DurationModel, Format
from imagemill.costs.pace import DEFAULT_BYTES_PER_MEGAPIXEL
from imagemill.costs.prices import GIB, MONTH_S, Architecture, Price, gb_seconds

RENDITION_BYTES = 50_000
"""Of a rendition: a photo at 500 px as JPEG."""
UPLOAD_MS = 100.0
"""What ApiImageUploadFunction is billed for an upload; assumed, not measured."""
UPLOAD_MEMORY_MB = 512
POLLERS = int(quotas.FIRST_POLLERS.limit)
"""That ask an idle queue."""
POLL_S = 20
"""How long one question waits for an answer, at most."""
LOG_DAYS = 14
"""As template.yaml's LogRetentionDays."""


@dataclass(frozen=True, slots=True)
class MonitoringUse:
    """What of CloudWatch the stack has; of an alarm every metric that it reads is paid for."""

    metrics: int = 0
    alarm_metrics: int = 0
    dashboards: int = 0


DEPLOYED = MonitoringUse(metrics=17, alarm_metrics=16, dashboards=1)
"""What template.yaml deploys and the functions count, codes aside; a test counts it there."""


@dataclass(frozen=True, slots=True)
class Workload:
    """What is to be paid for.

    `presets` renditions of each image; `batch` images share an invocation; `api` is the share
    uploaded through the REST API; `views` are the times that a rendition of each image is seen in
    a month; `image_ms` replaces what was measured.
    """

    images: int
    megapixels: float
    format: Format = "jpeg"
    presets: int = 1
    memory_mb: int = DEFAULT_MEMORY_MB
    architecture: Architecture = "arm64"
    batch: int = MOST_AT_ONCE
    api: float = 0.0
    views: float = 0.0
    image_ms: float | None = None
    watching: MonitoringUse = DEPLOYED

    def billed_ms(self, tempo: DurationModel) -> float:
        """Return what an image's share of its batch is billed for, ms."""
        if self.image_ms is not None:
            return self.image_ms
        shape = Batch(self.megapixels, self.format, self.presets, self.batch, self.memory_mb)
        return tempo.image_ms(shape)


@dataclass(frozen=True, slots=True)
class LineItem:
    """So many of something, and what they cost; `free` of them cost nothing."""

    what: str
    quantity: float
    price: Price
    free: float = 0.0

    @property
    def service(self) -> str:
        """Whose bill it is on."""
        return self.price.service

    @property
    def dollars(self) -> float:
        """What it costs."""
        return max(0.0, self.quantity - self.free) * self.price.each


@dataclass(frozen=True, slots=True)
class Statement:
    """What is paid once for the images, and what every month while they are kept and shown."""

    once: tuple[LineItem, ...]
    monthly: tuple[LineItem, ...]


def statement(load: Workload, tempo: DurationModel, *, free_tier: bool = False) -> Statement:
    """Return every item of the bill; `free_tier` takes off what a month has for nothing."""
    lines = Statement(tuple(_once(load, tempo)), tuple(_monthly(load)))
    return _without_free(lines) if free_tier else lines


def total(lines: tuple[LineItem, ...]) -> float:
    """Return the sum in dollars."""
    return sum(line.dollars for line in lines)


def _once(load: Workload, tempo: DurationModel) -> Iterator[LineItem]:
    images, batches, uploads = load.images, load.images / load.batch, load.images * load.api
    seconds = gb_seconds(images * load.billed_ms(tempo), load.memory_mb)
    duration = prices.LAMBDA_GB_SECONDS[load.architecture]
    units = 2 * calls.write_units(load.presets)
    yield LineItem("resizing", seconds, duration)
    yield LineItem("invocations", batches, prices.LAMBDA_REQUEST)
    yield LineItem("originals uploaded", images, prices.S3_WRITE)
    yield LineItem("originals fetched", images * calls.GETS, prices.S3_READ)
    yield LineItem("renditions stored", images * calls.puts(load.presets), prices.S3_WRITE)
    messages = images * calls.MESSAGES + batches * calls.QUEUE_CALLS_A_BATCH
    yield LineItem("messages sent, received, deleted", messages, prices.SQS_REQUEST)
    yield LineItem("records read", images * calls.RECORD_READS, prices.DYNAMODB_READ_UNIT)
    written = images * calls.RECORD_WRITES * units
    yield LineItem("records written, and their index", written, prices.DYNAMODB_WRITE_UNIT)
    yield LineItem("final states announced", images * calls.EVENTS, prices.EVENTBRIDGE_EVENT)
    yield LineItem("log lines", images * calls.LOG_BYTES / GIB, prices.LOG_INGESTION)
    if uploads:
        taken = gb_seconds(uploads * UPLOAD_MS, UPLOAD_MEMORY_MB)
        yield LineItem("uploads through the API", uploads, prices.GATEWAY_REQUEST)
        yield LineItem("uploads taken", taken, duration)
        yield LineItem("calls for uploads", uploads, prices.LAMBDA_REQUEST)
        yield LineItem("uploads announced", uploads * 2, prices.DYNAMODB_WRITE_UNIT)


def _monthly(load: Workload) -> Iterator[LineItem]:
    originals = load.images * load.megapixels * DEFAULT_BYTES_PER_MEGAPIXEL / GIB
    renditions = load.images * load.presets * RENDITION_BYTES / GIB
    records = load.images * calls.record_bytes(load.presets) / GIB
    logs = load.images * calls.LOG_BYTES / GIB * LOG_DAYS / 30
    yield LineItem("originals kept", originals, prices.S3_STORAGE)
    yield LineItem("renditions kept", renditions, prices.S3_STORAGE)
    yield LineItem("records kept, and their index", 2 * records, prices.DYNAMODB_STORAGE)
    yield LineItem("records recoverable", records, prices.DYNAMODB_RECOVERY)
    yield LineItem("logs kept", logs, prices.LOG_STORAGE)
    yield LineItem("an idle queue asked", POLLERS * MONTH_S / POLL_S, prices.SQS_REQUEST)
    watching = load.watching
    if watching.metrics:
        yield LineItem("metrics", watching.metrics, prices.METRIC)
    if watching.alarm_metrics:
        yield LineItem("metrics that alarms read", watching.alarm_metrics, prices.ALARM)
    if watching.dashboards:
        yield LineItem("dashboards", watching.dashboards, prices.DASHBOARD)
    if load.views:
        seen = load.images * load.views
        yield LineItem("renditions shown", seen, prices.CDN_REQUEST)
        yield LineItem("bytes shown", seen * RENDITION_BYTES / GIB, prices.CDN_TRANSFER)
        yield LineItem("renditions fetched to show", seen, prices.S3_READ)


def _without_free(lines: Statement) -> Statement:
    """Return the lines with each allowance taken off, from the first line on that has its price."""
    left: dict[Price, float] = {}

    def reduced(line: LineItem) -> LineItem:
        free = min(line.quantity, left.setdefault(line.price, line.price.free))
        left[line.price] -= free
        return LineItem(line.what, line.quantity, line.price, free)

    return Statement(tuple(map(reduced, lines.once)), tuple(map(reduced, lines.monthly)))
