"""Adopt a bucket with many objects of others on the embedded AWS, and backfill it.

    python -m benchmarks.existing_bucket --objects 100000 --folder /var/tmp/bucket 2> run.log

Makes images in several formats and sizes, broken files, markers of folders and sidecar files, and
notifications of others. Then it runs `imagemill adopt` and `imagemill backfill` as a user would,
and prints one line of JSON: the time to the first rendition, the estimate that the command has
printed, the time of the backfill and their ratio, the number of records in each state, and whether
the bucket is unchanged: keys, ETags, versions and notifications. Progress goes to stderr. A hundred
thousand objects take an hour on two cores, and 3 GB on disk.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.function import free_port
from benchmarks.mixed_objects import MixedObject, mixed_objects
from imagemill.aws.record_items import from_item
from imagemill.local.address import Address
from imagemill.local.up import UpOptions, cloud

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_BUCKET = "photos-of-others"
_PARAMETERS = {"OriginalsBucketName": _BUCKET, "Gallery": "false", "OnRequest": "false"}
_AT_ONCE = 4
# Objects that are stored at a time, so that few of them are in memory.
_PORTION = 1_000
_LOOK_S = 0.2
_ESTIMATE = re.compile(r"^seconds +about ([\d,]+) with", re.MULTILINE)


@dataclass(slots=True)
class Run:
    """A backfill: its output, and its times in seconds from the start."""

    output: str = ""
    estimates: list[tuple[float, float]] = field(default_factory=list)
    """When an estimate was printed, and the seconds that it promises."""
    seconds: float = 0.0
    exit_code: int = 0


def measure(objects: int, folder: Path) -> dict[str, object]:
    """Return the figures for a bucket with this number of objects."""
    options = UpOptions(free_port(), folder, "100", _PARAMETERS)
    with cloud(options) as (_, address):
        session = boto3.Session(
            address.aws_access_key_id, address.aws_secret_access_key, region_name=address.region
        )
        s3 = session.client("s3", endpoint_url=address.endpoint)
        _create(s3, session.region_name)
        _fill(s3, objects)
        before = _contents(s3), _notifications(s3)
        _command(folder, "adopt", _BUCKET, "--yes")
        with _first_rendition(s3, address.processed_bucket) as first:
            start = time.monotonic()
            run = _backfill(folder, start)
        states = _states(session, address)
        _command(folder, "adopt", _BUCKET, "--undo", "--yes")
        [(printed_s, estimate_s), *_] = run.estimates or [(0.0, 0.0)]
        return {
            "objects": objects,
            "first_rendition_s": round(first[0] - start, 1) if first else None,
            "estimate_printed_s": round(printed_s, 1),
            "estimate_s": estimate_s,
            "later_estimates_s": [promised for _, promised in run.estimates[1:]],
            "seconds": round(run.seconds, 1),
            # From the estimate on: it is what the command promises then.
            "ratio": round((run.seconds - printed_s) / estimate_s, 2) if estimate_s else None,
            "exit_code": run.exit_code,
            "end": run.output.strip().splitlines()[-1],
            "states": states,
            "unchanged": before == (_contents(s3), _notifications(s3)),
        }


def _create(s3: "S3Client", region: str) -> None:
    """Make the bucket, with versions and with notifications of others."""
    s3.create_bucket(Bucket=_BUCKET)
    s3.put_bucket_versioning(Bucket=_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    theirs: Any = {
        "QueueConfigurations": [
            {
                "Id": "their-queue",
                "QueueArn": f"arn:aws:sqs:{region}:000000000000:of-others",
                "Events": ["s3:ObjectTagging:*"],
            }
        ],
        "TopicConfigurations": [
            {
                "Id": "their-topic",
                "TopicArn": f"arn:aws:sns:{region}:000000000000:of-others",
                "Events": ["s3:ObjectRestore:Post"],
            }
        ],
        "LambdaFunctionConfigurations": [
            {
                "Id": "their-function",
                "LambdaFunctionArn": f"arn:aws:lambda:{region}:000000000000:function:of-others",
                "Events": ["s3:ObjectAcl:Put"],
            }
        ],
        "EventBridgeConfiguration": {},
    }
    s3.put_bucket_notification_configuration(
        Bucket=_BUCKET, NotificationConfiguration=theirs, SkipDestinationValidation=True
    )


def _fill(s3: "S3Client", objects: int) -> None:
    def put(item: MixedObject) -> None:
        s3.put_object(Bucket=_BUCKET, Key=item.key, Body=item.data)

    made, start = mixed_objects(objects), time.monotonic()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for stored in range(0, objects, _PORTION):
            list(pool.map(put, islice(made, _PORTION)))
            _log(f"stored {stored} of {objects} in {time.monotonic() - start:.0f} s")


def _backfill(folder: Path, start: float) -> Run:
    """Run the command to its end, and note when it prints an estimate."""
    run = Run()
    program = _program(folder, "backfill")
    with subprocess.Popen(  # noqa: S603  # our own command
        program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            _log(line.rstrip())
            run.output += line
            if found := _ESTIMATE.search(line):
                promised = float(found[1].replace(",", ""))
                run.estimates.append((time.monotonic() - start, promised))
    run.seconds, run.exit_code = time.monotonic() - start, process.returncode
    return run


@contextmanager
def _first_rendition(s3: "S3Client", bucket: str) -> Iterator[list[float]]:
    """Look for the first rendition in a thread, and put its time into the list."""
    seen: list[float] = []
    is_over = threading.Event()

    def look() -> None:
        while not seen and not is_over.wait(_LOOK_S):
            if s3.list_objects_v2(Bucket=bucket, MaxKeys=1).get("Contents"):
                seen.append(time.monotonic())

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        thread.join()


def _states(session: boto3.Session, address: Address) -> dict[str, int]:
    """Return the number of records by status, rejected ones by their code."""
    client = session.client("dynamodb", endpoint_url=address.endpoint)
    found: Counter[str] = Counter()
    for page in client.get_paginator("scan").paginate(TableName=address.table):
        for item in page["Items"]:
            record = from_item(item)
            code = record.error.code if record.error else ""
            found[f"{record.status} {code}".strip()] += 1
    return dict(found.most_common())


def _contents(s3: "S3Client") -> str:
    """Return a hash of all keys, ETags, versions and delete markers of the bucket."""
    digest = hashlib.sha256()
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=_BUCKET):
        for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            facts = one["Key"], one["VersionId"], one.get("ETag"), one["LastModified"]
            digest.update(repr(facts).encode())
    return digest.hexdigest()


def _notifications(s3: "S3Client") -> object:
    found = s3.get_bucket_notification_configuration(Bucket=_BUCKET)
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def _command(folder: Path, *words: str) -> None:
    subprocess.run(_program(folder, *words), check=True, stdout=sys.stderr)  # noqa: S603  # our own command


def _program(folder: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "imagemill.cli.main", *words, "--data-dir", str(folder)]


def _log(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=1_000)
    parser.add_argument("--folder", type=Path, help="keeps the data; default: a temporary folder")
    asked = parser.parse_args()
    with TemporaryDirectory() as scratch:
        print(json.dumps(measure(asked.objects, asked.folder or Path(scratch))))  # noqa: T201
