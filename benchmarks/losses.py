"""The lowest quality of the sandboxed JPEG decoder, from thumbnail size to page width."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageChops, ImageStat

from benchmarks.images import PROGRESSIVE, Sample
from benchmarks.page import Section, figure, table
from benchmarks.quality import centre, make_reference, scores
from imagemill.imaging import render
from imagemill.recipe import Recipe

_SIDES = (160, 250, 330, 500, 800, 1280, 2048)
_LEVELS = 255
_TEXT = """\
The lowest values of {count} JPEGs, at several sizes: SSIMULACRA 2 and the peak signal-to-noise
ratio (dB) of a PNG, compared with the whole image resampled by Lanczos in floats. `sandboxed` is
imagemill's own decoder, `libraries` the same images without it. A dash means that the libraries
decoded all of them."""


_COLUMNS = {
    ("baseline", True): "baseline, sandboxed",
    ("baseline", False): "baseline, libraries",
    ("progressive", True): "progressive, sandboxed",
    ("progressive", False): "progressive, libraries",
}


@dataclass(frozen=True, slots=True)
class _Made:
    """A rendered PNG and its reference; `column` is a key of `_COLUMNS`."""

    side: int
    column: tuple[str, bool]
    reference: Path
    path: Path


def section(images: Sequence[Sample], scratch: Path) -> Section:
    """Return the section with the lowest quality at each size."""
    made = [one for each in images for side in _SIDES for one in _draw(each, side, scratch)]
    scored = zip(made, scores([(one.reference, one.path) for one in made]), strict=True)
    cells: dict[tuple[int, tuple[str, bool]], list[tuple[float, float]]] = {}
    for one, score in scored:
        cells.setdefault((one.side, one.column), []).append((score, _signal_to_noise(one)))
    rows = [
        [f"{side} px", *(_least(cells.get((side, column), [])) for column in _COLUMNS)]
        for side in _SIDES
    ]
    text = f"{_TEXT.format(count=len(images))}\n\n{table(['', *_COLUMNS.values()], rows)}"
    return Section("Lowest quality at other sizes", text)


def _draw(image: Sample, side: int, scratch: Path) -> list[_Made]:
    """Render with and without the sandbox; empty if the sandbox does not decode the image."""
    data = image.path.read_bytes()
    recipe = Recipe.parse(f"{side}:png")
    ours = render(data, recipe)
    if ours.sandbox != "drawn":
        return []
    name = f"{image.path.name}.{side}"
    reference = scratch / f"{name}.lossless.png"
    made = ours.renditions[0]
    make_reference(image.path, reference, (made.width, made.height))
    kind = "progressive" if image.group == PROGRESSIVE else "baseline"
    found = []
    for rendered, at in ((ours, True), (render(data, recipe, sandboxed=False), False)):
        path = scratch / f"{name}.{at}.png"
        path.write_bytes(rendered.renditions[0].data)
        centre(Image.open(path)).save(path)
        found.append(_Made(side, (kind, at), reference, path))
    return found


def _least(measured: Sequence[tuple[float, float]]) -> str:
    """Return the lowest score and the lowest PSNR in dB; a dash for no measurements."""
    if not measured:
        return "–"
    score, ratio = map(min, zip(*measured, strict=True))
    return f"{figure(score, 1)}, {figure(ratio, 1)} dB"


def _signal_to_noise(one: _Made) -> float:
    """Return the PSNR of all channels together, in dB."""
    pair = [Image.open(path).convert("RGB") for path in (one.reference, one.path)]
    squares = sum(value * value for value in ImageStat.Stat(ImageChops.difference(*pair)).rms) / 3
    return 10 * math.log10(_LEVELS**2 / max(squares, 1e-9))
