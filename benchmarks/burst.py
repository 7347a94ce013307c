"""Measure bursts of uploads on the embedded AWS, to check the simulation: benchmarks/burst.json.

    python -m benchmarks.burst

The stack is deployed as by `imagemill up`, with one concurrent batch per core. The duration of a
batch comes from Lambda's REPORT lines, of single images and of a burst that is complete before work
begins. The gap between batches comes from the total time of that burst. A second burst then arrives
1.5 times as fast as the first was processed. `python -m benchmarks.sheets` simulates both and
writes the differences to docs/scaling.md.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import boto3

from benchmarks.function import HERE, free_port
from benchmarks.images import draw
from benchmarks.page import machine
from benchmarks.reports import Reports
from imagemill.costs.durations import MOST_AT_ONCE
from imagemill.local.address import Address
from imagemill.local.up import UpOptions, cloud

OUT = HERE / "burst.json"
_SIZE = (1600, 1200)
_AT_ONCE = 8
_STEP_S = 0.25
_PATIENCE_S = 500
_WARM, _ALONE = 100, 15
# Arrival rate of the second burst, relative to the rate of processing.
_FASTER = 1.5


@dataclass(frozen=True, slots=True)
class Curve:
    """A measured burst: queue depths at times in s; `rate` is 0 if all waited at the start."""

    name: str
    images: int
    rate: float
    seconds: float
    moments: list[float]
    depths: list[int]


@dataclass(frozen=True, slots=True)
class Learnt:
    """The duration of a batch: `wait_ms`, `image_ms` per image, `gap_ms` until the next batch."""

    wait_ms: float
    image_ms: float
    gap_ms: float
    invocations: int

    @property
    def each_ms(self) -> float:
        """Milliseconds per image of a full batch, with the gap."""
        return (self.wait_ms + self.gap_ms) / MOST_AT_ONCE + self.image_ms


class Stand:
    """The stack on the embedded AWS: its bucket, its queue and its event source mapping."""

    def __init__(self, address: Address) -> None:
        session: Any = boto3.Session(
            address.aws_access_key_id, address.aws_secret_access_key, region_name=address.region
        )
        self._bucket, self._queue = address.originals_bucket, address.queue_url
        self._s3 = session.client("s3", endpoint_url=address.endpoint)
        self._sqs = session.client("sqs", endpoint_url=address.endpoint)
        self._lambda = session.client("lambda", endpoint_url=address.endpoint)
        stack = session.client("cloudformation", endpoint_url=address.endpoint)
        found = stack.describe_stack_resource(
            StackName=address.stack, LogicalResourceId="ResizeImageLogs"
        )
        self.reports = Reports(
            session.client("logs", endpoint_url=address.endpoint),
            found["StackResourceDetail"]["PhysicalResourceId"],
        )
        [mapping] = self._lambda.list_event_source_mappings()["EventSourceMappings"]
        self._mapping = mapping["UUID"]
        self.at_once: int = mapping["ScalingConfig"]["MaximumConcurrency"]

    def read_queue(self, *, on: bool) -> None:
        """Enable or disable the event source mapping."""
        self._lambda.update_event_source_mapping(UUID=self._mapping, Enabled=on)

    def events(self, count: int, data: bytes) -> list[str]:
        """Upload `count` images, and return the bodies of S3's messages, taken from the queue."""
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            list(pool.map(lambda at: self._put(f"{at}.jpg", data), range(count)))
        bodies: list[str] = []
        while len(bodies) < count:
            bodies += self._taken()
        return bodies

    def send(self, bodies: Sequence[str]) -> None:
        """Send messages, ten per request."""
        for start in range(0, len(bodies), MOST_AT_ONCE):
            part = bodies[start : start + MOST_AT_ONCE]
            entries = [{"Id": str(at), "MessageBody": body} for at, body in enumerate(part)]
            self._sqs.send_message_batch(QueueUrl=self._queue, Entries=entries)

    def waiting(self) -> tuple[int, int]:
        """Return the number of waiting messages and of those in flight."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=names)
        told = found["Attributes"]
        return int(told[names[0]]), int(told[names[1]])

    def _put(self, key: str, data: bytes) -> None:
        self._s3.put_object(Bucket=self._bucket, Key=f"{time.monotonic_ns()}/{key}", Body=data)

    def _taken(self) -> list[str]:
        found = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=MOST_AT_ONCE)
        messages = found.get("Messages", [])
        for message in messages:
            handle = message["ReceiptHandle"]
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=handle)
        return [message["Body"] for message in messages]


def measure(images: int, scratch: Path) -> dict[str, Any]:
    """Return the durations of batches and the curves of both bursts."""
    data = draw(scratch / "burst.jpg", _SIZE).read_bytes()
    os.environ["XDG_DATA_HOME"] = str(scratch)
    with cloud(UpOptions(free_port(), scratch / "data", "500")) as (_, address):
        stand = Stand(address)
        stand.read_queue(on=False)
        bodies = stand.events(_WARM + _ALONE + 2 * images, data)
        waiting, learnt = _learnt(stand, bodies[:-images])
        pace = 1000 * stand.at_once / learnt.each_ms
        coming = _burst(stand, "coming faster", bodies[-images:], _FASTER * pace)
    return {
        "measured": f"{datetime.now(UTC):%Y-%m-%d}",
        "command": "python -m benchmarks.burst",
        "machine": machine(),
        "cores": os.cpu_count(),
        "at_once": stand.at_once,
        "wait_ms": round(learnt.wait_ms, 1),
        "image_ms": round(learnt.image_ms, 1),
        "gap_ms": round(learnt.gap_ms, 1),
        "invocations_learnt_from": learnt.invocations,
        "bursts": [asdict(waiting), asdict(coming)],
    }


def _learnt(stand: Stand, bodies: Sequence[str]) -> tuple[Curve, Learnt]:
    """Process images to warm up, some one by one, and the rest as the first burst."""
    stand.send(bodies[:_WARM])
    stand.read_queue(on=True)
    list(_until_empty(stand))
    stand.reports.fresh(_WARM)
    for body in bodies[_WARM : _WARM + _ALONE]:
        stand.send([body])
        list(_until_empty(stand))
    alone = stand.reports.fresh(_ALONE)
    burst = bodies[_WARM + _ALONE :]
    waiting = _burst(stand, "all waiting", burst, 0)
    full = stand.reports.fresh(len(burst))
    wait_ms, image_ms = _line(alone + full)
    between_ms = 1000 * waiting.seconds * stand.at_once / len(full)
    gap_ms = max(0.0, between_ms - wait_ms - MOST_AT_ONCE * image_ms)
    return waiting, Learnt(wait_ms, image_ms, gap_ms, len(alone + full))


def _burst(stand: Stand, name: str, bodies: Sequence[str], rate: float) -> Curve:
    """Measure a burst; with a rate of 0 all messages wait before the queue is read."""
    if not rate:
        stand.read_queue(on=False)
        stand.send(bodies)
    with ThreadPoolExecutor(1) as pool:
        begun = time.monotonic()
        coming = (
            pool.submit(_pace, stand, bodies, rate)
            if rate
            else pool.submit(stand.read_queue, on=True)
        )
        looks = _until_empty(stand, lambda: not coming.done())
        seen = [(moment - begun, depth) for moment, depth in looks]
    moments = [round(moment, 2) for moment, _ in seen]
    return Curve(
        name=name,
        images=len(bodies),
        rate=round(rate, 2),
        seconds=moments[-1],
        moments=moments,
        depths=[depth for _, depth in seen],
    )


def _line(seen: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """Return the fixed duration of a batch and the duration per image, in ms, at least 0."""
    alone = median(ms for size, ms in seen if size == 1)
    full = median(ms for size, ms in seen if size == MOST_AT_ONCE)
    image = min((full - alone) / (MOST_AT_ONCE - 1), full / MOST_AT_ONCE)
    return full - MOST_AT_ONCE * image, image


def _pace(stand: Stand, bodies: Sequence[str], rate: float) -> None:
    begun = time.monotonic()
    for at, body in enumerate(bodies):
        time.sleep(max(0.0, begun + at / rate - time.monotonic()))
        stand.send([body])


def _until_empty(
    stand: Stand, more: Callable[[], bool] = lambda: False
) -> Iterator[tuple[float, int]]:
    """Yield times and depths until no message waits, is in flight or will come.

    Raises TimeoutError.
    """
    end = time.monotonic() + _PATIENCE_S
    while True:
        coming = more()
        waiting, working = stand.waiting()
        yield time.monotonic(), waiting
        if not waiting and not working and not coming:
            return
        if time.monotonic() > end:
            raise TimeoutError(f"{waiting} messages still wait, {working} are in flight")
        time.sleep(_STEP_S)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the curves."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--images", type=int, default=500, help="images of each burst")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        found = measure(options.images, Path(scratch))
    OUT.write_text(json.dumps(found) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
