"""The resize function compared with other implementations: billed time and CPU time of a batch."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import mean, median
from typing import Any, Literal, Self

import boto3

from benchmarks.images import BASELINE, gather
from benchmarks.latency import as_on_aws
from benchmarks.page import Section, figure, table
from benchmarks.peers import node_packages
from imagemill.costs.durations import CORE_MB
from imagemill.imaging import probe
from imagemill.local.emulator import Emulator
from imagemill.local.root_key import RootKey

HERE = Path(__file__).parent
TITLE = "Billed time of a batch"
_BATCH = 10
_PACKAGES = ("sharp", "@aws-sdk/client-s3", "@aws-sdk/client-dynamodb")
_TABLE, _VARIANTS_TABLE = "records", "variants"
_KINDS: tuple[Literal["HASH", "RANGE"], ...] = ("HASH", "RANGE")
# The tables with their key attributes.
_TABLES = {_TABLE: ("id",), _VARIANTS_TABLE: ("id", "variant")}
_HOW = """\
A batch of ten photos of 12 MP and more, fetched from and stored in the embedded AWS, behind a
proxy with AWS's latencies (GET 20 ms and 75 MB/s, PUT 30 ms, DynamoDB 6 ms, EventBridge 15 ms).
Each contender is a warm process on one core of its own, like a function of {memory:,} MB; the
embedded AWS runs on the other core. *Billed* is the time until the batch is done, *CPU* is the
CPU time in it; median of {rounds} rounds, in turns. `imagemill` is the handler as deployed,
`libraries` the handler without the JPEG decoder, `one by one` the handler with one message at a
time. `tutorial` is Pillow's `exif_transpose` and `thumbnail` between calls of boto3. `sharp` is
the same job on Node with version 3 of the AWS SDK, all ten images concurrently. Only imagemill
checks limits, reads the exact version of the event, writes conditionally, renders in a worker
process, sends a completion event and makes the placeholder."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One batch: wall time and CPU time, in ms."""

    wall_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Cloud:
    """The embedded AWS with two buckets and a table, and the environment of a function.

    `requests` are the methods and paths of all requests so far.
    """

    s3: Any
    environment: dict[str, str]
    requests: list[str]

    def put(self, files: Sequence[bytes]) -> list[dict[str, Any]]:
        """Store files under new keys, and return the fields of their S3 events."""
        folder = secrets.token_hex(8)
        return [self._put(f"{folder}/{at}.jpg", data) for at, data in enumerate(files)]

    def _put(self, key: str, data: bytes) -> dict[str, Any]:
        bucket = self.environment["IMAGEMILL_ORIGINALS_BUCKET"]
        version = self.s3.put_object(Bucket=bucket, Key=key, Body=data)["VersionId"]
        return {"key": key, "version_id": version, "bytes": len(data), "sequencer": "1"}


def run(folder: Path | None, scratch: Path, rounds: int, core: int) -> Iterator[Section]:
    """Give all contenders the same batches in turns, and yield the section of the page."""
    files = photos(folder, scratch)
    turns: dict[str, list[Turn]] = {}
    with cloud(core) as place, ExitStack() as stack:
        workers = {
            name: stack.enter_context(Worker(command, place.environment, {core}))
            for name, command in _contenders().items()
        }
        for at, name in _in_turns(list(workers), rounds + 1):
            turn = workers[name].work(place.put(files))
            # The first round warms up.
            if at:
                turns.setdefault(name, []).append(turn)
    yield _section(turns, mean_megapixels(files), rounds)


def _in_turns(names: Sequence[str], rounds: int) -> Iterator[tuple[int, str]]:
    """Yield the number of each round with every name, in another order each time."""
    for at in range(rounds):
        for name in Random(at).sample(names, len(names)):  # noqa: S311 - the same every time
            yield at, name


class Worker:
    """The process of a contender, pinned to some cores."""

    def __init__(
        self, command: Sequence[str], environment: dict[str, str], cores: set[int]
    ) -> None:
        self._process = subprocess.Popen(  # noqa: S603 - our own workers
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            text=True,
        )
        self.pid = self._process.pid
        os.sched_setaffinity(self.pid, cores)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()

    def work(self, records: list[dict[str, Any]]) -> Turn:
        """Process one batch; raises RuntimeError if an image was not processed."""
        sending, receiving = self._process.stdin, self._process.stdout
        assert sending is not None  # noqa: S101 - both are pipes
        assert receiving is not None  # noqa: S101
        sending.write(json.dumps({"records": records}) + "\n")
        sending.flush()
        said = json.loads(receiving.readline() or '{"done": 0}')
        if said["done"] != len(records):
            raise RuntimeError(f"{self._process.args!r} did {said['done']} of {len(records)}")
        return Turn(said["wall_ms"], said["cpu_ms"])


def python_worker(name: str) -> tuple[str, ...]:
    """Return the command that starts a contender written in Python."""
    return (sys.executable, str(HERE / "function_worker.py"), name)


def _contenders() -> dict[str, tuple[str, ...]]:
    names = ("imagemill", "libraries", "one by one", "tutorial")
    found = {name: python_worker(name) for name in names}
    try:
        return found | {"sharp": node_worker("function_sharp.mjs")}
    except (OSError, subprocess.SubprocessError):
        return found


def node_worker(name: str) -> tuple[str, ...]:
    """Return the command that starts a contender written for Node; installs sharp once."""
    folder = node_packages("function", *_PACKAGES)
    return ("node", str(shutil.copy(HERE / name, folder)))


def photos(folder: Path | None, scratch: Path) -> list[bytes]:
    """Return a batch of photos of 12 MP and more, from a folder or synthetic."""
    found = [each.path for each in gather(folder, scratch) if each.group == BASELINE]
    return [found[at % len(found)].read_bytes() for at in range(_BATCH)]


def mean_megapixels(files: Sequence[bytes]) -> float:
    """Return the mean size of the images, in megapixels."""
    return mean(probe(data).width * probe(data).height for data in files) / 1e6


@contextmanager
def cloud(core: int, *, is_slow: bool = True) -> Iterator[Cloud]:
    """Run the embedded AWS on the other cores, with two buckets and two tables.

    It has AWS's latencies if `is_slow`; otherwise it answers at once, and lists no requests.
    """
    mine = os.sched_getaffinity(0)
    others = set(range(os.cpu_count() or 1)) - {core} or {core}
    os.sched_setaffinity(0, others)
    requests: list[str] = []
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            Emulator(free_port(), Path(folder)) as emulator,
            _endpoint(emulator, requests, is_slow=is_slow) as endpoint,
        ):
            key = emulator.key
            session = boto3.Session(
                key.access_key_id, key.secret_access_key, region_name="us-east-1"
            )
            s3 = session.client("s3", endpoint_url=emulator.endpoint)
            for bucket in ("originals", "processed"):
                s3.create_bucket(Bucket=bucket)
            s3.put_bucket_versioning(
                Bucket="originals", VersioningConfiguration={"Status": "Enabled"}
            )
            dynamodb = session.client("dynamodb", endpoint_url=emulator.endpoint)
            for name, keys in _TABLES.items():
                dynamodb.create_table(
                    TableName=name,
                    BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[
                        {"AttributeName": key, "AttributeType": "S"} for key in keys
                    ],
                    KeySchema=[
                        {"AttributeName": key, "KeyType": kind}
                        for key, kind in zip(keys, _KINDS, strict=False)
                    ],
                )
            yield Cloud(s3, _environment(endpoint, key), requests)
    finally:
        os.sched_setaffinity(0, mine)


def _endpoint(
    emulator: Emulator, requests: list[str], *, is_slow: bool
) -> AbstractContextManager[str]:
    return as_on_aws(emulator.endpoint, requests) if is_slow else nullcontext(emulator.endpoint)


def _environment(endpoint: str, key: RootKey) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": key.access_key_id,
        "AWS_SECRET_ACCESS_KEY": key.secret_access_key,
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(CORE_MB),
        "IMAGEMILL_ORIGINALS_BUCKET": "originals",
        "IMAGEMILL_PROCESSED_BUCKET": "processed",
        "IMAGEMILL_TABLE": _TABLE,
        "IMAGEMILL_VARIANTS_TABLE": _VARIANTS_TABLE,
        "IMAGEMILL_RECIPE": "500:jpeg:q82",
        "IMAGEMILL_EVENT_BUS": "default",
        "POWERTOOLS_SERVICE_NAME": "imagemill",
    }


def free_port() -> int:
    """Return a free port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _section(turns: dict[str, list[Turn]], megapixels: float, rounds: int) -> Section:
    billed = {name: median(turn.wall_ms for turn in each) for name, each in turns.items()}
    worked = {name: median(turn.cpu_ms for turn in each) for name, each in turns.items()}
    shares = {
        name: median(turn.wall_ms / turn.cpu_ms for turn in each) for name, each in turns.items()
    }
    rows = [
        [
            name,
            figure(billed[name], 0),
            figure(worked[name], 0),
            figure(shares[name]),
            figure(billed[name] / billed["imagemill"]),
        ]
        for name in turns
    ]
    head = ["", "billed, ms", "CPU, ms", "billed : CPU", "billed, relative to imagemill"]
    return Section(
        TITLE,
        f"{_HOW.format(memory=CORE_MB, rounds=rounds)}\n\n{table(head, rows)}",
        figures={
            "billed to CPU": round(shares["imagemill"], 3),
            "megapixels": round(megapixels, 1),
            "ten, ms": round(billed["imagemill"], 1),
            "one by one, ms": round(billed["one by one"], 1),
        },
    )
