"""The tables of docs/cost.md."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from benchmarks.page import figure, table
from imagemill.catalog import prices
from imagemill.catalog.billed import MOST_AT_ONCE, Batch, Point, measured, tempo
from imagemill.catalog.peers import PEERS
from imagemill.workflows.cost import Line, Load, statement, total

MILLION = Load(images=1_000_000, megapixels=12)
_PHOTOS = Batch(13.4, pictures=MOST_AT_ONCE)
_CLOCKED = {
    "one alone, 1,769 MB": (replace(_PHOTOS, pictures=1), 219.9),
    "ten, 1,769 MB": (_PHOTOS, 1_093),
    "ten, 1,024 MB": (replace(_PHOTOS, memory_mb=1_024), 1_808),
    "ten, 768 MB": (replace(_PHOTOS, memory_mb=768), 2_408),
    "ten, 512 MB": (replace(_PHOTOS, memory_mb=512), 3_841),
}
"""What docs/performance.md of 2026-11-22 measured by the clock, and the mean size of its photos."""


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
    head = ["service", "what", "dollars", "for", "free every month", "source, as of"]
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
    head = ["format", "MP", "presets", "CPU, ms", "by the lines, ms", "off"]
    source = measured()
    told = (
        f"Measured on {source.day} by `{source.command}` of {source.pictures}: {source.machine}, "
        "one core, which other work on the machine had its share of."
    )
    return f"{told}\n\n{table(head, rows)}"


def _lines() -> str:
    found = tempo()
    rows = [["wait, once a batch", "all", figure(found.wait.base, 0), figure(found.wait.slope, 1)]]
    rows += [
        ["work, each picture", kind, figure(line.base, 0), figure(line.slope, 1)]
        for kind, line in sorted(found.work.items())
    ]
    rows += [["work, each further preset", "all", figure(found.preset_ms, 1), "–"]]
    return table(["", "format", "ms", "and ms a megapixel"], rows)


def _clock() -> str:
    rows = [
        [
            name,
            figure(measured_ms, 0),
            figure(tempo().ms(batch), 0),
            f"{tempo().ms(batch) / measured_ms - 1:+.0%}",
        ]
        for name, (batch, measured_ms) in _CLOCKED.items()
    ]
    return table(["", "by the clock, ms", "by the lines, ms", "off"], rows)


def _sample() -> str:
    bill = statement(MILLION, tempo())
    rows = [*_items(bill.once), ["**total**", "", "", "", f"**{total(bill.once):,.2f}**"]]
    head = ["service", "what", "quantity", "of", "dollars"]
    kept = [*_items(bill.monthly), ["**total**", "", "", "", f"**{total(bill.monthly):,.2f}**"]]
    return f"{table(head, rows)}\n\nKeeping them, every month:\n\n{table(head, kept)}"


def _others() -> str:
    rows = []
    for name, load in {
        "as above": MILLION,
        "every picture alone (`--batch 1`)": replace(MILLION, batch=1),
        "four presets": replace(MILLION, presets=4),
        "24 MP": replace(MILLION, megapixels=24),
        "HEIC": replace(MILLION, format="heic"),
        "all through the REST API (`--api 1`)": replace(MILLION, api=1),
    }.items():
        bill = statement(load, tempo())
        ms = load.billed_ms(tempo())
        compute = sum(line.dollars for line in bill.once if line.what == "resizing")
        rows.append([name, figure(ms, 0), figure(compute), figure(total(bill.once))])
    return table(
        ["a million photos of 12 MP", "ms each", "resizing, dollars", "all, dollars"], rows
    )


def _peers() -> str:
    rows = [
        [peer.name, figure(peer.cost(1e6)), peer.basis, f"[{peer.seen}]({peer.source})"]
        for peer in PEERS
    ]
    return table(["peer", "a million renditions, dollars", "what for", "source"], rows)


def _modelled(point: Point) -> float:
    found = tempo()
    work = found.work[point.format].at(point.megapixels)
    return work + found.preset_ms * (point.presets - 1)


def _items(lines: tuple[Line, ...]) -> Iterator[list[str]]:
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
