"""The measurements of rows as Markdown: one table per row, one line per tool."""

from collections.abc import Sequence
from pathlib import Path
from statistics import geometric_mean

from benchmarks.comparison import Comparison
from benchmarks.page import figure, table

# Wallpapers of Plasma are at NAME/contents/images/WIDTHxHEIGHT.jpg.
_WALLPAPER = 2
_RIVALS = ("sharp", "sharp tuned")


def rendered(found: Comparison) -> str:
    """Return the title and the table of a row."""
    names = list(map(str, found.files))
    rivals = [each for each in _RIVALS if each in found.row.tools]
    head = ["", "CPU, ms", *(f"÷ {each}" for each in rivals), "range", *_HEAD]
    rows = [_line(found, tool, names, rivals) for tool in found.row.tools]
    count = f"{len(names)} file" + "s" * (len(names) > 1)
    labels = ", ".join(map(label, found.files))
    return f"### {found.row.name}\n\n{count}: {labels}.\n\n{table(head, rows)}"


def label(path: Path) -> str:
    """Return the name of a file, with that of the wallpaper where the file is named by its size."""
    if path.stem.replace("x", "").isdigit() and len(path.parents) > _WALLPAPER:
        return f"{path.parents[_WALLPAPER].name} {path.name}"
    return path.name


_HEAD = ("kB", "S2 of the resize", "S2 of the file", "peak, MB")


def _line(found: Comparison, tool: str, names: Sequence[str], rivals: Sequence[str]) -> list[str]:
    timings = found.timings
    each = timings.ratios(tool, rivals[0], names) if rivals else []
    sizes = [timings.bytes[tool, name] for name in names if (tool, name) in timings.bytes]
    is_able = len(sizes) == len(names)
    peak = found.peak_bytes.get(tool)
    return [
        tool,
        figure(timings.mean_ms(tool, names), 0),
        *(figure(timings.ratio(tool, rival, names)) for rival in rivals),
        f"{min(each):.2f}–{max(each):.2f}" if each else "–",
        figure(geometric_mean(sizes) / 1000 if is_able else None, 1),
        figure(found.resize.get(tool), 1),
        figure(found.file.get(tool), 1),
        figure(peak / 1e6 if peak is not None else None, 0),
    ]
