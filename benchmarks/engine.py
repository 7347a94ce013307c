"""The engine compared with other resizers: CPU time, quality, memory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

from PIL import Image, ImageOps

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
from benchmarks.plot import bars
from benchmarks.quality import make_reference, scores, to_srgb
from benchmarks.rounds import Timings, race
from benchmarks.short import PAIRS, TITLE, ratio

_SIDE = 500
_JPEGS = (BASELINE, SMALLER, LARGER, PROGRESSIVE)
_ORIENTATION = 0x0112
_HOW = """\
Each tool makes a JPEG of at most 500 px, quality 82, 4:2:0, from bytes in memory. Each runs in a
warm process, on one core and one thread, and all take turns in shuffled order. A figure is the
ratio within a round: the median over {rounds} rounds, then the geometric mean over the images of
a kind. `imagemill` is `render` called in-process, `isolated` is `render` in a child process for
each image, as in the function, and `libraries` is `render` without imagemill's own JPEG decoder;
all three also convert profiles, strip metadata and make the placeholder. `tutorial` is Pillow's
`exif_transpose`, then `thumbnail`; `thumbnail` is that call alone, which ignores the orientation.
A dash means that one of the two tools cannot read the format. The photo of 24 MP is the first
photo enlarged, with added grain in place of the missing detail. Versions: {versions}.{absent}"""
_QUALITY = """SSIMULACRA 2 of a PNG, compared with the whole image resampled by Lanczos: 100 is
identical, 90 is hard to distinguish. It measures the loss of the resizing, not of the encoder."""
_MEMORY = """Peak resident memory above that of the process before its first image, MB. The figure
of sharp includes Node's own allocations."""


@dataclass(frozen=True, slots=True)
class _Race:
    """The tools and images of a comparison, with the timings."""

    tools: Sequence[Contender]
    images: Sequence[Sample]
    timings: Timings

    def ratio(self, tool: str, to: str, group: str) -> float | None:
        return self.timings.ratio(tool, to, self.names(group))

    def names(self, group: str) -> list[str]:
        return [each.path.name for each in self.images if each.group == group]

    def groups(self) -> list[str]:
        order = [
            BASELINE,
            SMALLER,
            LARGER,
            PROGRESSIVE,
            *sorted({each.group for each in self.images}),
        ]
        return [name for name in dict.fromkeys(order) if self.names(name)]


def run(folder: Path | None, scratch: Path, rounds: int) -> Iterator[Section]:
    """Compare all tools and yield the sections of the page."""
    found, absent = peers()
    tools = [*ours(("imagemill", "isolated", "libraries", "tutorial", "thumbnail")), *found]
    images = gather(folder, scratch)
    paths = [each.path for each in images]
    raced = _Race(tools, images, race(tools, paths, "jpeg", rounds))
    yield _speed(raced, absent, rounds)
    yield _details(raced)
    yield _quality([tool for tool in tools if tool.name != "isolated"], images, scratch)
    yield losses.section([each for each in images if each.group in _JPEGS], scratch)
    yield _ourselves(raced, images, rounds)
    yield _memory([tool for tool in tools if tool.name != "isolated"], images, scratch)
    yield _guarded({name: round(ratio(name), 3) for name in PAIRS})


def _speed(raced: _Race, absent: Sequence[str], rounds: int) -> Section:
    to = "sharp" if any(tool.name == "sharp" for tool in raced.tools) else "thumbnail"
    groups = raced.groups()
    measured = {
        tool.name: {group: raced.ratio(tool.name, to, group) for group in groups}
        for tool in raced.tools
    }
    rows = [[name, *(figure(by[group]) for group in groups)] for name, by in measured.items()]
    versions = ", ".join(dict.fromkeys(tool.version for tool in raced.tools))
    missing = f" Not available here: {', '.join(absent)}." if absent else ""
    drawings = {
        f"engine-{group.lower().replace(' ', '-')}.svg": bars(
            f"CPU time, {group}, {to} is 1",
            {name: value for name, by in measured.items() if (value := by[group])},
            "imagemill",
        )
        for group in (BASELINE, PROGRESSIVE)
    }
    images = "\n".join(f"![](performance/{name})" for name in drawings)
    text = _HOW.format(rounds=rounds, versions=versions, absent=missing)
    return Section(
        f"CPU time relative to {to}",
        f"{text}\n\n{table(['', *groups], rows)}\n\n{images}",
        drawings,
        {group: round(value, 3) for group in groups if (value := measured["imagemill"][group])},
    )


def _details(raced: _Race) -> Section:
    names = [tool.name for tool in raced.tools]
    rows = [
        [
            each.path.name,
            *(figure(raced.timings.typical_ms(name, each.path.name), 0) for name in names),
        ]
        for each in raced.images
    ]
    return Section("CPU time of each image, ms", table(["", *names], rows))


def _quality(tools: Sequence[Contender], images: Sequence[Sample], scratch: Path) -> Section:
    pairs: dict[tuple[str, str], list[tuple[Path, Path]]] = {}
    groups = dict.fromkeys(each.group for each in images if each.group != "HEIC")
    for each in images:
        if each.group not in groups:
            continue
        reference = scratch / f"{each.path.name}.reference.png"
        make_reference(each.path, reference, _SIDE)
        for tool in tools:
            made = scratch / f"{each.path.name}.{tool.name}.png"
            if _make(tool, each.path, made, reference):
                pairs.setdefault((tool.name, each.group), []).append((reference, made))
    means = {key: mean(scores(made)) for key, made in pairs.items()}
    rows = [
        [tool.name, *(figure(means.get((tool.name, group)), 1) for group in groups)]
        for tool in tools
    ]
    return Section("Quality of the resizing", f"{_QUALITY}\n\n{table(['', *groups], rows)}")


def _make(tool: Contender, path: Path, made: Path, reference: Path) -> bool:
    """Write a PNG, upright and in sRGB; False if the tool fails or the size differs."""
    with Worker(tool) as worker:
        if not worker.ask(path, "png", out=made):
            return False
    image = Image.open(made)
    upright = to_srgb(image)
    size = Image.open(reference).size
    if upright.size != size:
        exif = Image.Exif()
        exif[_ORIENTATION] = Image.open(path).getexif().get(_ORIENTATION, 1)
        upright.info["exif"] = exif.tobytes()
        upright = ImageOps.exif_transpose(upright)
    upright.save(made)
    return upright.size == size


def _ourselves(raced: _Race, images: Sequence[Sample], rounds: int) -> Section:
    """Compare imagemill with itself: several presets, and glibc's default memory settings."""
    paths = [each.path for each in images]
    tools = ours(("imagemill", "forgetful", "largest", "presets"))
    timings = race(tools, paths, "jpeg", rounds)
    rows = [
        [
            group,
            figure(timings.ratio("presets", "largest", raced.names(group))),
            figure(timings.ratio("imagemill", "forgetful", raced.names(group))),
            figure(raced.ratio("isolated", "imagemill", group)),
            figure(raced.ratio("imagemill", "thumbnail", group)),
        ]
        for group in raced.groups()
    ]
    head = [
        "",
        "four presets : one",
        "mallopt on : off",
        "isolated : in-process",
        "imagemill : `thumbnail`",
    ]
    text = "Ratios of CPU time. The four presets are 800, 500, 250 and 100 px; the one is 800 px."
    return Section("imagemill compared with itself", f"{text}\n\n{table(head, rows)}")


def _memory(tools: Sequence[Contender], images: Sequence[Sample], scratch: Path) -> Section:
    files = {f"JPEG {name}": path for name, path in in_sizes(scratch).items()}
    sized = (BASELINE, SMALLER, LARGER)
    files |= {each.group: each.path for each in images if each.group not in sized}
    rows = [[tool.name, *(_peak(tool, path) for path in files.values())] for tool in tools]
    return Section("Memory", f"{_MEMORY}\n\n{table(['', *files], rows)}")


def _peak(tool: Contender, path: Path) -> str:
    with Worker(tool) as worker:
        answer = worker.ask(path, "jpeg", peak=True)
    return figure(answer.peak_bytes / 1e6 if answer else None, 0)


def _guarded(ratios: dict[str, float]) -> Section:
    rows = [[name, figure(value)] for name, value in ratios.items()]
    text = "Ratios of CPU time for synthetic images of 6 MP; a test fails if one grows by half."
    return Section(TITLE, f"{text}\n\n{table(['', 'ratio'], rows)}", figures=ratios)
