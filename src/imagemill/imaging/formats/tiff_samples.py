"""Turn decompressed TIFF rows into pixels with 8 bits per sample, or floats for measured greys.

Layouts that Pillow has a mode for come from libtiff directly. Samples of other widths are cut out
of the rows with slices and tables, so that no Python loop runs over pixels.
"""

from functools import cache
from sys import byteorder

from PIL import Image, ImageChops

from imagemill.errors import UnsupportedFormat
from imagemill.imaging.colour import make_conversion
from imagemill.imaging.formats import tiff_layout as tags
from imagemill.imaging.formats.tiff_chunks import Band, decode_band
from imagemill.imaging.formats.tiff_file import Carrier
from imagemill.imaging.formats.tiff_layout import TiffLayout
from imagemill.imaging.formats.tiff_numbers import (
    float_channel,
    measured,
    with_settled_sign,
    without_differences,
)
from imagemill.imaging.formats.tiff_rows import Rows, padded

# Pillow's raw mode of 16-bit grey in this machine's byte order.
_NATIVE_16 = "L;16" if byteorder == "little" else "L;16B"
_Key = tuple[int, int, int, str]
# Photometric interpretation, bits, samples and alpha, with Pillow's mode and raw mode.
_DIRECT: dict[_Key, tuple[str, str]] = {
    (tags.WHITE_IS_ZERO, 1, 1, ""): ("1", "1;I"),
    (tags.BLACK_IS_ZERO, 1, 1, ""): ("1", "1"),
    (tags.WHITE_IS_ZERO, 2, 1, ""): ("L", "L;2I"),
    (tags.BLACK_IS_ZERO, 2, 1, ""): ("L", "L;2"),
    (tags.WHITE_IS_ZERO, 4, 1, ""): ("L", "L;4I"),
    (tags.BLACK_IS_ZERO, 4, 1, ""): ("L", "L;4"),
    (tags.WHITE_IS_ZERO, 8, 1, ""): ("L", "L;I"),
    (tags.BLACK_IS_ZERO, 8, 1, ""): ("L", "L"),
    (tags.BLACK_IS_ZERO, 16, 1, ""): ("L", _NATIVE_16),
    (tags.BLACK_IS_ZERO, 8, 2, ""): ("L", "LX"),
    (tags.BLACK_IS_ZERO, 8, 2, "A"): ("LA", "LA"),
    (tags.BLACK_IS_ZERO, 8, 2, "a"): ("La", "La"),
    (tags.RGB, 8, 3, ""): ("RGB", "RGB"),
    (tags.RGB, 8, 4, ""): ("RGB", "RGBX"),
    (tags.RGB, 8, 4, "A"): ("RGBA", "RGBA"),
    (tags.RGB, 8, 4, "a"): ("RGBa", "RGBa"),
    (tags.RGB, 16, 3, ""): ("RGB", "RGB;16N"),
    (tags.RGB, 16, 4, ""): ("RGB", "RGBX;16N"),
    (tags.RGB, 16, 4, "A"): ("RGBA", "RGBA;16N"),
    (tags.PALETTE, 1, 1, ""): ("P", "P;1"),
    (tags.PALETTE, 2, 1, ""): ("P", "P;2"),
    (tags.PALETTE, 4, 1, ""): ("P", "P;4"),
    (tags.PALETTE, 8, 1, ""): ("P", "P"),
    (tags.CMYK, 8, 4, ""): ("CMYK", "CMYK"),
    (tags.CMYK, 8, 5, ""): ("CMYK", "CMYKX"),
    (tags.CMYK, 8, 6, ""): ("CMYK", "CMYKXX"),
    (tags.CMYK, 16, 4, ""): ("CMYK", "CMYK;16N"),
    (tags.CIE_LAB, 8, 3, ""): ("LAB", "LAB"),
}
# Raw modes that give the lower half of the samples of other ones.
_LOW_BYTES = {
    _NATIVE_16: "L;16B" if byteorder == "little" else "L;16",
    "RGB;16N": "RGB;16B" if byteorder == "little" else "RGB;16L",
}
# Pillow's mode for pixels of so many bits, with the bytes unchanged.
_RAW = {8: "L", 16: "I;16", 24: "RGB", 32: "CMYK"}
# Colour spaces for which Pillow has no mode with alpha: with alpha they become RGB at once.
_MIXED = {tags.CMYK: "CMYK", tags.CIE_LAB: "LAB", tags.ICC_LAB: "LAB"}


def mode_of(layout: TiffLayout) -> str:
    """Return the Pillow mode of the decoded image."""
    if layout.photometric == tags.PALETTE:
        return "P" if layout.alpha is None else "PA"
    if layout.photometric == tags.YCBCR:
        return "RGB"
    direct = _direct(layout)
    if direct:
        return direct.mode
    alpha = "" if layout.alpha is None else "a" if layout.is_premultiplied else "A"
    if layout.is_grey:
        return "L" + alpha
    return _MIXED.get(layout.photometric, "RGB") if not alpha else "RGB" + alpha


def depth_of(layout: TiffLayout) -> int:
    """Return 16 if both halves of samples with 16 bits can be decoded, else 8."""
    direct = _direct(layout)
    return 16 if direct and direct.raw_mode in _LOW_BYTES else 8


def check_decodable(layout: TiffLayout) -> None:
    """Raise UnsupportedFormat if these samples cannot be extracted from this compression."""
    is_bytes = layout.compression in tags.BYTE_PACKINGS
    if not is_bytes and not _direct(layout) and layout.interleaved * layout.bits not in _RAW:
        raise UnsupportedFormat("this compression of TIFF is not supported with such samples")


def read_samples(layout: TiffLayout, band: Band, profile: bytes | None) -> tuple[Image.Image, bool]:
    """Return the rows of a band, and whether all could be decoded.

    Measured greys (`is_measured`) come as floats, to be scaled when all are known. CMYK and Lab
    with alpha are converted by `profile`, because Pillow has no such mode.
    """
    direct = _direct(layout)
    if direct:
        pixels, is_whole = decode_band(layout, band, 0, direct)
        if layout.photometric == tags.PALETTE:
            pixels.putpalette(palette_of(layout))
        return pixels, is_whole
    shown = _shown(layout) if layout.is_planar else [0]
    planes = {plane: _rows(layout, band, plane) for plane in shown}
    is_whole = all(rows.is_whole for rows in planes.values())
    if is_measured(layout):
        return measured(layout, planes[0]), is_whole
    channels = [_channel(layout, planes, sample) for sample in _shown(layout)]
    return _merge(layout, channels, profile), is_whole


def settled(layout: TiffLayout, band: Band) -> TiffLayout:
    """Return the layout once the first rows show whether its bytes are really signed."""
    if layout.format != tags.SIGNED or layout.bits != 8:  # noqa: PLR2004
        return layout
    return with_settled_sign(layout, _rows(layout, band, 0))


def is_measured(layout: TiffLayout) -> bool:
    """Return True if the greys are measurements, whose range is only known from the data."""
    is_wide = layout.bits in (24, 32, 64) or layout.format == tags.FLOAT
    is_signed = layout.format == tags.SIGNED and layout.bits in (8, 16)
    return layout.is_grey and layout.alpha is None and (is_wide or is_signed)


def is_direct(layout: TiffLayout) -> bool:
    """Return True if Pillow has a mode for the pixels, so that libtiff returns them directly."""
    return _direct(layout) is not None


def palette_of(layout: TiffLayout) -> bytes:
    """Return the colour map as red, green and blue of 8 bits, at most 256 colours."""
    count = 1 << layout.bits
    parts = (layout.colour_map[at : at + count] for at in range(0, 3 * count, count))
    return bytes(value >> 8 for colour in zip(*parts, strict=True) for value in colour)[:768]


def _direct(layout: TiffLayout) -> Carrier | None:
    """Return the form in which libtiff returns pixels directly; None if it cannot."""
    if layout.photometric == tags.YCBCR:
        is_plain_jpeg = layout.compression == tags.JPEG and not layout.is_planar
        return Carrier("RGB", "RGB" if is_plain_jpeg else "RGBX")
    is_usual = layout.format == tags.UNSIGNED and not layout.is_planar
    is_last = layout.alpha is None or layout.alpha == layout.samples - 1
    if not is_usual or not is_last:
        return None
    alpha = "" if layout.alpha is None else "a" if layout.is_premultiplied else "A"
    found = _DIRECT.get((layout.photometric, layout.bits, layout.samples, alpha))
    if found and layout.shows_low_bytes:
        found = (found[0], _LOW_BYTES[found[1]])
    return Carrier(*found) if found else None


def _rows(layout: TiffLayout, band: Band, plane: int) -> Rows:
    """Return the rows of one plane as bytes, with the predictor undone."""
    pixel_bits = layout.interleaved * layout.bits
    if _needs_codec(layout) and pixel_bits in _RAW:
        carrier = Carrier(_RAW[pixel_bits], _RAW[pixel_bits])
        pixels, is_whole = decode_band(layout, band, plane, carrier)
        return Rows(pixels.tobytes(), band.rows, byteorder, is_whole)
    pixels, is_whole = decode_band(layout, band, plane, Carrier("L", "L", as_bytes=True))
    order = layout.order
    if layout.predictor != 1:
        pixels, order = without_differences(pixels, layout)
    return Rows(padded(pixels, layout).tobytes(), band.rows, order, is_whole)


def _needs_codec(layout: TiffLayout) -> bool:
    """Return True if libtiff must know the samples: for a predictor, or codecs of pixels."""
    return layout.predictor != 1 or layout.compression not in tags.BYTE_PACKINGS


def _shown(layout: TiffLayout) -> list[int]:
    """Return the indices of the samples that are shown."""
    return [*range(layout.colours), *([] if layout.alpha is None else [layout.alpha])]


def _channel(layout: TiffLayout, planes: dict[int, Rows], sample: int) -> Image.Image:
    """Return one sample of each pixel from 0 to 255; palette indices are not scaled."""
    rows = planes[sample if layout.is_planar else 0]
    at = 0 if layout.is_planar else sample
    if layout.format == tags.FLOAT:
        is_light = layout.photometric == tags.RGB and sample < layout.colours
        return float_channel(layout, rows, at, is_light=is_light)
    is_index = layout.photometric == tags.PALETTE and sample == 0
    if is_index and layout.bits > 8:  # noqa: PLR2004
        return _wide_index(layout, rows, at)
    is_offset = layout.photometric == tags.CIE_LAB and sample in (1, 2)
    table = _table(
        layout.bits, is_index=is_index, is_flipped=is_offset != (layout.format == tags.SIGNED)
    )
    return rows.channel(layout, at).point(table)


@cache
def _table(bits: int, *, is_index: bool, is_flipped: bool) -> list[int]:
    """Return a table of values for the first 8 bits; `is_flipped` for two's complement."""
    sign = 128 if is_flipped else 0
    if bits >= 8:  # noqa: PLR2004
        return [value ^ sign for value in range(256)]
    most, shift = (1 << bits) - 1, 8 - bits
    scale = 1 if is_index else 255 / most
    return [int(((value ^ sign) >> shift) * scale + 0.5) for value in range(256)]


def _merge(layout: TiffLayout, channels: list[Image.Image], profile: bytes | None) -> Image.Image:
    if layout.photometric == tags.WHITE_IS_ZERO:
        channels[0] = ImageChops.invert(channels[0])
    if layout.photometric == tags.PALETTE:
        channels[:1] = _coloured(layout, channels[0]).split()
    colours = channels[: len(channels) - (layout.alpha is not None)]
    mixed = _MIXED.get(layout.photometric)
    if mixed and layout.alpha is not None:
        whole = Image.merge(mixed, colours)
        colours = list(make_conversion(profile, mixed).apply(whole).convert("RGB").split())
    bands = [*colours, *channels[len(channels) - (layout.alpha is not None) :]]
    alpha = "" if layout.alpha is None else "a" if layout.is_premultiplied else "A"
    mode = {1: "L", 3: "RGB", 4: "CMYK"}[len(colours)] + alpha
    return Image.merge("LAB" if mixed == "LAB" and not alpha else mode, bands)


def _coloured(layout: TiffLayout, indices: Image.Image) -> Image.Image:
    if indices.mode == "RGB":
        return indices
    image = Image.frombytes("P", indices.size, indices.tobytes())
    image.putpalette(palette_of(layout))
    return image.convert("RGB")


def _wide_index(layout: TiffLayout, rows: Rows, sample: int) -> Image.Image:
    """Return the colours of 16-bit indices."""
    raw = rows.numbers(layout, sample)
    mode = "I;16" if rows.order == "little" else "I;16B"
    width = len(raw) // (2 * rows.count)
    whole = Image.frombytes(mode, (width, rows.count), raw).convert("I")
    indices, count = whole.crop((0, 0, layout.width, rows.count)), 1 << layout.bits
    parts = (layout.colour_map[at : at + count] for at in range(0, 3 * count, count))
    tables = ([colour >> 8 for colour in part] for part in parts)
    return Image.merge("RGB", [indices.point(table, "L") for table in tables])
