"""The bytes of images on request at the same quality, by SSIMULACRA 2."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise, product
from pathlib import Path
from statistics import fmean, geometric_mean
from typing import Any

from benchmarks.on_request_tools import Tool
from benchmarks.page import figure, table
from benchmarks.quality import make_comparable, make_reference, scores

_OURS = "imagemill"
_WIDTH = 640
# Qualities that the other tools are asked for, by extension: around that of imagemill's default.
_QUALITIES = {"jpg": (60, 75, 90), "webp": (60, 75, 90), "avif": (40, 58, 75)}
_HOW = """\
Files of {width} px; number of photos: {count}. imagemill has its default quality. The bytes of the
other tools at the SSIMULACRA 2 of imagemill's file are interpolated between files of qualities
around it, and divided by the bytes of imagemill's file: the geometric mean over the photos. A dash
means that none of these qualities is as good."""

# SSIMULACRA 2 of a file, and its bytes or another figure.
Point = tuple[float, float]
# Points by extension, number of the photo, and tool.
Points = dict[tuple[str, int, str], list[Point]]


def compare(
    tools: Mapping[str, Tool],
    records: Sequence[dict[str, Any]],
    paths: Sequence[Path],
    scratch: Path,
) -> str:
    """Return the table of bytes at the quality of imagemill's files; "" without records."""
    if not records:
        return ""
    points = _scored(list(_made(tools, records, scratch)), paths, scratch)
    others = [name for name in tools if name != _OURS]
    head = ["", "imagemill, kB", "SSIMULACRA 2", *(f"{name} ÷ imagemill" for name in others)]
    rows = [_row(extension, points, len(paths), others) for extension in _QUALITIES]
    text = _HOW.format(width=_WIDTH, count=len(paths))
    return f"### Bytes at the same quality\n\n{text}\n\n{table(head, rows)}"


def at_score(score: float, points: Sequence[Point]) -> float | None:
    """Return the figure of a file with this score, between two points; None outside of them."""
    for (low, small), (high, large) in pairwise(sorted(points)):
        if low <= score <= high:
            part = (score - low) / (high - low or 1)
            return math.exp(math.log(small) + part * (math.log(large) - math.log(small)))
    return None


def _made(
    tools: Mapping[str, Tool], records: Sequence[dict[str, Any]], scratch: Path
) -> Iterator[tuple[str, int, str, Path]]:
    """Yield extension, number of the photo, tool and path of all files."""
    for extension, (number, record), name in product(_QUALITIES, enumerate(records), tools):
        for quality in (None,) if name == _OURS else _QUALITIES[extension]:
            out = scratch / f"{name}.{number}.{quality}.{extension}"
            asked = {"width": _WIDTH, "extension": extension, "quality": quality}
            tools[name].work([{**record, **asked, "out": str(out)}])
            yield extension, number, name, out


def _scored(
    made: Sequence[tuple[str, int, str, Path]], paths: Sequence[Path], scratch: Path
) -> Points:
    pairs = []
    for _, number, _, out in made:
        image, size = make_comparable(out, paths[number])
        reference = scratch / f"{number}.{size[0]}x{size[1]}.png"
        if not reference.exists():
            make_reference(paths[number], reference, size)
        pairs.append((reference, image))
    points: Points = {}
    for (extension, number, name, out), score in zip(made, scores(pairs), strict=True):
        points.setdefault((extension, number, name), []).append((score, out.stat().st_size))
    return points


def _row(extension: str, points: Points, count: int, others: Sequence[str]) -> list[str]:
    ours = [points[extension, number, _OURS][0] for number in range(count)]
    cells = []
    for name in others:
        found = [
            (at_score(score, points[extension, number, name]), size)
            for number, (score, size) in enumerate(ours)
        ]
        ratios = [wanted / size for wanted, size in found if wanted]
        cells.append(figure(geometric_mean(ratios) if len(ratios) == count else None))
    return [
        extension,
        figure(geometric_mean(size for _, size in ours) / 1000, 1),
        figure(fmean(score for score, _ in ours), 1),
        *cells,
    ]
