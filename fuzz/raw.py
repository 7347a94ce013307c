# ruff: noqa: INP001 - a script, not a package
"""Fuzz the reader of camera raw files: every input gives a preview, nothing, or an ImageRejected.

Findings: any other exception, and a preview that is not part of the file. The options are those of
fuzz/render.py.
"""

import sys
from pathlib import Path

import atheris
from campaign import fuzz

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

with atheris.instrument_imports(include=["imagemill"]):
    from fakes.raw_files import MAKERS, jpeg_of
    from PIL import Image

    from imagemill.errors import ImageRejected
    from imagemill.imaging import Limits, raw_preview, render
    from imagemill.recipe import Recipe

_RECIPE = Recipe.parse("32")
_LIMITS = Limits(max_pixels=250_000, camera_raw=True)


class Finding(Exception):
    """The preview is not part of the file."""


def read_once(data: bytes) -> None:
    """Find the preview, and render it."""
    try:
        preview = raw_preview.read(data)
        if preview and preview.jpeg not in data:
            raise Finding("the preview is not in the file")
        render(data, _RECIPE, _LIMITS)
    except ImageRejected:
        return


def draw_examples(folder: Path) -> None:
    """Write a small file of every maker."""
    wide, small = (jpeg_of(Image.new("RGB", size)) for size in ((1000, 8), (16, 12)))
    for kind, make in MAKERS.items():
        (folder / kind).write_bytes(make(wide, small, {0x0112: 6, 0x8298: "(c)"}))


if __name__ == "__main__":
    fuzz(read_once, draw_examples)
