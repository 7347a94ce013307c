"""Decode a PNG in the sandbox to the layer for the renditions, without the full image."""

from collections.abc import Sequence
from contextlib import closing

from PIL import Image

from imagemill.imaging import fastpng
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import Refused
from imagemill.imaging.fastpng import Layout
from imagemill.imaging.formats import png
from imagemill.imaging.geometry import Box
from imagemill.imaging.plan import Plan, size_to_decode, stored_size
from imagemill.imaging.probing import Probed
from imagemill.imaging.regions import part_to_decode
from imagemill.imaging.resample import Layer, reduction_for

# Pillow's mode for the layout of decoded rows.
_MODES = {"L": "L", "La": "La", "RGBX": "RGB", "RGBa": "RGBa"}
# Colour types: PNG, 11.2.1.
_COLOUR, _PALETTE = 2, 3
_COLOURS = 256


def fits_png_sandbox(probed: Probed) -> bool:
    """Return True if the sandbox may decode the file: a PNG that is not interlaced."""
    return probed.kind == "png" and _layout(probed) is not None and fastpng.is_available()


def reduction_of(facts: Facts, plans: Sequence[Plan]) -> int:
    """Return the factor by which both sides are reduced while decoding."""
    reduction = reduction_for(stored_size(facts), size_to_decode(facts, plans))
    return min(reduction, fastpng.MAX_REDUCTION)


def decode_png_layer(probed: Probed, plans: Sequence[Plan]) -> Layer:
    """Return the layer for the plans; raises Refused if the sandbox does not decode the file.

    It shows the part that the plans need. Rows below it are not decoded, nor checked for damage.
    """
    layout = _layout(probed)
    if layout is None or not isinstance(probed.image.fp, png.ChunkStream):
        raise Refused("unsupported")
    reduction = reduction_of(probed.facts, plans)
    kept = _reduced(part_to_decode(probed.facts, plans), reduction)
    pixels = Image.new(_MODES[layout.mode], (kept.width, kept.height))
    width, top = -(-layout.width // reduction), 0
    compressed = png.compressed_pixels(probed.image.fp.parts)
    with closing(fastpng.read_rows(layout, compressed, reduction)) as bands:
        for rows in bands:
            count = len(rows) // (len(layout.mode) * width)
            if count and top + count > kept.top:
                band = Image.frombytes(pixels.mode, (width, count), rows, "raw", layout.mode)
                pixels.paste(band, (-kept.left, top - kept.top))
            top += count
            # An image that is needed to its last row is read to its end, to find damage.
            if top >= kept.bottom and kept.bottom * reduction < layout.height:
                break
    across, down = layout.width / reduction, layout.height / reduction
    return Layer(pixels, across, down, _shown(kept, reduction, layout), sandboxed=True)


def _shown(kept: Box, reduction: int, layout: Layout) -> Box:
    """Return the part of the file that reduced pixels show."""
    right, bottom = min(kept.right * reduction, layout.width), kept.bottom * reduction
    return Box(kept.left * reduction, kept.top * reduction, right, min(bottom, layout.height))


def _reduced(part: Box, reduction: int) -> Box:
    """Return the box of reduced pixels that show a part of the file."""
    right, bottom = -(-part.right // reduction), -(-part.bottom // reduction)
    return Box(part.left // reduction, part.top // reduction, right, bottom)


def _layout(probed: Probed) -> Layout | None:
    """Return the layout of the pixels; None if the sandbox does not decode it."""
    image = probed.image
    header = png.read_header(image.fp.parts) if isinstance(image.fp, png.ChunkStream) else None
    if header is None:
        return None
    width, height, bits, colour_type = header
    found = image.info.get("transparency")
    has_alpha = found is not None
    if colour_type == _PALETTE:
        if image.palette is None:
            return None
        palette = _palette(bytes(image.palette.palette), found)
        return Layout(width, height, bits, colour_type, palette, has_alpha=has_alpha)
    key = found if isinstance(found, tuple) else (found,) if isinstance(found, int) else ()
    return Layout(width, height, bits, colour_type, key=key, has_alpha=has_alpha)


def _palette(colours: bytes, transparency: object) -> bytes:
    """Return 256 colours with premultiplied alpha; those that the file lacks are black."""
    whole = Image.frombytes("RGB", (_COLOURS, 1), colours.ljust(3 * _COLOURS, b"\0"))
    if transparency is None:
        return whole.tobytes("raw", "RGBX")
    alphas = bytearray(b"\xff" * _COLOURS)
    if isinstance(transparency, int):
        alphas[transparency] = 0
    elif isinstance(transparency, bytes):
        alphas[: len(transparency)] = transparency
    whole.putalpha(Image.frombytes("L", (_COLOURS, 1), bytes(alphas[:_COLOURS])))
    return whole.convert("RGBa").tobytes()
