"""A preset in the words of imgproxy."""

from imagemill.preset import MAX_SIDE, PERCENT, Crop, Fit, Point, Preset, number
from imagemill.requests.faults import UnsupportedOption
from imagemill.requests.imgproxy_options import EDGES_AND_CENTRE
from imagemill.requests.orientation import Orientation

_RESIZING_TYPES: dict[Fit, str] = {
    "inside": "fit",
    "cover": "fill",
    "exact": "force",
    "pad": "fit",
}
_FORMATS = {
    "keep": "",
    "jpeg": "@jpg",
    "png": "@png",
    "webp": "@webp",
    "avif": "@avif",
    "jxl": "@jxl",
}


def options(preset: Preset, version: str | None) -> str:
    """Return the options, each followed by `/`.

    Raises UnsupportedOption if imgproxy has no word for one.
    """
    if preset.tone != "colour":
        raise UnsupportedOption("imgproxy has no such tone", preset.tone)
    if preset.max_bytes is not None:
        raise UnsupportedOption("the most bytes are an option of recipes only", "max")
    if preset.target is not None:
        raise UnsupportedOption("a score to reach is an option of recipes only", "quality=auto")
    turned = Orientation(preset.mirror, preset.rotation)
    focus = turned.after(preset.focus) if preset.focus else None
    words = [*_crop(preset, turned), *_box(preset, turned), *_focus(preset.fit, focus)]
    words += _turn(turned)
    words += [f"bl:{number(preset.blur)}"] if preset.blur else []
    words += [f"sh:{number(preset.sharpen)}"] if preset.sharpen else []
    words += [f"bg:{preset.background}"] if preset.background else []
    words += [] if preset.quality is None else [f"q:{preset.quality}"]
    words += [] if version is None else [f"cb:{version}"]
    return "".join(f"{word}/" for word in words)


def extension(preset: Preset) -> str:
    """Return `@` and the format for the end of the URL, or an empty text for `keep`."""
    return _FORMATS[preset.format]


def _crop(preset: Preset, turned: Orientation) -> list[str]:
    crop = preset.crop
    if crop is None:
        return []
    if crop.unit == "square":
        raise UnsupportedOption("imgproxy has no square", "square")
    width, height = (crop.height, crop.width) if turned.swaps_sides else (crop.width, crop.height)
    if crop.left is None or crop.top is None:
        return [f"c:{_length(crop, width)}:{_length(crop, height)}{_crop_gravity(preset, turned)}"]
    if turned != Orientation():
        raise UnsupportedOption("imgproxy turns the offsets of a crop", "crop")
    offset = f"nowe:{_offset(crop, crop.left)}:{_offset(crop, crop.top)}"
    if crop.width == crop.height == PERCENT and crop.unit == "percent":
        raise UnsupportedOption("imgproxy has no such crop", "crop")
    return [f"c:{_length(crop, width)}:{_length(crop, height)}:{offset}"]


def _crop_gravity(preset: Preset, turned: Orientation) -> str:
    if preset.fit != "pad" or preset.focus is None:
        return ""
    return f":{_gravity(turned.after(preset.focus))}"


def _length(crop: Crop, length: float) -> str:
    """Return a side: whole px, or a fraction below 1; 0 is the whole side."""
    if crop.unit == "percent":
        return "0" if length == PERCENT else f"{length / PERCENT:.6f}"
    if length % 1:
        raise UnsupportedOption("imgproxy has no fractions of px", "crop")
    return number(length)


def _offset(crop: Crop, offset: float) -> str:
    if crop.unit == "percent":
        if offset >= PERCENT:
            raise UnsupportedOption("imgproxy has no such offset", "crop")
        return f"{offset / PERCENT:.6f}"
    if offset % 1:
        raise UnsupportedOption("imgproxy has no fractions of px", "crop")
    return number(offset)


def _box(preset: Preset, turned: Orientation) -> list[str]:
    sides = (preset.height, preset.width) if turned.swaps_sides else (preset.width, preset.height)
    width, height = (0 if side == MAX_SIDE else side for side in sides)
    if preset.scale is not None and (width or height):
        raise UnsupportedOption("imgproxy has no scale before a box", "scale")
    if preset.scale is not None:
        return [f"z:{preset.scale / PERCENT:.6f}"]
    if not (width or height):
        return []
    return [f"rs:{_RESIZING_TYPES[preset.fit]}:{width}:{height}"]


def _focus(fit: Fit, focus: Point | None) -> list[str]:
    if focus is None:
        return ["ex:1"] if fit == "pad" else []
    if fit != "pad":
        return [f"g:{_gravity(focus)}"]
    if not EDGES_AND_CENTRE.issuperset(focus):
        raise UnsupportedOption("imgproxy counts other positions in another way", "focus")
    return [f"ex:1:{_gravity(focus)}"]


def _gravity(focus: Point) -> str:
    return f"fp:{number(focus[0])}:{number(focus[1])}"


def _turn(turned: Orientation) -> list[str]:
    """Return the rotation, and the mirroring that follows it in imgproxy."""
    rotation = -turned.rotation % 360 if turned.mirror else turned.rotation
    return ([f"rot:{rotation}"] if rotation else []) + (["fl:1"] if turned.mirror else [])
