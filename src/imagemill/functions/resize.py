"""ResizeImageFunction: handles batches of queue messages with S3 events."""

import gc

# Loading modules leaves no garbage, and searching for it takes 5% of a cold start.
gc.disable()

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from imagemill.functions.logs import begin
from imagemill.functions.observer import observer
from imagemill.pipeline.batch import Delivery, process_batch
from imagemill.pipeline.concurrency import ConcurrencyLimiter
from imagemill.wiring.isolation import isolate
from imagemill.wiring.resize_function import event_bus, memory_budget, resize_deps, retries

if TYPE_CHECKING:
    from imagemill.functions.context import LambdaContext

gc.enable()


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Handle every message of a batch; return the ids of those that failed, as Lambda asks for."""
    # First of all: the worker loads its decoders while this process does other work.
    isolate()
    begin(context)
    now_ms = time.time_ns() // 1_000_000
    deliveries = [_delivery(message, now_ms) for message in event["Records"]]
    limiter = ConcurrencyLimiter(
        memory_budget(), lambda: context.get_remaining_time_in_millis() / 1000
    )
    deps = replace(resize_deps(), limiter=limiter)
    failed = process_batch(deliveries, deps, event_bus(), observer(), retries())
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _delivery(message: dict[str, Any], now_ms: int) -> Delivery:
    attributes = message["attributes"]
    sent_ms = int(attributes.get("SentTimestamp", now_ms))
    attempt = int(attributes["ApproximateReceiveCount"])
    age_ms = max(0, now_ms - sent_ms)
    receipt = message.get("receiptHandle", "")
    return Delivery(message["messageId"], message["body"], attempt, age_ms, receipt)
