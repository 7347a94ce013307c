"""The page of figures: sections become Markdown, drawings and the baseline of the tests."""

import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_HEAD = """# How fast, and beside whom

Written by `make bench` on {date}: {machine}, {cores} cores, Python {python}. Nobody's figures are
copied: every tool is run beside the others, on one core.

"""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page: Markdown, the drawings it shows, and figures for the baseline."""

    title: str
    text: str
    drawings: dict[str, str] = field(default_factory=dict)
    """SVG by file name; the text links to them in the folder `performance`."""
    figures: dict[str, float] = field(default_factory=dict)


def write(sections: Sequence[Section], page: Path, baseline: Path) -> None:
    """Write the page, the drawings in a folder of its name, and the baseline."""
    now = datetime.now(UTC)
    head = _HEAD.format(
        date=f"{now:%Y-%m-%d}",
        machine=machine(),
        cores=os.cpu_count(),
        python=platform.python_version(),
    )
    parts = [f"## {section.title}\n\n{section.text.strip()}\n" for section in sections]
    page.write_text(head + "\n".join(parts), encoding="utf-8")
    folder = page.with_suffix("")
    folder.mkdir(exist_ok=True)
    for section in sections:
        for name, drawing in section.drawings.items():
            (folder / name).write_text(drawing, encoding="utf-8")
    figures = {section.title: section.figures for section in sections if section.figures}
    baseline.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def figure(value: float | None, digits: int = 2) -> str:
    """Return a number for a table; a dash where there is none."""
    return "–" if value is None else f"{value:,.{digits}f}"


def machine() -> str:
    """Return the processor's name, and what kind it is."""
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return f"{found[1] if found else platform.processor()} ({platform.machine()})"
