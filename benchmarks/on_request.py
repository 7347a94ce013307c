"""The first request for a size of an image: TransformFunction beside sharp, ipx and thumbor.

    python -m benchmarks.on_request --files ../photos

Prints the tables for docs/performance.md. Every request is for a size that is not stored yet.
"""

import argparse
import os
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

from benchmarks import corpus, on_request_quality
from benchmarks.corpus import CAMERA, Corpus
from benchmarks.function import Cloud, Worker, cloud, python_worker
from benchmarks.on_request_tools import Offer, Tool, offers
from benchmarks.page import Section, figure, table
from benchmarks.rounds import Timings

# The name of this section among the groups of rows.
GROUP = "on-request"
TITLE = "Images on request"
# Widths and formats that are asked for, in the default quality of each tool.
CASES: Mapping[str, tuple[int, str]] = {
    "320 px, JPEG": (320, "jpg"),
    "640 px, JPEG": (640, "jpg"),
    "1280 px, JPEG": (1280, "jpg"),
    "640 px, WebP": (640, "webp"),
    "640 px, AVIF": (640, "avif"),
}
# Number of photos in cases that take seconds.
_FEW = {"640 px, AVIF": 1}
OURS, RIVAL = "imagemill", "sharp"
# Photos of each kind.
_PHOTOS = {CAMERA: 4, "JPEG 20–48 MP": 1}
# First requests for the same size that are sent at once.
_CROWD = 100
_HOW = """\
The first request for a size of {count} JPEGs of 8 MP and more (AVIF: of one), one after the other:
read the original, render, store, answer. Original, record and result are in the embedded AWS,
behind a proxy with AWS's latencies (GET 20 ms and 75 MB/s, PUT 30 ms, DynamoDB 6 ms). CPU is that
of the process and its children, on one core; {rounds} rounds, in turns. Ratios of CPU time are
taken within a round: the median, then the geometric mean over the photos. The load average of the
machine was {load:.1f} before the run; above its {cores} cores, the durations say little.

* `imagemill` is TransformFunction's handler, which also reads the record, takes a lease against a
  second rendering, checks limits, renders in a worker process and stores conditionally.
* `sharp` is a handler on Node that does what AWS's sample for image optimization does: get, resize
  with sharp's defaults, put, answer.
* `ipx` is its server with unstorage's driver for S3. It stores nothing.
* `thumbor` is its server with its loader for HTTP and signed URLs. It stores nothing.

The handlers are called in their process, as Lambda calls them, the servers are asked by HTTP."""


def run(photos: Corpus, scratch: Path, rounds: int, core: int, scored: int) -> Iterator[Section]:
    """Give all tools the same requests in turns, and yield the section of the page."""
    load = os.getloadavg()[0]
    paths = [path for kind, most in _PHOTOS.items() for path in photos.of_kind(kind, most)]
    files, cpu, wall = [path.read_bytes() for path in paths], Timings({}), Timings({})
    with cloud(core) as place, ExitStack() as stack:
        resize = stack.enter_context(Worker(python_worker(OURS), place.environment, {core}))
        offered = offers()
        tools = {
            name: stack.enter_context(offer.start(place, core)) for name, offer in offered.items()
        }
        for at in range(rounds + 1):
            timings = (cpu, wall) if at else (Timings({}), Timings({}))
            _race(tools, _uploaded(place, resize, files), Random(at), timings)  # noqa: S311 - repeatable
        renders = {
            name: _renders(place, tools[name], offer, _uploaded(place, resize, files[:1]))
            for name, offer in offered.items()
        }
        compared = on_request_quality.compare(
            tools, _uploaded(place, resize, files[:scored]), paths[:scored], scratch
        )
    yield Section(
        TITLE,
        "\n\n".join(
            (
                _HOW.format(count=len(files), rounds=rounds, load=load, cores=os.cpu_count() or 1),
                *(_table(case, list(tools), cpu, wall) for case in CASES),
                _crowd(renders),
                compared,
            )
        ),
    )


def _uploaded(place: Cloud, resize: Worker, files: Sequence[bytes]) -> list[dict[str, Any]]:
    """Upload the photos under new keys, and make their records."""
    records = place.put(files)
    if records:
        resize.work(records)
    return records


def _race(
    tools: Mapping[str, Tool],
    records: Sequence[dict[str, Any]],
    random: Random,
    timings: tuple[Timings, Timings],
) -> None:
    """Ask all tools for all cases of all photos, in turns; add CPU and wall times by request."""
    for case, (width, extension) in CASES.items():
        for number, record in enumerate(records[: _FEW.get(case)]):
            asked = {**record, "width": width, "extension": extension}
            for name in random.sample(list(tools), len(tools)):
                turn, request = tools[name].work([asked]), (name, f"{case} {number}")
                cpu, wall = timings
                cpu.cpu_ms.setdefault(request, []).append(turn.cpu_ms)
                wall.cpu_ms.setdefault(request, []).append(turn.wall_ms)


def _renders(place: Cloud, tool: Tool, offer: Offer, records: list[dict[str, Any]]) -> int:
    """Return how often a tool renders a size that a crowd asks for at once."""
    width, extension = CASES["640 px, JPEG"]
    place.requests.clear()
    tool.work([{**records[0], "width": width, "extension": extension}] * _CROWD)
    return sum(bool(re.fullmatch(offer.renders, request)) for request in place.requests)


def _table(case: str, tools: Sequence[str], cpu: Timings, wall: Timings) -> str:
    requests = [name for tool, name in cpu.cpu_ms if tool == OURS and name.startswith(case)]
    durations = {tool: [ms for one in requests for ms in wall.cpu_ms[tool, one]] for tool in tools}
    rows = [
        [
            tool,
            figure(cpu.mean_ms(tool, requests), 0),
            figure(cpu.ratio(tool, RIVAL, requests)),
            figure(median(durations[tool]), 0),
            figure(median(durations[tool]) / median(durations[RIVAL])),
            figure(quantiles(durations[tool], n=100, method="inclusive")[-1], 0),
        ]
        for tool in tools
    ]
    head = ["", "CPU, ms", f"÷ {RIVAL}", "p50, ms", f"÷ {RIVAL}", "p99, ms"]
    return f"### {case}\n\n{table(head, rows)}"


def _crowd(renders: Mapping[str, int]) -> str:
    rows = [[tool, str(count)] for tool, count in renders.items()]
    return (
        f"### Renderings for {_CROWD} first requests at once\n\n"
        "Counted by the variants that are written to S3; for ipx and thumbor, which write none, by "
        f"the originals that are read.\n\n{table(['', 'renderings'], rows)}"
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=Path, help="folder of photos")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--scored", type=int, default=1, help="photos whose results are scored")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        photos = corpus.gather(options.files, scratch)
        for section in run(photos, scratch, options.rounds, options.core, options.scored):
            print(f"## {section.title}\n\n{section.text}")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
