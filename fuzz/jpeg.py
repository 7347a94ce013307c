# ruff: noqa: INP001 - a script, not a package
"""Fuzz the sandboxed JPEG decoder against Pillow.

Findings: an exception other than ImageRejected, a trap inside the sandbox, and an image that the
sandbox decodes but the library refuses or warns about. The options are those of fuzz/render.py.
"""

from io import BytesIO
from pathlib import Path

import atheris
from campaign import fuzz

with atheris.instrument_imports(include=["imagemill"]):
    from PIL import Image

    from imagemill.errors import ImageRejected
    from imagemill.imaging import Limits, Rendered, render
    from imagemill.recipe import Recipe

# Sizes for which the sandbox makes one to eight samples on the side of a block.
_RECIPES = tuple(
    Recipe.parse(f"{side}:png, 5x5:cover:jpeg") for side in (5, 12, 20, 28, 34, 42, 96)
)
# The middle, for which only a part is decoded. Damage below it is not noticed, so that there is
# nothing to compare.
_REGION = Recipe.parse("20:png:crop20x10x38x27")
_LIMITS = Limits(max_pixels=250_000)
_SAMPLINGS = ("4:4:4", "4:2:2", "4:2:0", "4:1:1")
_WAYS: tuple[dict[str, object], ...] = (
    {},
    {"progressive": True},
    {"restart_marker_blocks": 3},
    {"progressive": True, "restart_marker_rows": 1},
)


class Finding(Exception):
    """Sandbox and library disagree, or the sandbox trapped."""


def compare(data: bytes) -> None:
    """Render the bytes with and without the sandbox; raises Finding if the results disagree."""
    region = _outcome(data, _REGION, sandboxed=True)
    if region is not None and region.sandbox == "trapped":
        raise Finding("trapped in a region")
    recipe, theirs = _RECIPES[len(data) % len(_RECIPES)], None
    ours = _outcome(data, recipe, sandboxed=True)
    if ours is None:
        return
    if ours.sandbox == "trapped":
        raise Finding("trapped")
    if ours.sandbox == "drawn":
        theirs = _outcome(data, recipe, sandboxed=False)
        if theirs is None or theirs.warnings != ours.warnings:
            raise Finding(f"drawn, but {theirs and theirs.warnings}")


def draw_examples(folder: Path) -> None:
    """Write a small image for each combination of subsampling and coding."""
    grey = Image.radial_gradient("L").resize((96, 64))
    colour = Image.merge("RGB", (grey, grey.rotate(90), grey.rotate(180)))
    for index, way in enumerate(_WAYS):
        for sampling in _SAMPLINGS:
            _save(colour, folder / f"{index}-{sampling.replace(':', '')}", way, sampling)
        _save(grey, folder / f"{index}-grey", way, "4:4:4")


def _outcome(data: bytes, recipe: Recipe, *, sandboxed: bool) -> Rendered | None:
    try:
        return render(data, recipe, _LIMITS, sandboxed=sandboxed)
    except ImageRejected:
        return None


def _save(image: Image.Image, path: Path, way: dict[str, object], sampling: str) -> None:
    file = BytesIO()
    image.save(file, "JPEG", subsampling=sampling, quality=80, **way)
    path.write_bytes(file.getvalue())


if __name__ == "__main__":
    fuzz(compare, draw_examples)
