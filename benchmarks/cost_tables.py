"""The tables of docs/cost.md."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import mean

from benchmarks.function import TITLE as BILLED
from benchmarks.memory import TITLE as SIZES
from benchmarks.other_prices import PEERS
from benchmarks.page import figure, table
from imagemill.costs import prices
from imagemill.costs.bill import LineItem, Workload, statement, total
from imagemill.costs.durations import (
    CORE_MB,
    MOST_AT_ONCE,
    Batch,
    DurationModel,
    Point,
    duration_model,
    measured,
)
from imagemill.costs.transforms import Visits, edge_lines, miss_lines
from imagemill.preset import MAX_EFFORT
from imagemill.recipe import Recipe

MILLION = Workload(images=1_000_000, megapixels=12)
# Recipes for photos, in the order of their cost.
_COMMON = (
    "500",
    "1280",
    "160x160:cover, 500, 2048",
    "320, 640, 1280, 1920",
    "500:webp",
    "1600:webp",
    "500:avif",
    "1600:avif",
    "500:jxl",
    "1600:jxl",
    "500:jpeg:quality=auto",
    "500:avif:quality=auto",
)
_EFFORTS = "An effort multiplies the time of encoding by:"
_FOUR = "800, 500, 250, 100"
_BASELINE = Path(__file__).parent / "baseline.json"


def _prices() -> str:
    rows = [
        [
            price.service,
            price.unit,
            _exactly(price.dollars),
            f"{price.per:,.0f}",
            f"{price.free:,.0f}" if price.free else "",
            f"[{price.seen}]({price.source})" if price.source else "not confirmed",
        ]
        for price in prices.TABLE
    ]
    head = ["service", "unit", "dollars", "for units", "free per month", "source, as of"]
    return table(head, rows)


def _points() -> str:
    source = measured()
    told = (
        f"Measured on {source.day} by `{source.command}` with {source.images}: {source.machine}, "
        "one core, on a machine that other work shared."
    )
    off = [abs(_modelled(point) / point.ms - 1) for point in source.others]
    fitted = [abs(_modelled(point) / point.ms - 1) for point in source.points]
    summary = (
        f"The model is fitted to {len(fitted)} measurements, {mean(fitted):.0%} off on average. "
        f"These {len(off)} it has not seen; it is {mean(off):.0%} off on average and at most "
        f"{max(off):.0%}:"
    )
    head = ["original", "MP", "recipe", "CPU, ms", "by the model, ms", "difference"]
    return f"{told} {summary}\n\n{table(head, list(map(_point, source.others)))}"


def _point(point: Point) -> list[str]:
    return [
        point.format + (f", {point.frames} frames" if point.frames > 1 else ""),
        f"{point.megapixels:g}",
        f"`{point.recipe}`",
        figure(point.ms, 0),
        figure(_modelled(point), 0),
        f"{_modelled(point) / point.ms - 1:+.0%}",
    ]


def _terms() -> str:
    found = duration_model()
    wait = [
        ["wait, per batch", figure(found.wait.base, 0)],
        ["wait, MP", figure(found.wait.slope, 1)],
    ]
    work = [[name, figure(ms, 1)] for name, ms in sorted(found.coefficients.items())]
    return f"{table(['', 'ms'], [*wait, *work])}\n\n{_EFFORTS}\n\n{_efforts(found)}"


def _efforts(found: DurationModel) -> str:
    """Return the table of the encoders' CPU time by effort."""
    rows = [
        [to, *(figure(each, 2) for each in factors)]
        for to, factors in sorted(found.efforts.items())
    ]
    return table(["effort", *(f"e{effort}" for effort in range(MAX_EFFORT + 1))], rows)


def _recipes() -> str:
    rows = []
    for text in _COMMON:
        load = replace(MILLION, recipe=Recipe.parse(text))
        bill = statement(load, duration_model())
        compute = sum(line.dollars for line in bill.once if line.name == "resizing")
        ms = duration_model().work_ms(load.megapixels, load.format, load.recipe)
        kept = duration_model().renditions_bytes(load.megapixels, load.format, load.recipe)
        rows.append(
            [
                f"`{text}`",
                figure(ms, 0),
                figure(compute),
                figure(total(bill.once)),
                figure(kept / 1000, 0),
            ]
        )
    head = ["recipe", "CPU, ms each", "resizing, dollars", "total, dollars", "kB stored each"]
    return table(head, rows)


def _clock() -> str:
    rows = [
        [
            name,
            figure(measured_ms, 0),
            figure(duration_model().ms(batch), 0),
            f"{duration_model().ms(batch) / measured_ms - 1:+.0%}",
        ]
        for name, batch, measured_ms in _clocked()
    ]
    return table(["", "measured, ms", "by the model, ms", "difference"], rows)


def _clocked() -> Iterator[tuple[str, Batch, float]]:
    """Yield batches with the billed ms that docs/performance.md measured for them."""
    facts = json.loads(_BASELINE.read_text(encoding="utf-8"))
    billed, sizes = facts[BILLED], facts.get(SIZES, {})
    ten = Batch(billed["megapixels"], images=MOST_AT_ONCE)
    one_ms = billed["one by one, ms"] / MOST_AT_ONCE
    yield f"one image, {CORE_MB:,} MB", replace(ten, images=1), one_ms
    yield f"ten images, {CORE_MB:,} MB", ten, billed["ten, ms"]
    for size in sorted(map(int, sizes), reverse=True):
        if size < CORE_MB:
            yield f"ten images, {size:,} MB", replace(ten, memory_mb=size), sizes[str(size)]


def _sample() -> str:
    bill = statement(MILLION, duration_model())
    rows = [*_items(bill.once), ["**total**", "", "", "", f"**{total(bill.once):,.2f}**"]]
    head = ["service", "item", "quantity", "unit", "dollars"]
    kept = [*_items(bill.monthly), ["**total**", "", "", "", f"**{total(bill.monthly):,.2f}**"]]
    return f"{table(head, rows)}\n\nKeeping them, per month:\n\n{table(head, kept)}"


def _transforms() -> str:
    """Return the bill of a million hits and of a million misses, and that of other misses."""
    model, visits = duration_model(), Visits(1_000_000, 0, 12)
    head = ["service", "item", "quantity", "unit", "dollars"]
    edge, misses = edge_lines(visits, model)[:2], miss_lines(visits, model)
    rows = [*_items(edge), ["**total**", "", "", "", f"**{total(edge):,.2f}**"]]
    missed = [*_items(misses), ["**total**", "", "", "", f"**{total(misses):,.2f}**"]]
    others = [
        [f"{megapixels} MP, `{text}`", figure(other.billed_ms(model), 0), figure(total(lines))]
        for megapixels in (2, 12, 24)
        for text in ("320:webp", "640", "640:webp", "640:avif", "1280:webp")
        for other in [replace(visits, megapixels=megapixels, variant=Recipe.parse(text))]
        for lines in [miss_lines(other, model)]
    ]
    return (
        f"{table(head, rows)}\n\nWhat a million misses add, at 12 MP and 640 px in WebP:\n\n"
        f"{table(head, missed)}\n\n"
        f"{table(['a million misses', 'ms each', 'dollars'], others)}"
    )


def _others() -> str:
    rows = []
    for name, load in {
        "as above": MILLION,
        "one image per batch (`--batch 1`)": replace(MILLION, batch=1),
        "four presets (`800, 500, 250, 100`)": replace(
            MILLION, recipe=Recipe.parse("800, 500, 250, 100")
        ),
        "24 MP": replace(MILLION, megapixels=24),
        "HEIC (`--format heic`)": replace(MILLION, format="heic"),
        "JPEG XL": replace(MILLION, format="jxl"),
        "TIFF, LZW": replace(MILLION, format="tiff"),
        "JPEG with a gain map (`--format ultrahdr`)": replace(MILLION, format="ultrahdr"),
        "camera raw (`--format raw`)": replace(MILLION, format="raw"),
        "GIF of 0.3 MP, 40 frames (`--format gif --megapixels 0.3 --frames 40`)": replace(
            MILLION, format="gif", megapixels=0.3, frames=40
        ),
        "all through the REST API (`--api 1`)": replace(MILLION, api=1),
    }.items():
        bill = statement(load, duration_model())
        ms = load.billed_ms(duration_model())
        compute = sum(line.dollars for line in bill.once if line.name == "resizing")
        rows.append([name, figure(ms, 0), figure(compute), figure(total(bill.once))])
    return table(
        ["a million photos of 12 MP", "ms each", "resizing, dollars", "total, dollars"], rows
    )


def _peers() -> str:
    rows = [
        [peer.name, figure(peer.cost(1e6)), peer.basis, f"[{peer.seen}]({peer.source})"]
        for peer in PEERS
    ]
    return table(["service", "a million renditions, dollars", "basis", "source"], rows)


def _modelled(point: Point) -> float:
    recipe = Recipe.parse(point.recipe)
    return duration_model().work_ms(point.megapixels, point.format, recipe, point.frames)


def _items(lines: tuple[LineItem, ...]) -> Iterator[list[str]]:
    for line in lines:
        quantity = figure(line.quantity, 0 if line.quantity >= 1 else 2)
        yield [line.service, line.name, quantity, line.price.unit, figure(line.dollars)]


def _exactly(dollars: float) -> str:
    return f"{dollars:.10f}".rstrip("0").ljust(4, "0") if dollars < 1 else f"{dollars:.2f}"


TABLES: dict[str, Callable[[], str]] = {
    "prices": _prices,
    "points": _points,
    "terms": _terms,
    "recipes": _recipes,
    "clock": _clock,
    "sample": _sample,
    "transforms": _transforms,
    "others": _others,
    "peers": _peers,
}
