"""A warm function as on Lambda: takes batches of S3 events and measures wall and CPU time.

    python function_worker.py imagemill
    {"records": [{"key": "a.jpg", "version_id": "…", "bytes": 1, "sequencer": "1"}]}
                            → {"wall_ms": 512.3, "cpu_ms": 480.1, "done": 10}

CPU time is that of the process and its children, also of those that still run. All contenders read
the names of the buckets and the table from the environment variables of imagemill's functions.
"""

import io
import json
import os
import resource
import sys
import time
from base64 import b64decode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, unquote_plus

Handler = Callable[[dict[str, Any]], int]
_TIMEOUT_MS = 120_000


class _Context:
    """The parts of Lambda's context object that the handlers read."""

    aws_request_id = "benchmark"

    def get_remaining_time_in_millis(self) -> int:
        return _TIMEOUT_MS


def imagemill() -> Handler:
    """Return imagemill's handler; it gets the whole batch."""
    from imagemill.functions.resize import handler  # noqa: PLC0415 - one contender a process

    def handle(event: dict[str, Any]) -> int:
        failed = handler(event, _Context())["batchItemFailures"]
        return len(event["Records"]) - len(failed)

    return handle


def libraries() -> Handler:
    """Return imagemill's handler with `JpegSandbox` off."""
    os.environ["IMAGEMILL_JPEG_SANDBOX"] = "false"
    return imagemill()


def one_by_one() -> Handler:
    """Return imagemill's handler with one message at a time, so that nothing overlaps."""
    handle = imagemill()

    def handle_each(event: dict[str, Any]) -> int:
        return sum(handle({"Records": [record]}) for record in event["Records"])

    return handle_each


def tutorial() -> Handler:
    """Return the handler of tutorials: fetch, turn upright, thumbnail, store, write a record."""
    import boto3  # noqa: PLC0415
    from PIL import Image, ImageOps  # noqa: PLC0415

    s3, dynamodb = boto3.client("s3"), boto3.client("dynamodb")

    def resize(found: dict[str, Any]) -> None:
        key = unquote_plus(found["object"]["key"])
        original = s3.get_object(Bucket=os.environ["IMAGEMILL_ORIGINALS_BUCKET"], Key=key)
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(original["Body"].read())))
        image.thumbnail((500, 500))
        made = io.BytesIO()
        image.save(made, "JPEG", quality=82)
        s3.put_object(
            Bucket=os.environ["IMAGEMILL_PROCESSED_BUCKET"], Key=key, Body=made.getvalue()
        )
        size = {"width": {"N": str(image.width)}, "height": {"N": str(image.height)}}
        item = {"id": {"S": key}, "status": {"S": "ready"}, **size}
        dynamodb.put_item(TableName=os.environ["IMAGEMILL_TABLE"], Item=item)

    def handle(event: dict[str, Any]) -> int:
        for message in event["Records"]:
            for record in json.loads(message["body"])["Records"]:
                resize(record["s3"])
        return len(event["Records"])

    return handle


def on_request() -> Handler:
    """Return TransformFunction's handler; it gets the requests at once."""
    from imagemill.domain.keys import image_id  # noqa: PLC0415
    from imagemill.functions.transform import handler  # noqa: PLC0415

    def answer(record: dict[str, Any]) -> int:
        path = f"/~t/{image_id(record['key'])}/{record['width']}x.{record['extension']}"
        event = {"rawPath": path, "requestContext": {"http": {"method": "GET"}}}
        answered = handler(event, _Context())
        if "out" in record:
            Path(record["out"]).write_bytes(b64decode(answered["body"]))
        return int(answered["statusCode"] == HTTPStatus.OK)

    def answer_all(event: dict[str, Any]) -> int:
        requests = event["requests"]
        if len(requests) == 1:
            return answer(requests[0])
        with ThreadPoolExecutor(len(requests)) as pool:
            return sum(pool.map(answer, requests))

    return answer_all


CONTENDERS = {
    "on_request": on_request,
    "imagemill": imagemill,
    "libraries": libraries,
    "one by one": one_by_one,
    "tutorial": tutorial,
}


def batch(records: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the event of a batch from the queue, with the requests themselves beside it."""
    return {
        "requests": records,
        "Records": [
            {
                "messageId": str(number),
                "body": json.dumps({"Records": [_notification(record)]}),
                "attributes": {"ApproximateReceiveCount": "1"},
            }
            for number, record in enumerate(records)
        ],
    }


def _notification(record: dict[str, Any]) -> dict[str, Any]:
    described = {
        "key": quote_plus(record["key"], safe="/"),
        "size": record["bytes"],
        "eTag": "",
        "versionId": record["version_id"],
        "sequencer": record["sequencer"],
    }
    return {
        "eventName": "ObjectCreated:Put",
        "eventTime": "2026-05-04T10:20:29.123Z",
        "s3": {
            "bucket": {"name": os.environ["IMAGEMILL_ORIGINALS_BUCKET"]},
            "object": described,
        },
    }


def _cpu_s() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    tasks = Path("/proc/self/task").glob("*/children")
    running = [int(pid) for task in tasks for pid in task.read_text().split()]
    # The clock of another process, as clock_getcpuclockid(3) names it.
    clocks = [time.clock_gettime(~pid << 3 | 2) for pid in running]
    return sum(one.ru_utime + one.ru_stime for one in used) + sum(clocks)


def main() -> None:
    """Answer requests until stdin ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    handle = CONTENDERS[sys.argv[1]]()
    for line in sys.stdin:
        event = batch(json.loads(line)["records"])
        cpu_s, wall_s = _cpu_s(), time.perf_counter()
        done = handle(event)
        wall_ms = 1000 * (time.perf_counter() - wall_s)
        said = {"wall_ms": wall_ms, "cpu_ms": 1000 * (_cpu_s() - cpu_s), "done": done}
        answers.write(json.dumps(said) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
