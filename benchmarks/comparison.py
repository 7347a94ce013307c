"""Measure rows: CPU time in turns, bytes, quality and peak memory of every tool."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from benchmarks.contender import Contender, Worker
from benchmarks.quality import make_comparable, make_reference, scores
from benchmarks.rounds import Timings, race
from benchmarks.rows import Row
from benchmarks.targets import Target

# It makes the same images as `imagemill`, and in another process than the one measured for memory.
_DEPLOYED = "deployed"


@dataclass(frozen=True, slots=True)
class Comparison:
    """The measurements of a row.

    `resize` and `file` are means of SSIMULACRA 2 by tool: of PNGs, which show the resizing alone,
    and of the images that the row asks for. `peak_bytes` is by tool, for the largest file.
    """

    row: Row
    files: tuple[Path, ...]
    timings: Timings
    resize: Mapping[str, float]
    file: Mapping[str, float]
    peak_bytes: Mapping[str, int]


def compare(
    row: Row, files: Sequence[Path], tools: Sequence[Contender], rounds: int, scored: int
) -> Comparison:
    """Measure a row with the tools it names; the images of `scored` files are scored too."""
    wanted = [tool for name in row.tools for tool in tools if tool.name == name]
    once = [tool for tool in wanted if tool.name != _DEPLOYED]
    chosen = files[:: max(1, len(files) // scored)][:scored] if scored and row.is_scored else []
    sizes = {(each.width, each.height, each.fit): each for each in row.targets}
    return Comparison(
        row,
        tuple(files),
        race(wanted, files, row.targets, rounds),
        _scored(once, chosen, [replace(each, format="png", words="") for each in sizes.values()]),
        _scored(once, chosen, row.targets),
        dict(_peaks(once, files, row.targets)),
    )


def _scored(
    tools: Sequence[Contender], files: Sequence[Path], targets: Sequence[Target]
) -> dict[str, float]:
    """Return the mean score of each tool that can make the targets."""
    with TemporaryDirectory() as folder:
        pairs = {tool.name: _pairs(tool, files, targets, Path(folder)) for tool in tools}
        found = iter(scores([pair for each in pairs.values() for pair in each]))
        means = {name: [next(found) for _ in each] for name, each in pairs.items()}
    return {name: fmean(each) for name, each in means.items() if each}


def _pairs(
    tool: Contender, files: Sequence[Path], targets: Sequence[Target], folder: Path
) -> list[tuple[Path, Path]]:
    """Return the images that a tool makes, each with its reference."""
    found = []
    with Worker(tool) as worker:
        for number, path in enumerate(files):
            outs = [folder / f"{tool.name}.{number}.{at}" for at in range(len(targets))]
            if not worker.ask(path, targets, outs=outs):
                return []
            found += [
                _pair(out, path, target, folder / str(number))
                for out, target in zip(outs, targets, strict=True)
            ]
    return found


def _pair(out: Path, path: Path, target: Target, prefix: Path) -> tuple[Path, Path]:
    made, size = make_comparable(out, path)
    reference = prefix.with_suffix(f".{size[0]}x{size[1]}.{target.fit}.png")
    if not reference.exists():
        make_reference(path, reference, size, target.fit)
    return reference, made


def _peaks(
    tools: Sequence[Contender], files: Sequence[Path], targets: Sequence[Target]
) -> Iterator[tuple[str, int]]:
    """Yield the peak memory of each tool for the largest file, in a new process."""
    largest = max(files, key=lambda path: path.stat().st_size)
    for tool in tools:
        with Worker(tool) as worker:
            answer = worker.ask(largest, targets, peak=True)
        if answer:
            yield tool.name, answer.peak_bytes
