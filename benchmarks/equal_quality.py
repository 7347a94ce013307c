"""The bytes of imagemill's files at the SSIMULACRA 2 that sharp's defaults reach.

    python -m benchmarks --rows bytes

Both tools resize the photo themselves, so the score is that of the whole way from the photo.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import product
from pathlib import Path
from statistics import fmean, geometric_mean

from PIL import Image

from benchmarks.contender import Worker
from benchmarks.corpus import Corpus
from benchmarks.on_request_quality import Point, at_score
from benchmarks.page import Section, figure, table
from benchmarks.peers import ours, peers
from benchmarks.quality import make_comparable, make_reference
from benchmarks.targets import Target
from imagemill.imaging.fastjpeg import score

# The name of this section among the groups of rows.
GROUP = "bytes"
TITLE = "Bytes at the quality of sharp's defaults"
_OURS, _RIVAL = "imagemill", "sharp"
_SIDES = (500, 1280)
# Photos of each kind.
_PHOTOS = {"progressive JPEG 2–6 MP": 2, "progressive JPEG 8–24 MP": 2, "JPEG 20–48 MP": 1}
_HOW = """\
{count} photos. sharp has its defaults: JPEG and WebP of quality 80, AVIF of quality 50 with all its
colour and effort 4. imagemill's bytes and CPU time at the SSIMULACRA 2 of sharp's file are
interpolated between files of qualities around it, and divided by sharp's: geometric means over the
photos, and the range of the bytes. CPU is that of the whole way from the bytes of the photo, one
measurement for each file. A dash means that for one of the photos no quality is as good, or that
the effort would take too long. Scores are those of imagemill's own implementation, and of images
above 640 px the centre is compared."""


@dataclass(frozen=True, slots=True)
class Case:
    """A format with sharp's default quality, and imagemill's qualities around it and its effort."""

    format: str
    default: int
    qualities: tuple[int, ...]
    effort: int | None = None

    @property
    def name(self) -> str:
        """The format, and the effort if it is not the default."""
        effort = "" if self.effort is None else f", e{self.effort}"
        return f"{self.format.upper()}{effort}"


_AVIF = (22, 30, 38, 46, 54, 63, 74)
CASES = (
    Case("jpeg", 80, (32, 44, 54, 64, 72, 80, 88)),
    Case("webp", 80, (32, 44, 54, 64, 74, 82, 90)),
    *(Case("avif", 50, _AVIF, effort) for effort in (None, 4, 6)),
)


@dataclass(frozen=True, slots=True)
class Made:
    """A file of a tool: its score, bytes and CPU time, ms."""

    score: float
    bytes: int
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class Pair:
    """The file that sharp makes of a photo, and imagemill's of several qualities."""

    rival: Made
    ours: tuple[Made, ...]

    @property
    def bytes_ratio(self) -> float | None:
        """Bytes of imagemill at the score of sharp, relative to it; None outside of its scores."""
        return self._ratio([(each.score, each.bytes) for each in self.ours], self.rival.bytes)

    @property
    def cpu_ratio(self) -> float | None:
        """CPU time in the same way."""
        return self._ratio([(each.score, each.cpu_ms) for each in self.ours], self.rival.cpu_ms)

    def _ratio(self, points: Sequence[Point], of: float) -> float | None:
        found = at_score(self.rival.score, points)
        return found / of if found else None


def run(photos: Corpus, scratch: Path) -> Iterator[Section]:
    """Measure all cases, and yield the section of the page; nothing without sharp."""
    [tool], (rivals, _) = ours((_OURS,)), peers((_RIVAL,))
    if not rivals:
        return
    paths = [path for kind, most in _PHOTOS.items() for path in photos.of_kind(kind, most)]
    folder = scratch / GROUP
    folder.mkdir()
    with Worker(tool) as worker, Worker(rivals[0]) as rival:
        bench = _Bench(worker, rival, folder)
        bench.warm_up(paths[0])
        rows = [
            row(f"{case.name}, {side} px", [bench.pair(case, side, path) for path in paths])
            for case, side in product(CASES, _SIDES)
        ]
    head = ["", "sharp, kB", "SSIMULACRA 2", "bytes ÷ sharp", "range", "CPU ÷ sharp"]
    text = f"{_HOW.format(count=len(paths))}\n\n{table(head, rows)}"
    yield Section(TITLE, text)


def row(name: str, pairs: Sequence[Pair]) -> list[str]:
    """Return the row of a case; a dash for the ratios if one of the photos has none."""
    of_bytes, of_cpu = (
        [ratio for ratio in found if ratio]
        for found in ([pair.bytes_ratio for pair in pairs], [pair.cpu_ratio for pair in pairs])
    )
    is_whole = len(of_bytes) == len(pairs)
    return [
        name,
        figure(geometric_mean(pair.rival.bytes for pair in pairs) / 1000, 1),
        figure(fmean(pair.rival.score for pair in pairs), 1),
        figure(geometric_mean(of_bytes) if is_whole else None),
        f"{figure(min(of_bytes))}–{figure(max(of_bytes))}" if is_whole else "–",
        figure(geometric_mean(of_cpu) if is_whole else None),
    ]


@dataclass(frozen=True, slots=True)
class _Bench:
    """Both tools, a folder for their files, and the files of sharp that were made already."""

    ours: Worker
    rival: Worker
    folder: Path
    made: dict[tuple[str, int, Path], Made] = field(default_factory=dict)

    def warm_up(self, path: Path) -> None:
        """Let both tools make a file: the first one of a process takes longer."""
        for worker in (self.ours, self.rival):
            worker.ask(path, [Target(_SIDES[0], _SIDES[0])])

    def pair(self, case: Case, side: int, path: Path) -> Pair:
        """Return the file of sharp, and those of imagemill whose scores are nearest to its score.

        Raises RuntimeError if sharp fails.
        """
        key = (case.format, side, path)
        if key not in self.made:
            found = self._make(self.rival, path, _target(case, side, case.default))
            if not found:
                raise RuntimeError(f"sharp cannot make {case.name} of {path.name}")
            self.made[key] = found
        targets = [_target(case, side, quality) for quality in case.qualities]
        return Pair(self.made[key], tuple(self._around(self.made[key].score, path, targets)))

    def _around(self, score_of_rival: float, path: Path, targets: Sequence[Target]) -> list[Made]:
        """Return files of imagemill from the middle quality on, until one is on the other side."""
        found: dict[int, Made] = {}
        at = len(targets) // 2
        while 0 <= at < len(targets) and at not in found:
            made = self._make(self.ours, path, targets[at])
            if not made:
                break
            found[at] = made
            at += 1 if made.score < score_of_rival else -1
        return list(found.values())

    def _make(self, worker: Worker, path: Path, target: Target) -> Made | None:
        """Return a file; None for an effort whose estimated time exceeds the limit."""
        out = self.folder / "made"
        answer = worker.ask(path, [target], outs=[out])
        if answer is None:
            return None
        return Made(_score(*self._comparable(out, path)), answer.bytes[0], answer.cpu_ms)

    def _comparable(self, out: Path, path: Path) -> tuple[Path, Path]:
        """Return the reference and the image to compare, both as PNG."""
        image, size = make_comparable(out, path)
        name = f"{sha256(str(path).encode()).hexdigest()[:8]}.{size[0]}x{size[1]}.png"
        if not (self.folder / name).exists():
            make_reference(path, self.folder / name, size)
        return self.folder / name, image


def _score(reference: Path, made: Path) -> float:
    """Return the score by our own implementation, in a hundredth of the time of the package."""
    with Image.open(reference) as one, Image.open(made) as other:
        pixels = [memoryview(image.convert("RGBX").tobytes()) for image in (one, other)]
        return score(one.size, *pixels)


def _target(case: Case, side: int, quality: int) -> Target:
    return Target(side, side, "inside", case.format, quality, case.effort)
