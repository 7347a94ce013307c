"""Writes docs/performance.md: the sections as Markdown, the charts, and the baseline for tests."""

import json
import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

_HEAD = """# Performance

Written by `make bench` on {date}: {machine}, {cores} cores, Python {python}. No figure is copied
from another source: every tool ran on this machine.

"""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the page: Markdown, its charts, and its figures for the baseline."""

    title: str
    text: str
    # SVG by file name; the text links to them in the folder `performance`.
    drawings: dict[str, str] = field(default_factory=dict)
    figures: dict[str, float] = field(default_factory=dict)


def write(sections: Sequence[Section], page: Path, baseline: Path) -> None:
    """Write the page, the charts in a folder of the same name, and the baseline."""
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
    """Return a number for a table; a dash for None."""
    return "–" if value is None else f"{value:,.{digits}f}"


def machine() -> str:
    """Return the model name and the architecture of the processor."""
    try:
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    except OSError:
        found = None
    return f"{found[1] if found else platform.processor()} ({platform.machine()})"
