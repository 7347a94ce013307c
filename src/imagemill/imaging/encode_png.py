"""Encode pixels as a PNG: filtered in the sandbox and compressed as runs, or all by Pillow."""

from contextlib import suppress
from importlib import import_module
from io import BytesIO
from struct import pack

from PIL import Image

from imagemill.imaging import fastpng
from imagemill.imaging.fastjpeg import Refused
from imagemill.imaging.formats import png
from imagemill.imaging.output_tags import OutputTags

# zlib level without an effort, where more repeats than runs: level 6 takes twice as long for
# 1% fewer bytes. By effort, 0 to 6.
_LEVEL, _LEVELS = 3, (1, 3, 5, 6, 7, 8, 9)
# Least effort that compresses in both ways.
_BOTH_FROM = 2
# Colour type and bytes of a pixel by Pillow's mode: PNG, 11.2.1.
_COLOUR_TYPES: dict[str, tuple[int, fastpng.PixelBytes]] = {
    "L": (0, 1),
    "LA": (4, 2),
    "RGB": (2, 3),
    "RGBA": (6, 4),
}
_BITS = 8


def encode_png(
    pixels: Image.Image, effort: int | None, tags: OutputTags, *, sandboxed: bool
) -> bytes:
    """Return a PNG of L, LA, RGB or RGBA pixels in all their colours.

    Photos and shrunk drawings are compressed as runs, which takes less time and fewer bytes than a
    search for other repetitions. That is made for images that repeat, and for more effort, which
    keeps the smaller file. `sandboxed` allows to filter in the sandbox.
    """
    level = _LEVEL if effort is None else png_level(effort)
    is_both = effort is not None and effort >= _BOTH_FROM
    if sandboxed and pixels.mode in _COLOUR_TYPES:
        # Without memory for it in the sandbox Pillow does the same.
        with suppress(Refused):
            if is_both or not _repeats(pixels):
                runs = _encode_runs(pixels, tags)
                return min(runs, encode_packed(pixels, tags, level), key=len) if is_both else runs
    return encode_packed(pixels, tags, level)


def encode_packed(pixels: Image.Image, tags: OutputTags, level: int) -> bytes:
    """Return a PNG that zlib searched for repetitions at a level, 1 to 9, in any mode of a PNG."""
    load_encoder("PIL.PngImagePlugin")
    file = BytesIO()
    pixels.save(file, "png", compress_level=level, **tags.options("png", is_grey=False))
    return file.getvalue()


def png_level(effort: int) -> int:
    """Return zlib's level for an effort."""
    return _LEVELS[effort]


def load_encoder(plugin: str) -> None:
    """Import the plugin of Pillow that saves a format, and prevent it from loading five others."""
    import_module(plugin)
    vars(Image)["_initialized"] = max(1, vars(Image).get("_initialized", 0))


def _encode_runs(pixels: Image.Image, tags: OutputTags) -> bytes:
    colour_type, pixel = _COLOUR_TYPES[pixels.mode]
    header = pack(">IIBBBBB", *pixels.size, _BITS, colour_type, 0, 0, 0)
    compressed = b"".join(fastpng.compress_runs(*pixels.size, pixel, _rows_of(pixels)))
    chunks = (
        png.make_chunk(b"IHDR", header),
        *tags.png_chunks(),
        png.make_chunk(b"IDAT", compressed),
        png.make_chunk(b"IEND", b""),
    )
    return png.SIGNATURE + b"".join(chunks)


def _repeats(pixels: Image.Image) -> bool:
    _, pixel = _COLOUR_TYPES[pixels.mode]
    return fastpng.repeats(*pixels.size, pixel, _rows_of(pixels))


def _rows_of(pixels: Image.Image) -> fastpng.Rows:
    return lambda top, bottom: pixels.crop((0, top, pixels.width, bottom)).tobytes()
