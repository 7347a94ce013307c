"""Adopt a bucket with many objects of others on the embedded AWS, and backfill it.

    python -m benchmarks.existing_bucket --objects 100000

Prints the time to the first rendition, the time of the backfill beside its estimate, and whether
the bucket is unchanged. A hundred thousand objects take hours on two cores.
"""

import argparse
import hashlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import boto3

from benchmarks.function import free_port
from benchmarks.images import draw
from imagemill.local.up import UpOptions, cloud

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_BUCKET = "photos-of-others"
_PARAMETERS = {"OriginalsBucketName": _BUCKET, "Gallery": "false", "OnRequest": "false"}
_SIZES = ((64, 48), (120, 90), (200, 150))
_AT_ONCE = 8
_LOOK_S = 0.2


def measure(objects: int, folder: Path) -> dict[str, object]:
    """Return the figures for a bucket with this number of objects."""
    options = UpOptions(free_port(), folder, "100", _PARAMETERS)
    with cloud(options) as (_, address):
        session = boto3.Session(
            address.aws_access_key_id, address.aws_secret_access_key, region_name=address.region
        )
        s3 = session.client("s3", endpoint_url=address.endpoint)
        fill(s3, session, folder, objects)
        before = _state(s3), _notifications(s3)
        _command(folder, "adopt", _BUCKET, "--yes")
        start = time.monotonic()
        with _first_rendition(s3, address.processed_bucket) as first:
            found = json.loads(_command(folder, "backfill", "--json"))
        seconds = time.monotonic() - start
        _command(folder, "adopt", _BUCKET, "--undo", "--yes")
        return {
            "objects": objects,
            "first_rendition_s": round(first[0] - start, 1) if first else None,
            "seconds": round(seconds, 1),
            "estimate_s": found["seconds"],
            "ratio": round(seconds / found["seconds"], 2),
            "backfill": found,
            "unchanged": before == (_state(s3), _notifications(s3)),
        }


def fill(s3: "S3Client", session: boto3.Session, folder: Path, objects: int) -> None:
    """Store images, sidecar files and texts, and a notification of others."""
    s3.create_bucket(Bucket=_BUCKET)
    s3.put_bucket_versioning(Bucket=_BUCKET, VersioningConfiguration={"Status": "Enabled"})
    rule: Any = {
        "Id": "theirs",
        "QueueArn": f"arn:aws:sqs:{session.region_name}:000000000000:of-others",
        "Events": ["s3:ObjectTagging:*"],
    }
    s3.put_bucket_notification_configuration(
        Bucket=_BUCKET,
        NotificationConfiguration={"QueueConfigurations": [rule]},
        SkipDestinationValidation=True,
    )
    images = [draw(folder / "image.jpg", size).read_bytes() for size in _SIZES]

    def put(number: int) -> None:
        key = f"{number % 37:02}/{number:06}"
        endings = {0: (".xmp", b"<x/>"), 1: (".txt", b"no image")}
        ending, data = endings.get(number % 50, (".jpg", images[number % len(images)]))
        s3.put_object(Bucket=_BUCKET, Key=key + ending, Body=data)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(put, range(objects)))


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


def _state(s3: "S3Client") -> str:
    """Return a hash of all versions and delete markers of the bucket."""
    digest = hashlib.sha256()
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=_BUCKET):
        for one in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
            digest.update(repr((one["Key"], one["VersionId"], one["LastModified"])).encode())
    return digest.hexdigest()


def _notifications(s3: "S3Client") -> object:
    found = s3.get_bucket_notification_configuration(Bucket=_BUCKET)
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def _command(folder: Path, *words: str) -> str:
    program = [sys.executable, "-m", "imagemill.cli.main", *words, "--data-dir", str(folder)]
    return subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True).stdout  # noqa: S603  # our own command


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=1_000)
    with TemporaryDirectory() as scratch:
        print(json.dumps(measure(parser.parse_args().objects, Path(scratch))))  # noqa: T201
