"""The first request for a size of an image: TransformFunction beside a handler with sharp.

    python -m benchmarks.on_request --files ../photos

Prints the table for docs/performance.md. Every request is for a size that is not stored yet.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any

from benchmarks import corpus
from benchmarks.function import Cloud, Turn, Worker, cloud, node_worker, python_worker
from benchmarks.images import BASELINE, gather
from benchmarks.page import Section, figure, table

TITLE = "Sizes on request"
# Widths and formats that are asked for, and the quality: all tools get the same.
CASES: Mapping[str, tuple[int, str]] = {
    "320 px, JPEG": (320, "jpg"),
    "640 px, JPEG": (640, "jpg"),
    "1280 px, JPEG": (1280, "jpg"),
    "640 px, WebP": (640, "webp"),
    "640 px, AVIF": (640, "avif"),
}
_PHOTOS = 5
_HOW = """\
The first request for a size of {count} photos of 8 MP and more, one after the other: read the
original, render, store, answer in base64. Original, record and variant are in the embedded AWS,
behind a proxy with AWS's latencies. `imagemill` is TransformFunction's handler, which also reads
the record, takes a lease against a second rendering, checks limits, renders in a worker process
and stores conditionally. `sharp` is a handler on Node that does what AWS's sample for image
optimization does: get, resize with sharp's defaults, put, answer. CPU is that of the process and
its children. One core; median of {rounds} rounds, in turns."""


def run(folder: Path, scratch: Path, rounds: int, core: int) -> Iterator[Section]:
    """Give both handlers the same requests in turns, and yield the section of the page."""
    found = [each.path for each in gather(folder, scratch) if each.group == BASELINE][:_PHOTOS]
    files = [path.read_bytes() for path in found]
    turns: dict[tuple[str, str], list[Turn]] = {}
    with cloud(core) as place, ExitStack() as stack:
        resize = stack.enter_context(Worker(python_worker("imagemill"), place.environment, {core}))
        workers = {
            name: stack.enter_context(Worker(command, place.environment, {core}))
            for name, command in _contenders().items()
        }
        for at in range(rounds + 1):
            for case in CASES:
                asked = _uploaded(place, resize, files, CASES[case])
                for name in Random(at).sample(list(workers), len(workers)):  # noqa: S311 - repeatable
                    done = [workers[name].work([one]) for one in asked]
                    if at:
                        turns.setdefault((case, name), []).extend(done)
    yield _section(turns, len(files), rounds)


def _contenders() -> dict[str, tuple[str, ...]]:
    return {
        "imagemill": python_worker("on_request"),
        "sharp": node_worker("on_request_sharp.mjs"),
    }


def _uploaded(
    place: Cloud, resize: Worker, files: Sequence[bytes], wanted: tuple[int, str]
) -> list[dict[str, Any]]:
    """Upload the photos under new keys, make their records, and return the requests."""
    records = place.put(files)
    resize.work(records)
    width, extension = wanted
    return [{**record, "width": width, "extension": extension} for record in records]


def _section(turns: Mapping[tuple[str, str], list[Turn]], count: int, rounds: int) -> Section:
    rows = []
    for case in CASES:
        ours, theirs = turns[case, "imagemill"], turns[case, "sharp"]
        ratio = _typical(ours, "cpu_ms") / _typical(theirs, "cpu_ms")
        rows.append(
            [
                case,
                figure(_typical(ours, "cpu_ms"), 0),
                figure(_typical(theirs, "cpu_ms"), 0),
                figure(ratio),
                f"{figure(_typical(ours, 'wall_ms'), 0)} / {figure(_slowest(ours), 0)}",
                f"{figure(_typical(theirs, 'wall_ms'), 0)} / {figure(_slowest(theirs), 0)}",
                figure(_typical(ours, "wall_ms") / _typical(theirs, "wall_ms")),
            ]
        )
    head = [
        "",
        "CPU, ms",
        "CPU of sharp, ms",
        "CPU, ratio",
        "p50 / p99, ms",
        "p50 / p99 of sharp, ms",
        "p50, ratio",
    ]
    return Section(TITLE, f"{_HOW.format(count=count, rounds=rounds)}\n\n{table(head, rows)}")


def _typical(turns: Sequence[Turn], name: str) -> float:
    values: list[float] = [getattr(turn, name) for turn in turns]
    return median(values)


def _slowest(turns: Sequence[Turn]) -> float:
    """Return the 99th percentile of the wall time, ms."""
    return quantiles([turn.wall_ms for turn in turns], n=100, method="inclusive")[-1]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=Path, help="folder of photos")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        photos = corpus.gather(options.files, scratch).linked()
        for section in run(photos, scratch, options.rounds, options.core):
            print(f"## {section.title}\n\n{section.text}")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
