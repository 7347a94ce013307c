"""The whole pipeline on the embedded AWS, from PUT to record, for growing numbers of images.

`make bench` measures up to a thousand images. Ten thousand take more than a quarter of an hour:

    python -m benchmarks.pipeline

measures them and writes the figures to `pipeline.json`, which the page shows with its date.
"""

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Any

import boto3

from benchmarks.function import free_port
from benchmarks.images import draw
from benchmarks.page import Section, figure, machine, table
from imagemill.aws.records_table import RecordsTable
from imagemill.domain.keys import image_id
from imagemill.domain.record import FINAL, ImageRecord
from imagemill.local.address import Address
from imagemill.local.up import UpOptions, cloud

_COUNTS = (1, 10, 100, 1_000, 10_000)
_AT_ONCE = 8
_PATIENCE_S = 600
_PATIENCE_EACH_S = 1
_SIZE = (4000, 3000)
_QUALITY = 60
# Most records read at once; more would take the embedded AWS's time from the images.
_ASKED_AT_ONCE = 200
_KEPT = Path(__file__).with_name("pipeline.json")
_HEAD = (
    "images",
    "a second",
    "to ready p50, ms",
    "p99, ms",
    "work p50, ms",
    "memory, MB",
    "emulator, MB",
)
_HOW = """\
The template, deployed to the embedded AWS as by `make up`, with everything on {cores} cores; eight
clients upload photos of 12 MP. *To ready* is the time from S3's event to the record, including the
time in the queue; *work* is the processing time in the record. *Memory* is the sum of
the peaks of the embedded AWS and of all function processes so far; *emulator* is the part of the
embedded AWS, which keeps records and file names in memory and images on disk."""
_EARLIER = """\
Measured separately on {date}: {machine}, {cores} cores, with a load average of {load:.0f} at the
start."""


@dataclass(frozen=True, slots=True)
class _Row:
    images: int
    a_second: float
    ready_p50_ms: float
    ready_p99_ms: float
    work_p50_ms: float
    memory_mb: float
    emulator_mb: float

    def cells(self) -> list[str]:
        values = list(asdict(self).values())
        return [f"{self.images:,}", *(figure(value, 0) for value in values[1:])]


def run(scratch: Path, most: int) -> Iterator[Section]:
    """Upload growing numbers of images, up to `most`, and yield the section of the page."""
    rows = _measured(scratch, most)
    text = f"{_HOW.format(cores=os.cpu_count())}\n\n{_drawn(rows)}"
    if _KEPT.exists():
        text += _earlier(json.loads(_KEPT.read_text()), {row.images for row in rows})
    yield Section("The whole pipeline", text)


def keep(most: int) -> None:
    """Measure up to `most` images, and write the figures for the page."""
    load = os.getloadavg()[0]
    with TemporaryDirectory() as scratch:
        rows = _measured(Path(scratch), most)
    told = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "cores": os.cpu_count(),
        "load": load,
        "rows": [asdict(row) for row in rows],
    }
    _KEPT.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _earlier(kept: dict[str, Any], known: set[int]) -> str:
    """Return the table of the earlier run if it has larger counts than `known`."""
    rows = [_Row(**row) for row in kept["rows"]]
    if not any(row.images > max(known) for row in rows):
        return ""
    return f"\n\n{_EARLIER.format(**kept)}\n\n{_drawn(rows)}"


def _drawn(rows: Sequence[_Row]) -> str:
    return table(_HEAD, [row.cells() for row in rows])


def _measured(scratch: Path, most: int) -> list[_Row]:
    data = draw(scratch / "pipeline.jpg", _SIZE, quality=_QUALITY).read_bytes()
    mine = os.sched_getaffinity(0)
    os.sched_setaffinity(0, range(os.cpu_count() or 1))
    try:
        with TemporaryDirectory() as folder:
            os.environ["XDG_DATA_HOME"] = folder
            with cloud(UpOptions(free_port(), Path(folder) / "data", "500")) as (emulator, address):
                _batch(address, data, _AT_ONCE)
                counts = [count for count in _COUNTS if count <= most]
                return [_row(address, data, count, emulator.pid) for count in counts]
    finally:
        os.sched_setaffinity(0, mine)


def _row(address: Address, data: bytes, count: int, emulator: int) -> _Row:
    begun = time.monotonic()
    records = _batch(address, data, count)
    seconds = time.monotonic() - begun
    waited = [_ms_between(record) for record in records]
    worked = [float(record.processing_ms or 0) for record in records]
    peaks = _peaks_mb(emulator)
    return _Row(
        images=count,
        a_second=count / seconds,
        ready_p50_ms=_part(waited, 50),
        ready_p99_ms=_part(waited, 99),
        work_p50_ms=_part(worked, 50),
        memory_mb=sum(peaks.values()),
        emulator_mb=peaks[emulator],
    )


def _batch(address: Address, data: bytes, count: int) -> list[ImageRecord]:
    """Upload `count` images, and return their records when all are final."""
    session = boto3.Session(
        address.aws_access_key_id, address.aws_secret_access_key, region_name=address.region
    )
    s3 = session.client("s3", endpoint_url=address.endpoint)
    dynamodb = session.client("dynamodb", endpoint_url=address.endpoint)
    keys = [f"{count}/{time.monotonic_ns()}/{at}.jpg" for at in range(count)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(lambda key: _put(s3, address.originals_bucket, key, data), keys))
    return _settled(RecordsTable(dynamodb, address.table), [image_id(key) for key in keys])


def _put(s3: Any, bucket: str, key: str, data: bytes) -> None:  # noqa: ANN401 - boto3's client
    s3.put_object(Bucket=bucket, Key=key, Body=data)


def _settled(records: RecordsTable, ids: Sequence[str]) -> list[ImageRecord]:
    """Return the records when all are final; reads them in the order of the uploads."""
    end = time.monotonic() + _PATIENCE_S + _PATIENCE_EACH_S * len(ids)
    found: dict[str, ImageRecord] = {}
    while left := [one for one in ids if one not in found]:
        if time.monotonic() > end:
            raise TimeoutError(f"{len(left)} of {len(ids)} are not done")
        time.sleep(0.05)
        some = records.get_many(left[:_ASKED_AT_ONCE])
        found |= {i: one for i, one in some.items() if one.status in FINAL}
    return list(found.values())


def _ms_between(record: ImageRecord) -> float:
    begun, ended = record.uploaded_at, record.processed_at or record.uploaded_at
    return 1000 * (datetime.fromisoformat(ended) - datetime.fromisoformat(begun)).total_seconds()


def _part(values: Sequence[float], percent: int) -> float:
    return quantiles([*values, *values], n=100, method="inclusive")[percent - 1]


def _peaks_mb(emulator: int) -> dict[int, float]:
    """Return the peak resident memory, MB, of the embedded AWS and of each process below it."""
    parents: dict[int, int] = {}
    peaks: dict[int, float] = {}
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            facts = dict(line.split(":", 1) for line in status.read_text().splitlines())
        except OSError:
            continue
        pid = int(facts["Pid"])
        parents[pid] = int(facts["PPid"])
        peaks[pid] = int(facts.get("VmHWM", "0 kB").split()[0]) / 1_000
    return {pid: peak for pid, peak in peaks.items() if _is_below(pid, emulator, parents)}


def _is_below(pid: int, ancestor: int, parents: Mapping[int, int]) -> bool:
    while pid not in (0, ancestor):
        pid = parents.get(pid, 0)
    return pid == ancestor


if __name__ == "__main__":
    keep(max(_COUNTS))
