"""Measure `quality=auto`: the files that reach their target, and the CPU time that it takes.

    python -m benchmarks.auto
    python -m benchmarks.auto --files ../photos --side 500 --target 80
    python -m benchmarks.auto --curves       the usual curves, for imaging/target_quality.py
    python -m benchmarks.auto --whole        CPU time of whole renditions, from photos of cameras

Scores are those of the package ssimulacra2, not our own. One half of the images, by a hash of their
names, is for the curves; the other one, which they have not seen, is for the table.
"""

import argparse
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

from PIL import Image

from benchmarks.corpus import CAMERA, Corpus, Photo, gather
from benchmarks.quality import scores
from imagemill.imaging import render
from imagemill.imaging.auto_quality import choose_quality
from imagemill.imaging.encode import encode
from imagemill.imaging.encode_jpeg import make_samples
from imagemill.imaging.output_tags import OutputTags, tags_of
from imagemill.imaging.plan import Plan, WebFormat, make_plan
from imagemill.imaging.probing import probe
from imagemill.imaging.target_quality import distortion, score_at
from imagemill.recipe import Recipe

_FORMATS: tuple[WebFormat, ...] = ("jpeg", "webp", "avif", "jxl")
_QUALITIES = (10, 20, 30, 40, 50, 58, 65, 72, 78, 82, 86, 90, 95)
# The score at which the usual curve begins, and the distance from the median of an image that
# counts for the next step.
_MIDDLE, _NEAR_MEDIAN = 75, 6
# Distance from the target that counts as reached.
_REACHED = 1.5
_EXTREMES = (10, 95)
# Megapixels of the smallest file that is used, and the folder that has one image in several sizes.
_LEAST_MEGAPIXELS, _SIZES = 0.9, "contents"
# Longest sides of whole renditions, px; photos, and times that each is made.
_SIDES, _PHOTOS, _ROUNDS = (500, 1280), 5, 3


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

    name: str
    score: float
    quality: int
    auto_s: float
    plain_s: float
    bytes: int


def main() -> None:
    """Print the table of the other half, the curves of the first, or times of renditions."""
    options = _options()
    with TemporaryDirectory() as temporary:
        scratch = Path(temporary)
        corpus = gather(options.files, scratch)
        if options.whole:
            _print_whole(corpus, options.target)
            return
        paths = _one_of_each(corpus.photos)
        for to in _FORMATS:
            folder = scratch / to
            folder.mkdir()
            if options.curves:
                drawn = _drawn(paths, options, to, is_other=False)
                _print(f"{to}: {_curve(drawn, folder)}")
            else:
                drawn = _drawn(paths, options, to, is_other=True)
                _print(_row(to, _measured(drawn, folder), options.target))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=Path)
    parser.add_argument("--side", type=int, default=500)
    parser.add_argument("--target", type=int, default=75)
    parser.add_argument("--most", type=int, default=100, help="files of each half")
    parser.add_argument("--curves", action="store_true")
    parser.add_argument("--whole", action="store_true")
    return parser.parse_args()


def _one_of_each(photos: Sequence[Photo]) -> list[Path]:
    """Return the smallest file of each image that is not too small."""
    large = [photo for photo in photos if photo.megapixels >= _LEAST_MEGAPIXELS]
    by_size = sorted(large, key=lambda photo: (photo.megapixels, photo.path))
    found: dict[str, Path] = {}
    for photo in by_size:
        found.setdefault(_name_of(photo.path), photo.path)
    return sorted(found.values())


def _name_of(path: Path) -> str:
    """Return the name of the image, without its size if that is the name of the file."""
    parts = path.parts
    return parts[parts.index(_SIZES) - 1] if _SIZES in parts else path.name


def _drawn(
    paths: Sequence[Path], options: argparse.Namespace, to: WebFormat, *, is_other: bool
) -> Iterator[Drawn]:
    half = [path for path in paths if sha256(_name_of(path).encode()).digest()[0] % 2 == is_other]
    for path in half[: options.most]:
        recipe = Recipe.parse(f"{options.side}:png,a={options.side}:{to}:qauto{options.target}")
        data = path.read_bytes()
        small = render(data, Recipe(recipe.presets[:1])).renditions[0].data
        facts = probe(small)
        plan = make_plan(facts, recipe.presets[1])
        yield Drawn(path.name, Image.open(BytesIO(small)).convert("RGB"), plan, tags_of(facts))


def _measured(all_drawn: Iterable[Drawn], scratch: Path) -> list[Result]:
    """Choose the quality of each image, and score the files."""
    results, pairs = [], []
    for number, drawn in enumerate(all_drawn):
        result, data = _chosen(drawn)
        results.append(result)
        pairs += _pairs(drawn, [data], scratch / str(number))
    found = zip(results, scores(pairs), strict=True)
    return [replace(result, score=score) for result, score in found]


def _chosen(drawn: Drawn) -> tuple[Result, bytes]:
    """Return the result, without a score yet, and the file."""
    plan, tags = drawn.plan, drawn.tags
    start = time.process_time()
    chosen = choose_quality(drawn.pixels, plan, tags, sandboxed=True)
    auto_s = time.process_time() - start
    quality, data = chosen.plan.quality, chosen.data or b""
    start = time.process_time()
    still = make_samples(drawn.pixels, chosen.plan) if plan.format == "jpeg" else drawn.pixels
    encode(still, chosen.plan, quality, tags, sandboxed=True)
    plain_s = time.process_time() - start
    return Result(drawn.name, 0, quality, auto_s, plain_s, len(data)), data


def _pairs(drawn: Drawn, files: Sequence[bytes], folder: Path) -> list[tuple[Path, Path]]:
    """Write the small image and the pixels of files of it; returns the paths to compare."""
    folder.mkdir()
    reference = folder / "reference.png"
    drawn.pixels.save(reference)
    pairs = []
    for number, data in enumerate(files):
        made = folder / f"{number}.png"
        made.write_bytes(render(data, Recipe.parse("16383:png")).renditions[0].data)
        pairs.append((reference, made))
    return pairs


def _curve(all_drawn: Iterable[Drawn], scratch: Path) -> list[tuple[int, float]]:
    """Return the score at each quality of a usual image."""
    pairs = []
    for number, drawn in enumerate(all_drawn):
        is_jpeg = drawn.plan.format == "jpeg"
        still = make_samples(drawn.pixels, drawn.plan) if is_jpeg else drawn.pixels
        files = [encode(still, drawn.plan, q, drawn.tags, sandboxed=True) for q in _QUALITIES]
        pairs += _pairs(drawn, files, scratch / str(number))
    found, count = scores(pairs), len(_QUALITIES)
    rows = [found[at : at + count] for at in range(0, len(found), count)]
    return list(zip(_QUALITIES, usual_curve(rows, _MIDDLE), strict=True))


def usual_curve(rows: Sequence[Sequence[float]], middle: float) -> list[float]:
    """Return the median nearest to `middle`, and scores by the median steps of images from there.

    `rows` are the scores of each image. A step counts for images whose scores are near the median.
    """
    medians = [median(column) for column in zip(*rows, strict=True)]
    start = min(range(len(medians)), key=lambda at: abs(medians[at] - middle))
    curve = {start: distortion(medians[start])}
    for at in range(start, len(medians) - 1):
        curve[at + 1] = curve[at] + _step(rows, medians, at)
    for at in range(start, 0, -1):
        curve[at - 1] = curve[at] - _step(rows, medians, at - 1)
    return [round(score_at(curve[at]), 1) for at in sorted(curve)]


def _step(rows: Sequence[Sequence[float]], medians: Sequence[float], at: int) -> float:
    """Return the median change of distortion to the next quality."""
    between = (medians[at] + medians[at + 1]) / 2
    near = [row for row in rows if abs((row[at] + row[at + 1]) / 2 - between) <= _NEAR_MEDIAN]
    return median(distortion(row[at + 1]) - distortion(row[at]) for row in near or rows)


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
        f"others {_others(results, target)}, "
        f"CPU {cpu:.1f} encodings, median quality {median(each.quality for each in results)}, "
        f"{sum(each.bytes for each in results):,} bytes"
    )


def _others(results: Sequence[Result], target: int) -> str:
    """Return by how much the scores miss the target that are farther away, with the qualities."""
    far = [each for each in results if abs(each.score - target) > _REACHED]
    return " ".join(f"{each.score - target:+.1f}@{each.quality}" for each in far) or "none"


def _print_whole(corpus: Corpus, target: int) -> None:
    """Print the CPU time of renditions of photos, and how much longer they take with a target."""
    photos = [path.read_bytes() for path in corpus.of_kind(CAMERA, _PHOTOS)]
    for side in _SIDES:
        for to in _FORMATS:
            times = [_times(data, f"{side}:{to}", target) for data in photos]
            plain, auto = (sum(column) / len(photos) for column in zip(*times, strict=True))
            _print(
                f"{side}:{to}: {1_000 * plain:.0f} ms, with a target {1_000 * auto:.0f} ms, "
                f"{median(each[1] / each[0] for each in times):.2f} times"
            )


def _times(data: bytes, preset: str, target: int) -> tuple[float, float]:
    """Return the median CPU seconds of a rendition without and with a target, in turns."""
    recipes = [Recipe.parse(text) for text in (preset, f"{preset}:qauto{target}")]
    rounds = [[_cpu_s(data, recipe) for recipe in recipes] for _ in range(_ROUNDS + 1)]
    # The first round loads modules.
    plain, auto = zip(*rounds[1:], strict=True)
    return median(plain), median(auto)


def _cpu_s(data: bytes, recipe: Recipe) -> float:
    start = time.process_time()
    render(data, recipe)
    return time.process_time() - start


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - a command


if __name__ == "__main__":
    main()
