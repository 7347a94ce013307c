"""The engine compared with itself: quality at every size, presets, memory, and guarded ratios."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import losses
from benchmarks.contender import Contender, Worker
from benchmarks.images import (
    BASELINE,
    LARGER,
    PROGRESSIVE,
    SMALLER,
    Sample,
    gather,
    in_sizes,
)
from benchmarks.page import Section, figure, table
from benchmarks.peers import ours, peers
from benchmarks.rounds import race
from benchmarks.short import FOUR, LARGEST, PAIRS, TITLE, ratio
from benchmarks.targets import inside

_JPEGS = (BASELINE, SMALLER, LARGER, PROGRESSIVE)
_TARGETS = (inside(500),)
_PEERS = ("sharp", "pyvips", "thumbor")
_MEMORY = """Peak resident memory above that of the process before its first image, MB, for a JPEG
of 500 px. The figure of sharp includes Node's own allocations."""


def run(folder: Path | None, scratch: Path, rounds: int) -> Iterator[Section]:
    """Compare imagemill with itself and yield the sections of the page."""
    images = gather(folder, scratch)
    yield losses.section([each for each in images if each.group in _JPEGS], scratch)
    yield _ourselves(images, rounds)
    yield _memory(images, scratch)
    yield _guarded({name: round(ratio(name), 3) for name in PAIRS})


def _ourselves(images: Sequence[Sample], rounds: int) -> Section:
    """Compare imagemill with itself: several presets, isolation, and glibc's memory settings."""
    tools = ours(("imagemill", "deployed", "libraries", "forgetful", "thumbnail"))
    presets = [
        replace(tools[0], name=name, targets=targets)
        for name, targets in (("four presets", FOUR), ("one preset", LARGEST))
    ]
    timings = race([*tools, *presets], [each.path for each in images], _TARGETS, rounds)
    rows = [
        [group, *(figure(timings.ratio(tool, to, _names(images, group))) for tool, to in _PAIRS)]
        for group in dict.fromkeys(each.group for each in images)
    ]
    text = (
        "Ratios of CPU time. The four presets are 800, 500, 250 and 100 px; the one is 800 px. All"
        " else is one preset of 500 px. `libraries` is imagemill without its own JPEG decoder,"
        " `forgetful` with glibc's default of returning freed memory to the kernel."
    )
    head = ["", *(f"{tool} : {to}" for tool, to in _PAIRS)]
    return Section("imagemill compared with itself", f"{text}\n\n{table(head, rows)}")


_PAIRS = (
    ("four presets", "one preset"),
    ("deployed", "imagemill"),
    ("imagemill", "libraries"),
    ("imagemill", "forgetful"),
    ("imagemill", "thumbnail"),
)


def _names(images: Sequence[Sample], group: str) -> list[str]:
    return [str(each.path) for each in images if each.group == group]


def _memory(images: Sequence[Sample], scratch: Path) -> Section:
    tools = [*ours(("imagemill", "libraries", "tutorial", "thumbnail")), *peers(_PEERS)[0]]
    files = {f"JPEG {name}": path for name, path in in_sizes(scratch).items()}
    sized = (BASELINE, SMALLER, LARGER)
    files |= {each.group: each.path for each in images if each.group not in sized}
    rows = [[tool.name, *(_peak(tool, path) for path in files.values())] for tool in tools]
    return Section("Memory", f"{_MEMORY}\n\n{table(['', *files], rows)}")


def _peak(tool: Contender, path: Path) -> str:
    with Worker(tool) as worker:
        answer = worker.ask(path, _TARGETS, peak=True)
    return figure(answer.peak_bytes / 1e6 if answer else None, 0)


def _guarded(ratios: dict[str, float]) -> Section:
    rows = [[name, figure(value)] for name, value in ratios.items()]
    text = "Ratios of CPU time for synthetic images of 6 MP; a test fails if one grows by half."
    return Section(TITLE, f"{text}\n\n{table(['', 'ratio'], rows)}", figures=ratios)
