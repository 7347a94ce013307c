"""A request in the words of IIIF, and the canonical URI of an image."""

from imagemill.domain.image_request import ImageRequest
from imagemill.preset import COMPASS, MAX_SIDE, PERCENT, Crop, Preset, number
from imagemill.requests.faults import UnsupportedOption
from imagemill.requests.iiif import FORMATS, Api

_FORMATS = {ours: theirs for theirs, ours in FORMATS.items()}
_QUALITIES = {"colour": "default", "gray": "gray", "bitonal": "bitonal"}
# Options of presets that IIIF does not have.
_WITHOUT_WORDS = ("quality", "blur", "sharpen", "background", "max_bytes", "target")
Region = tuple[int, int, int, int]


def parts(request: ImageRequest, api: Api) -> str:
    """Return `{region}/{size}/{rotation}/{quality}.{format}`.

    Raises UnsupportedOption if IIIF has no word for an option.
    """
    preset = request.preset
    for name in _WITHOUT_WORDS:
        if getattr(preset, name):
            raise UnsupportedOption(f"IIIF has no {name}", name)
    if preset.focus is not None:
        raise UnsupportedOption("IIIF has no focus", "focus")
    is_strict = request.strict or request.tile
    size = _strict_size(preset) if is_strict else _size(preset, api)
    return f"{_region(preset.crop)}/{size}/{_rotation(preset)}/{_file(preset)}"


def has_words(preset: Preset) -> bool:
    """Return whether IIIF URLs can ask for the options of a preset, apart from its numbers."""
    is_plain = not any(getattr(preset, name) for name in _WITHOUT_WORDS)
    is_fit = preset.fit in {"inside", "exact"} and preset.focus in {None, COMPASS["centre"]}
    return is_plain and is_fit and preset.format in _FORMATS


def canonical_parts(
    preset: Preset, whole: tuple[int, int], region: Region, size: tuple[int, int], api: Api
) -> str:
    """Return the canonical form of an image that was made (3.0, 4.8; 2.1, 4.7).

    `whole` is width and height of the upright original, `region` left, top, width and height of
    the part that is shown, `size` width and height before rotation, all px.
    """
    area = "full" if region == (0, 0, *whole) else ",".join(map(str, region))
    text = f"{size[0]},{size[1]}"
    if size == region[2:]:
        text = "max" if api == "3" else "full"
    elif api == "2" and preset.fit != "exact":
        text = f"{size[0]},"
    return f"{area}/{text}/{_rotation(preset)}/{_file(preset)}"


def _region(crop: Crop | None) -> str:
    if crop is None:
        return "full"
    if crop.unit == "square":
        return "square"
    if crop.left is None or crop.top is None:
        raise UnsupportedOption("IIIF has no crop without a position", "crop")
    numbers = (crop.left, crop.top, crop.width, crop.height)
    if crop.unit == "px" and any(value % 1 for value in numbers):
        raise UnsupportedOption("IIIF has no fractions of px", "crop")
    if crop.unit == "percent" and max(crop.left, crop.top) >= PERCENT:
        raise UnsupportedOption("IIIF has no region outside the image", "crop")
    return ("pct:" if crop.unit == "percent" else "") + ",".join(map(number, numbers))


def _strict_size(preset: Preset) -> str:
    width, height = (
        "" if side == MAX_SIDE else str(side) for side in (preset.width, preset.height)
    )
    is_usual = preset.fit == ("exact" if width and height else "inside")
    if not is_usual or not (width or height) or preset.scale is not None:
        raise UnsupportedOption("IIIF has no such size", "size")
    return f"{width},{height}"


def _size(preset: Preset, api: Api) -> str:
    if preset.fit != "inside":
        raise UnsupportedOption(f"IIIF has no fit {preset.fit}", "fit")
    has_box = (preset.width, preset.height) != (MAX_SIDE, MAX_SIDE)
    if has_box and preset.scale is not None:
        raise UnsupportedOption("IIIF has no scale before a box", "scale")
    if has_box:
        return f"!{preset.width},{preset.height}"
    if preset.scale is not None:
        return f"pct:{number(preset.scale)}"
    return "max" if api == "3" else "full"


def _rotation(preset: Preset) -> str:
    return f"{'!' if preset.mirror else ''}{preset.rotation}"


def _file(preset: Preset) -> str:
    if preset.format not in _FORMATS:
        raise UnsupportedOption("IIIF URLs name the format", "format")
    return f"{_QUALITIES[preset.tone]}.{_FORMATS[preset.format]}"
