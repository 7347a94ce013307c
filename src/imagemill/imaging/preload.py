"""Load everything that rendering needs on first use, so that child processes need not load it."""

from contextlib import suppress
from functools import cache
from importlib import import_module
from io import BytesIO

from PIL import Image

from imagemill.errors import ImageRejected
from imagemill.imaging import render
from imagemill.imaging.decode import load_decoder
from imagemill.imaging.icc import from_codes
from imagemill.imaging.sniff import Kind, sniff
from imagemill.recipe import Recipe

# H.273 codes of Display P3's primaries and sRGB's curve.
_DISPLAY_P3 = (12, 13)
_ORIENTATION = 0x0112
# Kinds that are rendered from an example; for others the decoder is loaded, and a JPEG is rendered.
_DRAWN: tuple[Kind, ...] = ("jpeg", "png", "webp", "gif", "avif", "tiff", "bmp")
# Kinds that are often animated.
_ANIMATED: tuple[Kind, ...] = ("gif", "webp")


def preload_formats(data: bytes, recipe: Recipe) -> None:
    """Prepare this process for images of the kind of `data`, of which nothing is decoded."""
    with suppress(ImageRejected):
        _warm_up(sniff(data), recipe)


@cache
def _warm_up(kind: Kind, recipe: Recipe) -> None:
    load_decoder(kind)
    if kind in _ANIMATED:
        import_module("imagemill.imaging.animating")
    drawn = kind if kind in _DRAWN else "jpeg"
    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    profile = from_codes(*_DISPLAY_P3)
    file = BytesIO()
    Image.new("RGB", (32, 24), "teal").save(file, drawn, icc_profile=profile, exif=exif)
    # Without the sandbox: each child has its own.
    render(file.getvalue(), recipe, sandboxed=False)
