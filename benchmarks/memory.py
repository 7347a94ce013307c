"""Memory sizes compared: the billed time of the same batches, and the largest accepted images."""

import os
from collections.abc import Iterator, Mapping, Sequence
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
from imagemill.costs.durations import CORE_MB, MOST_AT_ONCE, Batch, duration_model
from imagemill.costs.prices import lambda_dollars
from imagemill.pipeline.concurrency import MOST_S

TITLE = "Which memory size"
_MILLION = 1_000_000
_BILLED = """\
The batches of the previous section, processed by the handler in a control group with the CPU time
that Lambda gives each memory size (one core per 1,769 MB, in periods of 20 ms); median of
{rounds} rounds. Dollars are the duration cost of a million photos, from the measurement and from
[the model](cost.md#milliseconds) that `imagemill cost` calculates with."""
_NOT_HERE = """Not measured: this user may not create control groups here."""
_SPREAD = """\
By the model the duration of a million photos costs {least:.2f} to {most:.2f} dollars in sizes up
to one core, {core:,} MB, and {above:.2f} with {above_mb:,} MB."""
_GRANTED = """\
The memory size also limits the size of images. The function estimates from the header how much
memory an image needs, and rejects it as `over_budget` if that is more than it can have. The table
has the largest image of each format in megapixels, with the default recipe and the sandbox;
`MaxPixels` allows {most} MP of JPEG and {whole} MP of the other formats:"""
_ADVICE = """\
The default is {default:,} MB. {enough:,} MB already accept {promised} MP of {kinds}; by the model
they cost {spared:.0f} cents less for a million photos, and each takes {longer:.1f} times as long.
By the model the slowest of the largest accepted images, {slowest} of {slowest_mp} MP, takes
{slowest_s:.1f} s; an image may take {most_s:.0f} s.

With {small} MB a million of these photos cost {cents:.0f} cents {direction} by the model, and each
takes {slower:.1f} times as long. The largest accepted images are then {heic} MP of HEIC, {avif} MP
of AVIF and {png} MP of PNG.

A PNG of {promised} MP needs {for_png} MB, with alpha {for_alpha} MB, with 16 bits per channel
{for_deep} MB. The default accepts these up to {most_png}, {most_alpha} and {most_deep} MP. For
larger ones raise `MemorySize` and `MaxPixels`, and `MaxBytes` for files above 100 MiB."""
_WIDTH = 98


def run(folder: Path | None, scratch: Path, rounds: int, core: int) -> Iterator[Section]:
    """Process batches at every memory size, and yield the section of the page."""
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
    """Return the section of the page, from the billed ms of a batch of ten at each size."""
    rows = [_row(size, ms, megapixels) for size, ms in billed_ms.items()]
    head = ["MB", "billed for ten images, ms", "dollars per million", "by the model"]
    return Section(
        TITLE,
        f"{_BILLED.format(rounds=rounds)}\n\n{table(head, rows)}\n\n{_taken_in(megapixels)}",
        figures={str(size): round(ms, 1) for size, ms in billed_ms.items()},
    )


def _second(
    batches: list[list[dict[str, Any]]], environment: dict[str, str], size: int, core: int
) -> Turn:
    """Return the times of a second batch, after a first one to warm up."""
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
        figure(model_dollars(size, megapixels)),
    ]


def _taken_in(megapixels: float) -> str:
    rows = [[kind.name, *(str(largest(kind, size)) for size in SIZES_MB)] for kind in KINDS]
    head = ["largest, MP", *(f"{size:,} MB" for size in SIZES_MB)]
    told = _GRANTED.format(most=MOST_MEGAPIXELS, whole=MOST_MEGAPIXELS_WHOLE)
    return "\n\n".join(
        (_filled(_spread(megapixels)), told, table(head, rows), _filled(_advice(megapixels)))
    )


def _spread(megapixels: float) -> str:
    """Return the range of the model's cost up to one core, and the cost of the largest size."""
    costs = [model_dollars(size, megapixels) for size in SIZES_MB if size <= CORE_MB]
    last = SIZES_MB[-1]
    return _SPREAD.format(
        least=min(costs),
        most=max(costs),
        core=CORE_MB,
        above=model_dollars(last, megapixels),
        above_mb=last,
    )


def _advice(megapixels: float) -> str:
    """Return the reasons for the default, the effect of the smallest size, and the needs of PNG."""
    small, enough, default = SIZES_MB[0], least(PROMISED), DEFAULT_MEMORY_MB
    kinds = {each.name: each for each in KINDS}
    pngs = {"png": "PNG", "alpha": "PNG with alpha", "deep": "PNG of 16 bits"}
    kind, its_most, its_s = slowest(default)
    saved = 100 * (model_dollars(default, megapixels) - model_dollars(small, megapixels))
    return _ADVICE.format(
        default=default,
        enough=enough,
        spared=100 * (model_dollars(default, megapixels) - model_dollars(enough, megapixels)),
        longer=_photo_ms(enough, megapixels) / _photo_ms(default, megapixels),
        promised=PROMISED_MEGAPIXELS,
        kinds=_listed([each.name for each in PROMISED]),
        slowest=kind.name,
        slowest_mp=its_most,
        slowest_s=its_s,
        most_s=MOST_S,
        small=small,
        cents=abs(saved),
        direction="less" if saved > 0 else "more",
        slower=_photo_ms(small, megapixels) / _photo_ms(default, megapixels),
        heic=largest(kinds["HEIC"], small),
        avif=largest(kinds["AVIF"], small),
        png=largest(kinds["PNG"], small),
        **{f"for_{key}": least([kinds[name]]) for key, name in pngs.items()},
        **{f"most_{key}": largest(kinds[name], default) for key, name in pngs.items()},
    )


def _listed(names: Sequence[str]) -> str:
    """Return the names with commas and one `and`."""
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _filled(text: str) -> str:
    """Return paragraphs in lines of equal length."""
    return "\n\n".join(fill(part, _WIDTH, break_long_words=False) for part in text.split("\n\n"))


def model_dollars(size: int, megapixels: float) -> float:
    """Return the duration cost of a million photos by the model, in dollars."""
    return lambda_dollars(_photo_ms(size, megapixels), size) * _MILLION


def _photo_ms(size: int, megapixels: float) -> float:
    batch = Batch(megapixels, images=MOST_AT_ONCE, memory_mb=size)
    return duration_model().image_ms(batch)
