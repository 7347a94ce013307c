# ruff: noqa: INP001 - a script, not a package
"""Fuzz the renderer: every input must give renditions or an ImageRejected.

    pip install atheris            # Linux, CPython 3.11 to 3.13
    python fuzz/render.py fuzz/corpus -max_total_time=300
    python fuzz/render.py -runs=2000 -seed=1          # short, as in CI

Without a folder of examples, it starts from small generated images. It accepts the options of
libFuzzer and writes its findings to crash-, timeout- and oom- files in the current folder.
"""

from io import BytesIO
from pathlib import Path

import atheris
from campaign import fuzz

with atheris.instrument_imports(include=["imagemill", "PIL"]):
    from PIL import Image

    from imagemill.errors import ImageRejected
    from imagemill.imaging import Limits, render
    from imagemill.recipe import Recipe

_EDITED = "64:crop40x30x5x5:mirror:rotate90:gray,x=50x50:pad:bg336699,y=30x20:exact:blur2:sharpen1"
_RECIPES = tuple(
    map(Recipe.parse, ("64", "500,x=40x40:cover", "64:webp", "64:png,a=32:jpeg", _EDITED))
)
_LIMITS = Limits(max_pixels=1_000_000, max_animation_pixels=2_000_000, max_memory_bytes=256 << 20)
_FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000", "ICO", "MPO")
# Formats that can hold several images.
_MANY = ("PNG", "WEBP", "GIF", "TIFF", "AVIF", "MPO")


def render_once(data: bytes) -> None:
    """Render the bytes by one of a few recipes; any exception but ImageRejected is a finding."""
    recipe = _RECIPES[len(data) % len(_RECIPES)]
    try:
        render(data, recipe, _LIMITS)
    except ImageRejected:
        return


def draw_examples(folder: Path) -> None:
    """Write a small image of every format, still and animated."""
    frames = [
        Image.radial_gradient("L").resize((24, 16)).rotate(at).convert("RGB") for at in (0, 90)
    ]
    for to in _FORMATS:
        for count in (1, 2) if to in _MANY else (1,):
            file = BytesIO()
            more = {"save_all": True, "append_images": frames[1:]} if count > 1 else {}
            frames[0].save(file, to, **more)
            (folder / f"{to.lower()}-{count}").write_bytes(file.getvalue())


if __name__ == "__main__":
    fuzz(render_once, draw_examples)
