"""JPEG XL files with any orientation and colour codes: a header of our own before coded pixels.

libjxl takes neither from imagemill's encoder, so the header of a lossless file is replaced. Source
of its fields: ISO/IEC 18181-1, annex D.
"""

from collections.abc import Sequence

from PIL import Image

from imagemill.imaging.jxl.encoder import Coding, FrameEncoder, encode_still

# The codes of primaries and transfer in JPEG XL: sRGB, and Display P3.
SRGB, DISPLAY_P3 = (1, 13), (11, 13)
_SIGNATURE = b"\xff\x0a"
# Bits of the header that libjxl writes for an RGB image of 3:2, for other ratios, and for alpha.
_HEADER_BITS, _WIDTH_BITS, _ALPHA_BITS = 22, 5, 1
# The ratio 3:2 by its number, and the unit of small sides, px.
_THREE_BY_TWO, _UNIT = 4, 8

# Pairs of a number and its width in bits.
Fields = list[tuple[int, int]]


def still(image: Image.Image, orientation: int = 1, colours: tuple[int, int] = SRGB) -> bytes:
    """Return a lossless file of an RGB or RGBA image, 3:2 or 2:3, with sides of at most 256 px.

    Both sides are divisible by 8.
    """
    made = encode_still(_coding(image), image.tobytes())
    has_alpha, is_wide = image.mode == "RGBA", image.width > image.height
    bits = _HEADER_BITS + _ALPHA_BITS * has_alpha + _WIDTH_BITS * (not is_wide)
    fields = [*_size(image.size), *_metadata(orientation, has_alpha=has_alpha), *_colours(*colours)]
    return _SIGNATURE + _packed(fields) + made[len(_SIGNATURE) + -(-bits // 8) :]


def animation(frames: Sequence[Image.Image], duration_ms: int) -> bytes:
    """Return a lossless animation."""
    encoder = FrameEncoder(_coding(frames[0]), 0)
    for frame in frames:
        encoder.add(frame.tobytes(), duration_ms)
    return encoder.finish()


def _coding(image: Image.Image) -> Coding:
    return Coding(image.width, image.height, len(image.mode), 100, 1)


def _size(size: tuple[int, int]) -> Fields:
    width, height = (side // _UNIT - 1 for side in size)
    if width > height:
        return [(1, 1), (height, 5), (_THREE_BY_TWO, 3)]
    return [(1, 1), (height, 5), (0, 3), (width, 5)]


def _metadata(orientation: int, *, has_alpha: bool) -> Fields:
    # Extra fields: orientation, no intrinsic size, preview and animation. Then integers of 8 bits,
    # 16-bit buffers, one extra channel of the default kind or none, not XYB.
    extra = [(0, 1), (1, 1), (orientation - 1, 3), (0, 3)]
    channels = [(1, 2), (1, 1)] if has_alpha else [(0, 2)]
    return [*extra, (0, 1), (0, 2), (1, 1), *channels, (0, 1)]


def _colours(primaries: int, transfer: int) -> Fields:
    # No ICC profile, RGB, white D65, no gamma, relative intent; default tone mapping, no
    # extensions, default transform.
    coded = [(0, 1), (0, 1), _code(0), _code(1), _code(primaries), (0, 1), _code(transfer)]
    return [*coded, _code(1), (1, 1), (0, 2), (1, 1)]


def _code(number: int) -> tuple[int, int]:
    """Return an enumerated value below 18 as U32(0, 1, 2 + u(4), 18 + u(6)), with its width."""
    return (number, 2) if number < 2 else (2 | (number - 2) << 2, 6)  # noqa: PLR2004


def _packed(fields: Fields) -> bytes:
    """Return the numbers as bytes, the lowest bit first."""
    number, at = 0, 0
    for value, width in fields:
        number |= value << at
        at += width
    return number.to_bytes(-(-at // 8), "little")
