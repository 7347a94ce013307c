"""The tables of docs/cost.md."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.function import TITLE as BILLED
from benchmarks.memory import TITLE as SIZES
from benchmarks.page import figure, table
from imagemill.costs import prices
from imagemill.costs.bill import LineItem, Workload, statement, total
from imagemill.costs.durations import CORE_MB, MOST_AT_ONCE, Batch, Point, duration_model, measured
from imagemill.costs.peers import PEERS

MILLION = Workload(images=1_000_000, megapixels=12)
_BASELINE = Path(__file__).parent / "baseline.json"


def _prices() -> str:
    rows = [
        [
            price.service,
            price.what,
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
    rows = [
        [
            point.format,
            f"{point.megapixels:g}",
            str(point.presets),
            figure(point.ms, 0),
            figure(_modelled(point), 0),
            f"{_modelled(point) / point.ms - 1:+.0%}",
        ]
        for point in measured().points
    ]
    head = ["format", "MP", "presets", "CPU, ms", "by the lines, ms", "difference"]
    source = measured()
    told = (
        f"Measured on {source.day} by `{source.command}` with {source.images}: {source.machine}, "
        "one core, on a machine that other work shared."
    )
    return f"{told}\n\n{table(head, rows)}"


def _lines() -> str:
    found = duration_model()
    rows = [["wait, per batch", "all", figure(found.wait.base, 0), figure(found.wait.slope, 1)]]
    rows += [
        ["work, per image", kind, figure(line.base, 0), figure(line.slope, 1)]
        for kind, line in sorted(found.work.items())
    ]
    rows += [["work, per further preset", "all", figure(found.preset_ms, 1), "–"]]
    return table(["", "format", "ms", "plus ms per megapixel"], rows)


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
    return table(["", "measured, ms", "by the lines, ms", "difference"], rows)


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


def _others() -> str:
    rows = []
    for name, load in {
        "as above": MILLION,
        "one image per batch (`--batch 1`)": replace(MILLION, batch=1),
        "four presets": replace(MILLION, presets=4),
        "24 MP": replace(MILLION, megapixels=24),
        "HEIC": replace(MILLION, format="heic"),
        "all through the REST API (`--api 1`)": replace(MILLION, api=1),
    }.items():
        bill = statement(load, duration_model())
        ms = load.billed_ms(duration_model())
        compute = sum(line.dollars for line in bill.once if line.what == "resizing")
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
    found = duration_model()
    work = found.work[point.format].at(point.megapixels)
    return work + found.preset_ms * (point.presets - 1)


def _items(lines: tuple[LineItem, ...]) -> Iterator[list[str]]:
    for line in lines:
        quantity = figure(line.quantity, 0 if line.quantity >= 1 else 2)
        yield [line.service, line.what, quantity, line.price.what, figure(line.dollars)]


def _exactly(dollars: float) -> str:
    return f"{dollars:.10f}".rstrip("0").ljust(4, "0") if dollars < 1 else f"{dollars:.2f}"


TABLES: dict[str, Callable[[], str]] = {
    "prices": _prices,
    "points": _points,
    "lines": _lines,
    "clock": _clock,
    "sample": _sample,
    "others": _others,
    "peers": _peers,
}
