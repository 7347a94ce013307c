"""IIIF Image API 3.0 and 2.1: `/iiif/3/{id}/{region}/{size}/{rotation}/{quality}.{format}`.

Level 2 of both, without upscaling, arbitrary rotation, GIF and TIFF.
"""

from dataclasses import replace
from typing import Literal, TypeVar, cast

from imagemill.domain.quoting import quoted
from imagemill.preset import MAX_SIDE, PERCENT, Crop, Fit, OutputFormat, Preset, Rotation, Tone
from imagemill.requests.faults import InvalidUrl, NotImplementedByUrl, SignatureRequired
from imagemill.requests.options import WHOLE, Wanted, normal
from imagemill.requests.values import LONGEST_SIDE, decimal, integer

PREFIX = "/iiif/"
# Widths and heights of tiles, px.
TILE_SIDE = 512
# The major versions of the API: 2.1 and 3.0.
Api = Literal["2", "3"]
FORMATS: dict[str, OutputFormat] = {
    "jpg": "jpeg",
    "png": "png",
    "webp": "webp",
    "avif": "avif",
    "jxl": "jxl",
}
QUALITIES: dict[str, Tone] = {
    "default": "colour",
    "color": "colour",
    "gray": "gray",
    "bitonal": "bitonal",
}
ROTATIONS: dict[str, Rotation] = {"0": 0, "90": 90, "180": 180, "270": 270, "360": 0}
_PERCENT = "pct:"
# Largest number in a URL; larger than any side.
_MOST = 999_999_999
_Choice = TypeVar("_Choice")
# Powers of two up to images of 65,536 px, more than any image may have.
SCALE_FACTORS = (1, 2, 4, 8, 16, 32, 64, 128)
# Region, size, rotation and quality.format.
PARTS = 4


def parse(parts: list[str], api: Api) -> Wanted:
    """Read region, size, rotation and quality.format, decoded; raises UrlFault if one is wrong."""
    region, size, rotation, file = parts
    quality, _, extension = file.rpartition(".")
    preset = replace(
        WHOLE,
        crop=_region(region),
        rotation=_member(rotation.removeprefix("!"), "rotation", ROTATIONS),
        mirror=rotation.startswith("!"),
        tone=_member(quality, "quality", QUALITIES),
        format=_member(extension, "format", FORMATS),
    )
    sized, strict = _size(preset, size, api)
    return Wanted(normal(sized), strict=strict)


def tile_scale(region: Crop, size: tuple[int, int | None]) -> int | None:
    """Return the scale factor of a tile; None if region and size are not those of a tile."""
    left, top = int(region.left or 0), int(region.top or 0)
    for scale in SCALE_FACTORS:
        side = TILE_SIDE * scale
        is_on_grid = not (left % side or top % side) and max(region.width, region.height) <= side
        width, height = (-(-int(length) // scale) for length in (region.width, region.height))
        if is_on_grid and size in {(width, height), (width, None)}:
            return scale
    return None


def level0(wanted: Wanted, widths: tuple[int, ...]) -> Wanted:
    """Return a request that level 0 allows: a size of the ladder, or perhaps a tile.

    The height of a size follows from the image, so that each step of the ladder is one variant.
    Others raise SignatureRequired.
    """
    preset = wanted.preset
    _require(not (preset.rotation or preset.mirror), "rotation")
    _require(preset.tone == "colour", "quality")
    _require(preset.scale is None, "size")
    has_box = (preset.width, preset.height) != (MAX_SIDE, MAX_SIDE)
    if preset.crop is not None:
        return _tile(wanted)
    if not has_box:
        return replace(wanted, preset=replace(preset, width=widths[-1], height=widths[-1]))
    _require(wanted.strict and preset.width in widths, "size")
    return replace(wanted, preset=replace(preset, height=MAX_SIDE, fit="inside"))


def _tile(wanted: Wanted) -> Wanted:
    """Return a request for a tile; that a smaller one lies at an edge is checked later."""
    preset, region = wanted.preset, wanted.preset.crop
    _require(region is not None and region.unit == "px" and preset.width != MAX_SIDE, "region")
    region = cast("Crop", region)
    height = None if preset.height == MAX_SIDE else preset.height
    scale = tile_scale(region, (preset.width, height))
    _require(scale is not None, "region")
    side, down = TILE_SIDE * (scale or 1), -(-int(region.height) // (scale or 1))
    is_whole = (region.width, region.height) == (side, side)
    tile = replace(preset, height=down, fit="exact")
    return replace(wanted, preset=tile, strict=is_whole, tile=not is_whole)


def _require(condition: object, option: str) -> None:
    if not condition:
        raise SignatureRequired(
            f"expected a size or a tile of info.json, or sig, for {option}", option
        )


def _member(text: str, option: str, choices: dict[str, _Choice]) -> _Choice:
    if text not in choices:
        message = f"expected {option} to be one of {', '.join(choices)}, got {quoted(text)}"
        raise InvalidUrl(message, option)
    return choices[text]


def _region(text: str) -> Crop | None:
    """Return the region; one that reaches over an edge of the image is cut there."""
    if text == "full":
        return None
    if text == "square":
        return Crop("square")
    kind, words = _numbers(text, "region", 4)
    if kind:
        left, top, *sides = (decimal(word, "region", 0, _MOST) for word in words)
        width, height = (min(side, PERCENT) for side in sides)
        is_inside = max(left, top) < PERCENT
    else:
        left, top, width, height = (float(integer(word, "region", 0, _MOST)) for word in words)
        is_inside = True
    if not (width and height and is_inside):
        raise InvalidUrl(f"expected a region inside the image, got {quoted(text)}", "region")
    return Crop("percent" if kind else "px", width, height, left, top)


def _numbers(text: str, option: str, count: int) -> tuple[str, list[str]]:
    """Return the prefix `pct:` or an empty text, and the words between commas."""
    kind = _PERCENT if text.startswith(_PERCENT) else ""
    words = text.removeprefix(kind).split(",")
    if len(words) != count:
        raise InvalidUrl(f"expected {option} of {count} numbers, got {quoted(text)}", option)
    return kind, words


def _size(preset: Preset, text: str, api: Api) -> tuple[Preset, bool]:
    """Return the preset with its size, and whether a smaller image is an error."""
    if api == "3" and text.startswith("^"):
        _plain_size(preset, text.removeprefix("^"), api, most_percent=_MOST)
        raise NotImplementedByUrl("an image is never enlarged: expected a size without ^", "size")
    return _plain_size(preset, text, api, most_percent=PERCENT)


def _plain_size(preset: Preset, text: str, api: Api, most_percent: int) -> tuple[Preset, bool]:
    if text == "max" or (text == "full" and api == "2"):
        return preset, False
    if text.startswith(_PERCENT):
        percent = decimal(text.removeprefix(_PERCENT), "size", 0.0001, most_percent)
        return replace(preset, scale=percent), False
    is_confined = text.startswith("!")
    words = text.removeprefix("!").split(",")
    if len(words) != 2 or not any(words) or (is_confined and not all(words)):  # noqa: PLR2004  # w,h
        raise InvalidUrl(f"expected size as max, pct:n, w,h, w, or ,h, got {quoted(text)}", "size")
    most = _MOST if is_confined else LONGEST_SIDE
    sides = [integer(word, "size", 1, most) if word else MAX_SIDE for word in words]
    width, height = (min(side, MAX_SIDE) for side in sides)
    fit: Fit = "inside" if is_confined else "exact"
    return replace(preset, width=width, height=height, fit=fit), not is_confined
