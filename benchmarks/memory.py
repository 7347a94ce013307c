"""Which memory size is cheapest: the same batches with the CPU time that each size comes with."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import quota
from benchmarks.function import HERE, Turn, Worker, cloud, photos
from benchmarks.page import Section, figure, table
from imagemill.catalog.prices import lambda_dollars
from imagemill.imaging.budget import estimate_memory
from imagemill.imaging.facts import Facts
from imagemill.imaging.plan import make_plans
from imagemill.recipe import DEFAULT_RECIPE
from imagemill.workflows.room import share_out

_SIZES_MB = (512, 768, 1_024, 1_769, 2_048, 3_008)
_BYTES_PER_PIXEL = 2
"""Of a truecolour PNG of a photo, in the file."""
_MOST_MEGAPIXELS = 400
_COMMAND = (sys.executable, str(HERE / "function_worker.py"), "imagemill")
_HOW = """\
The batches of the section before, by the handler in a control group with the CPU time that
Lambda gives each memory size (one core for each 1,769 MB, counted in periods of 20 ms); median
of {rounds} rounds. Dollars are for a million photos, for the time billed alone. *PNG up to* is
the largest truecolour one whose estimated memory is granted; a larger one is rejected as
`over_budget`: for PNGs of 50 MP give it 768 MB or more. The default is 1,769, one whole core.
Less memory saves some cents of the [$16](cost.md) that a million photos cost in all, and takes
longer; more costs more, since a second core helps a batch that waits little only so much."""
_NOT_HERE = """Not measured: this user may not make control groups here."""


def run(folder: Path | None, scratch: Path, rounds: int, core: int) -> Iterator[Section]:
    """Have batches worked at every memory size, and yield the section of the page."""
    title = "Which memory size"
    if not quota.is_allowed():
        yield Section(title, _NOT_HERE)
        return
    files = photos(folder, scratch)
    turns: dict[int, list[Turn]] = {size: [] for size in _SIZES_MB}
    with cloud(core) as place:
        for _ in range(rounds):
            for size in _SIZES_MB:
                batches = [place.put(files), place.put(files)]
                environment = {
                    **place.environment,
                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(size),
                }
                turns[size].append(_second(batches, environment, size, core))
    rows = [_row(size, each) for size, each in turns.items()]
    head = ["MB", "billed for ten, ms", "dollars a million", "PNG up to"]
    yield Section(title, f"{_HOW.format(rounds=rounds)}\n\n{table(head, rows)}")


def _second(
    batches: list[list[dict[str, Any]]], environment: dict[str, str], size: int, core: int
) -> Turn:
    """Return how a warm function did: the first batch is not counted."""
    cores = {core} if size <= quota.CORE_MB else set(range(os.cpu_count() or 1))
    with quota.group(size) as group, Worker(_COMMAND, environment, cores) as worker:
        group.write_text(str(worker.pid))
        worker.work(batches[0])
        return worker.work(batches[1])


def _row(size: int, turns: list[Turn]) -> list[str]:
    billed_ms = median(turn.wall_ms for turn in turns)
    dollars = lambda_dollars(billed_ms / 10, size) * 1_000_000
    granted = share_out(size).render_bytes
    largest = sum(_png_bytes(size) <= granted for size in range(1, _MOST_MEGAPIXELS))
    return [f"{size:,}", figure(billed_ms, 0), figure(dollars), f"{largest} MP"]


def _png_bytes(megapixels: int) -> int:
    """Return the memory that a truecolour PNG of this size is estimated to need."""
    pixels = 1_000_000 * megapixels
    facts = Facts(
        format="png", bytes=_BYTES_PER_PIXEL * pixels, width=1_000, height=1_000 * megapixels
    )
    return estimate_memory(facts, make_plans(facts, DEFAULT_RECIPE, animate=False))
