"""Measure `quality=auto`: the files that reach their target, and the CPU time that it takes.

    python -m benchmarks.auto
    python -m benchmarks.auto --files ../photos --side 500 --target 80
    python -m benchmarks.auto --curves       the usual curves, for imaging/target_quality.py

Scores are those of the package ssimulacra2, not our own. One half of the files, by a hash of their
names, is for the curves; the other one, which they have not seen, is for the table.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

from PIL import Image

from benchmarks.corpus import gather
from benchmarks.quality import scores
from imagemill.imaging import render
from imagemill.imaging.auto_quality import choose_quality
from imagemill.imaging.encode import encode
from imagemill.imaging.encode_jpeg import make_samples
from imagemill.imaging.output_tags import OutputTags, tags_of
from imagemill.imaging.plan import Plan, WebFormat, make_plan
from imagemill.imaging.probing import probe
from imagemill.recipe import Recipe

_FORMATS: tuple[WebFormat, ...] = ("jpeg", "webp", "avif", "jxl")
_CURVE_QUALITIES = (10, 25, 40, 50, 60, 70, 78, 85, 91, 95)
# Distance from the target that counts as reached.
_REACHED = 1.5
_EXTREMES = (10, 95)


@dataclass(frozen=True, slots=True)
class Drawn:
    """The small image of a photo, its plan for a format, and the metadata to write."""

    name: str
    pixels: Image.Image
    plan: Plan
    tags: OutputTags


@dataclass(frozen=True, slots=True)
class Result:
    """One file: the score of `quality=auto`, the quality, and CPU seconds of it and of plain."""

    score: float
    quality: int
    auto_s: float
    plain_s: float
    bytes: int


def main() -> None:
    """Print the table of the other half, or the curves of the first."""
    options = _options()
    with TemporaryDirectory() as folder:
        scratch = Path(folder)
        paths = [photo.path for photo in gather(options.files, scratch).photos]
        for to in _FORMATS:
            if options.curves:
                _print(f"{to}: {_curve(list(_drawn(paths, options, to, is_other=False)), scratch)}")
            else:
                drawn = _drawn(paths, options, to, is_other=True)
                _print(_row(to, [_measured(each, scratch) for each in drawn], options.target))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=Path)
    parser.add_argument("--side", type=int, default=500)
    parser.add_argument("--target", type=int, default=75)
    parser.add_argument("--most", type=int, default=40, help="files of each half")
    parser.add_argument("--curves", action="store_true")
    return parser.parse_args()


def _drawn(
    paths: Sequence[Path], options: argparse.Namespace, to: WebFormat, *, is_other: bool
) -> Iterator[Drawn]:
    half = [path for path in paths if sha256(path.name.encode()).digest()[0] % 2 == is_other]
    for path in half[: options.most]:
        recipe = Recipe.parse(f"{options.side}:png,a={options.side}:{to}:qauto{options.target}")
        data = path.read_bytes()
        small = render(data, Recipe(recipe.presets[:1])).renditions[0].data
        facts = probe(small)
        plan = make_plan(facts, recipe.presets[1])
        yield Drawn(path.name, Image.open(BytesIO(small)).convert("RGB"), plan, tags_of(facts))


def _measured(drawn: Drawn, scratch: Path) -> Result:
    plan, tags = drawn.plan, drawn.tags
    start = time.process_time()
    chosen = choose_quality(drawn.pixels, plan, tags, sandboxed=True)
    auto_s = time.process_time() - start
    quality, data = chosen.plan.quality, chosen.data or b""
    start = time.process_time()
    still = make_samples(drawn.pixels, chosen.plan) if plan.format == "jpeg" else drawn.pixels
    encode(still, chosen.plan, quality, tags, sandboxed=True)
    plain_s = time.process_time() - start
    return Result(_scored(drawn, [data], scratch)[0], quality, auto_s, plain_s, len(data))


def _scored(drawn: Drawn, files: Sequence[bytes], scratch: Path) -> list[float]:
    """Return the scores of files compared with the small image."""
    reference = scratch / "reference.png"
    drawn.pixels.save(reference)
    pairs = []
    for number, data in enumerate(files):
        shown = render(data, Recipe.parse("16383:png")).renditions[0].data
        (scratch / f"{number}.png").write_bytes(shown)
        pairs.append((reference, scratch / f"{number}.png"))
    return scores(pairs)


def _curve(drawn: Sequence[Drawn], scratch: Path) -> list[tuple[int, float]]:
    """Return the median score at each quality."""
    rows = []
    for each in drawn:
        still = make_samples(each.pixels, each.plan) if each.plan.format == "jpeg" else each.pixels
        files = [encode(still, each.plan, q, each.tags, sandboxed=True) for q in _CURVE_QUALITIES]
        rows.append(_scored(each, files, scratch))
    medians = (round(median(column), 1) for column in zip(*rows, strict=True))
    return list(zip(_CURVE_QUALITIES, medians, strict=True))


def _row(to: WebFormat, results: Sequence[Result], target: int) -> str:
    within = [abs(each.score - target) <= _REACHED for each in results]
    inner = [
        is_within
        for each, is_within in zip(results, within, strict=True)
        if each.quality not in _EXTREMES
    ]
    cpu = sum(each.auto_s for each in results) / sum(each.plain_s for each in results)
    return (
        f"{to}: {len(results)} files, {mean(within):.0%} within {_REACHED}, "
        f"{mean(inner):.0%} of the {len(inner)} that are not at the highest or lowest quality, "
        f"CPU {cpu:.1f} encodings, median quality {median(each.quality for each in results)}, "
        f"{sum(each.bytes for each in results):,} bytes"
    )


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command


if __name__ == "__main__":
    main()
