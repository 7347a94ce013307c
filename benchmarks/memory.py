"""Which memory size: what each bills for the same batches, and how large an image it takes in."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from textwrap import fill
from typing import Any

from benchmarks import quota
from benchmarks.function import Turn, Worker, cloud, mean_megapixels, photos, python_worker
from benchmarks.grants import (
    KINDS,
    MOST_MEGAPIXELS,
    MOST_MEGAPIXELS_WHOLE,
    PROMISED,
    PROMISED_MEGAPIXELS,
    SIZES_MB,
    largest,
    least,
    slowest,
)
from benchmarks.page import Section, figure, table
from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.costs.durations import CORE_MB, MOST_AT_ONCE, Batch, tempo
from imagemill.costs.prices import lambda_dollars
from imagemill.pipeline.concurrency import MOST_S

TITLE = "Which memory size"
_MILLION = 1_000_000
_BILLED = """\
The batches of the section before, by the handler in a control group with the CPU time that
Lambda gives each memory size (one core for each 1,769 MB, counted in periods of 20 ms); median
of {rounds} rounds. Dollars are for a million photos, for the time billed alone: as measured, and
by [the lines](cost.md#milliseconds) that `imagemill cost` calculates with."""
_NOT_HERE = """Not measured: this user may not make control groups here."""
_GRANTED = """\
Up to one core, half the memory takes twice as long and costs the same, but for what waits: that
is billed by memory alone. So less memory is cheaper, by some cents of [what a million photos
cost](cost.md) in all, and slower. Beyond one core more costs more, since a second core helps a
batch that waits little only so much.

What a size takes in is another matter. From an image's header it is estimated what memory it
will need, and one that needs more than it can have is rejected as `over_budget`. The most
megapixels of each format, with the default recipe and the sandbox; `MaxPixels` lets in {most} of
JPEG and {whole} of the others:"""
_ADVICE = """\
The default is {default:,} MB: the smallest of these sizes, and so by the lines the cheapest, that
takes in {promised} MP of {kinds}. The last step is for WebP, whose decoder keeps whole canvases.
There is time enough too: by the lines the slowest of what is taken in, {slowest} of {slowest_mp}
MP, takes {slowest_s:.1f} of the {most_s:.0f} s that an image may.

With {small} MB a million of these photos cost {saved:.0f} cents less by the lines, and each takes
{slower:.1f} times as long; HEIC is rejected above {heic} MP, WebP above {webp} and PNG above
{png}. That is for who has nothing but baseline JPEG, or small images.

PNGs of {promised} MP need {for_png} MB, with alpha {for_alpha}, of 16 bits {for_deep}; by default
they are taken in up to {most_png}, {most_alpha} and {most_deep} MP. For larger ones raise
`MemorySize` and `MaxPixels`, and `MaxBytes` for files of more than 100 MiB, as those of 16 bits
are long before."""
_WIDTH = 98


def run(folder: Path | None, scratch: Path, rounds: int, core: int) -> Iterator[Section]:
    """Have batches worked at every memory size, and yield the section of the page."""
    files = photos(folder, scratch)
    if not quota.is_allowed():
        yield Section(TITLE, f"{_NOT_HERE}\n\n{_taken_in(mean_megapixels(files))}")
        return
    turns: dict[int, list[Turn]] = {size: [] for size in SIZES_MB}
    with cloud(core) as place:
        for _ in range(rounds):
            for size in SIZES_MB:
                batches = [place.put(files), place.put(files)]
                environment = {
                    **place.environment,
                    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(size),
                }
                turns[size].append(_second(batches, environment, size, core))
    billed = {size: median(turn.wall_ms for turn in each) for size, each in turns.items()}
    yield section(billed, mean_megapixels(files), rounds)


def section(billed_ms: Mapping[int, float], megapixels: float, rounds: int) -> Section:
    """Return the section of the page, from what a batch of ten was billed for at each size."""
    rows = [_row(size, ms, megapixels) for size, ms in billed_ms.items()]
    head = ["MB", "billed for ten, ms", "dollars a million", "by the lines"]
    return Section(
        TITLE,
        f"{_BILLED.format(rounds=rounds)}\n\n{table(head, rows)}\n\n{_taken_in(megapixels)}",
        figures={str(size): round(ms, 1) for size, ms in billed_ms.items()},
    )


def _second(
    batches: list[list[dict[str, Any]]], environment: dict[str, str], size: int, core: int
) -> Turn:
    """Return how a warm function did: the first batch is not counted."""
    cores = {core} if size <= CORE_MB else set(range(os.cpu_count() or 1))
    with (
        quota.group(size) as group,
        Worker(python_worker("imagemill"), environment, cores) as worker,
    ):
        group.write_text(str(worker.pid))
        worker.work(batches[0])
        return worker.work(batches[1])


def _row(size: int, billed_ms: float, megapixels: float) -> list[str]:
    dollars = lambda_dollars(billed_ms / MOST_AT_ONCE, size) * _MILLION
    return [
        f"{size:,}",
        figure(billed_ms, 0),
        figure(dollars),
        figure(_dollars(size, megapixels)),
    ]


def _taken_in(megapixels: float) -> str:
    rows = [[kind.name, *(str(largest(kind, size)) for size in SIZES_MB)] for kind in KINDS]
    head = ["MP, up to", *(f"{size:,} MB" for size in SIZES_MB)]
    told = _GRANTED.format(most=MOST_MEGAPIXELS, whole=MOST_MEGAPIXELS_WHOLE)
    return f"{told}\n\n{table(head, rows)}\n\n{_advice(megapixels)}"


def _advice(megapixels: float) -> str:
    """Return why the default is what it is, what the smallest size saves, and what PNGs need."""
    small, default = SIZES_MB[0], DEFAULT_MEMORY_MB
    kinds = {each.name: each for each in KINDS}
    pngs = {"png": "PNG", "alpha": "PNG with alpha", "deep": "PNG of 16 bits"}
    kind, its_most, its_s = slowest(default)
    *others, last = (each.name for each in PROMISED)
    told = _ADVICE.format(
        default=default,
        promised=PROMISED_MEGAPIXELS,
        kinds=f"{', '.join(others)} and {last}",
        slowest=kind.name,
        slowest_mp=its_most,
        slowest_s=its_s,
        most_s=MOST_S,
        small=small,
        saved=100 * (_dollars(default, megapixels) - _dollars(small, megapixels)),
        slower=_photo_ms(small, megapixels) / _photo_ms(default, megapixels),
        heic=largest(kinds["HEIC"], small),
        webp=largest(kinds["WebP"], small),
        png=largest(kinds["PNG"], small),
        **{f"for_{key}": least([kinds[name]]) for key, name in pngs.items()},
        **{f"most_{key}": largest(kinds[name], default) for key, name in pngs.items()},
    )
    return "\n\n".join(fill(part, _WIDTH, break_long_words=False) for part in told.split("\n\n"))


def _dollars(size: int, megapixels: float) -> float:
    """Return what a million photos cost by the lines, for the time billed alone."""
    return lambda_dollars(_photo_ms(size, megapixels), size) * _MILLION


def _photo_ms(size: int, megapixels: float) -> float:
    batch = Batch(megapixels, images=MOST_AT_ONCE, memory_mb=size)
    return tempo().image_ms(batch)
