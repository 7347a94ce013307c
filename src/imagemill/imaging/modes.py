"""Convert pixels to modes that can be resampled: L, LA, RGB, RGBA, CMYK, LAB, with 8 bits."""

from typing import cast

from PIL import Image, ImageChops

RESAMPLED = frozenset(("L", "La", "RGB", "RGBa", "CMYK", "LAB"))
_STRAIGHT = {"La": "LA", "RGBa": "RGBA"}
_PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}
_MAX_16_BIT = 65_535


def to_resampled(pixels: Image.Image) -> Image.Image:
    """Return the pixels in a mode that averages correctly: premultiplied alpha, no palette."""
    if is_resampled(pixels):
        return pixels
    straight = _to_eight_bits(pixels)
    premultiplied = _PREMULTIPLIED.get(straight.mode)
    return straight.convert(premultiplied) if premultiplied else straight


def is_resampled(pixels: Image.Image) -> bool:
    """Return True if the pixels are in such a mode already."""
    return pixels.mode in RESAMPLED and "transparency" not in pixels.info


def converts_by_rows(pixels: Image.Image) -> bool:
    """Return True if `to_resampled` converts a part of the pixels as it converts all of them."""
    return pixels.mode not in ("I", "F")


def resampled_mode(mode: str) -> str:
    """Return the mode, without alpha, that `to_resampled` gives pixels of `mode`."""
    if mode in ("CMYK", "LAB"):
        return mode
    return "L" if mode in ("1", "L", "LA", "La", "F") or mode.startswith("I") else "RGB"


def to_straight(pixels: Image.Image) -> Image.Image:
    """Undo the premultiplication of `to_resampled`."""
    straight = _STRAIGHT.get(pixels.mode)
    return pixels.convert(straight) if straight else pixels


def to_straight_colours(pixels: Image.Image) -> Image.Image:
    """Return the pixels as RGB, or as RGBA (not premultiplied) if they have transparency."""
    straight = _to_eight_bits(pixels)
    return straight.convert("RGBA" if straight.has_transparency_data else "RGB")


def _to_eight_bits(pixels: Image.Image) -> Image.Image:
    mode = pixels.mode
    if pixels.has_transparency_data and mode not in _PREMULTIPLIED:
        return _with_key_colour(pixels)
    if mode == "1":
        return pixels.convert("L")
    if mode.startswith("I"):
        return _from_integers(pixels)
    if mode == "F":
        return _from_float(pixels)
    if mode in RESAMPLED or mode in _PREMULTIPLIED:
        return pixels
    return pixels.convert("RGB")


def _with_key_colour(pixels: Image.Image) -> Image.Image:
    """Add an alpha channel to a palette image or one with a transparent colour."""
    if pixels.mode.startswith("I"):
        key = pixels.info["transparency"]
        numbers = pixels.convert("I")
        above = numbers.point(lambda value: value * 1 - key).convert("L")
        below = numbers.point(lambda value: value * -1 + key).convert("L")
        alpha = ImageChops.lighter(above, below).point([0] + [255] * 255)
        grey = Image.Image.copy(pixels)
        grey.info.pop("transparency")
        return Image.merge("LA", (_to_eight_bits(grey), alpha))
    return pixels.convert("LA" if pixels.mode in ("1", "L") else "RGBA")


def _from_integers(pixels: Image.Image) -> Image.Image:
    """Convert integers to grey: values within 16 bits over that range, others as floats are."""
    if pixels.mode == "I":
        low, high = cast("tuple[int, int]", pixels.getextrema())
        if low < 0 or high > _MAX_16_BIT:
            return _from_float(pixels.convert("F"))
    return pixels.convert("I").point(lambda value: value * (255 / _MAX_16_BIT) + 0.5).convert("L")


def _from_float(pixels: Image.Image) -> Image.Image:
    """Convert floats to grey: 0 to 1 as they are, any other range stretched to black and white."""
    low, high = cast("tuple[float, float]", pixels.getextrema())
    if low >= 0 and high <= 1:
        low, high = 0.0, 1.0
    scale = 255 / (high - low) if high > low else 0.0
    return pixels.point(lambda value: value * scale + (0.5 - low * scale)).convert("L")
