"""The options of imgproxy's grammar: names, arguments and their effect.

An option that appears twice has its last value. Errors name the option as it stands in the URL.
"""

import re
from collections.abc import Callable

from imagemill.dataclass import dataclass
from imagemill.domain.quoting import quoted
from imagemill.preset import MAX_QUALITY, MAX_SIDE, MAX_SIGMA, Fit, OutputFormat, Point
from imagemill.requests.faults import InvalidUrl, UnsupportedOption
from imagemill.requests.imgproxy_names import (
    FORMATS,
    GRAVITIES,
    RESIZING_TYPES,
    SHORT_NAMES,
)
from imagemill.requests.values import LONGEST_SIDE, colour, decimal, fraction, integer, version

# Factors of `dpr` and `zoom`.
MIN_FACTOR, MAX_FACTOR = 0.000001, 10
# Largest number of px in a URL; larger than any side.
MOST = 999_999_999
# Most arguments of the options with many.
_RESIZE_ARGUMENTS = 8
_SIZE_ARGUMENTS = 7
_CROP_ARGUMENTS = 5
_EXTEND_ARGUMENTS = 4
_OFFSETS = 2
# Positions at which a smaller image lies at the same place, however a position is counted.
EDGES_AND_CENTRE = frozenset({0.0, 0.5, 1.0})
_TRUE = frozenset({"1", "t", "T", "true", "TRUE", "True"})
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "False", ""})
_FOCUS_ARGUMENTS = 3
_RGB_ARGUMENTS = 3
_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
Arguments = list[str]


@dataclass(slots=True)
class Draft:
    """The options read so far; sides and positions are those of the displayed image, rotated."""

    width: int = 0
    height: int = 0
    fit: Fit = "inside"
    extends: bool = False
    extend_focus: Point | None = None
    focus: Point | None = None
    crop: tuple[float, float] | None = None
    crop_focus: Point | None = None
    crop_offset: tuple[float, float] | None = None
    dpr: float = 1
    zoom: float = 1
    rotation: int = 0
    flips: tuple[bool, bool] = (False, False)
    """Across and down."""
    quality: int | None = None
    format: OutputFormat = "keep"
    background: str | None = None
    blur: float = 0
    sharpen: float = 0
    version: str | None = None
    expires: int = 0
    """Unix time, s; 0 is never."""


Reader = Callable[[Draft, str, Arguments], None]


def apply(draft: Draft, name: str, arguments: Arguments) -> None:
    """Read one option; raises UrlFault if it is unknown, unsupported or wrong."""
    if _NAME.fullmatch(name) is None:
        raise InvalidUrl(f"expected an option, got {quoted(name)}")
    read = _READERS.get(SHORT_NAMES.get(name, name))
    if read is None:
        message = f"expected an option that imagemill has, got {quoted(name)}"
        raise UnsupportedOption(message, name)
    read(draft, name, arguments)


def _one(name: str, arguments: Arguments) -> str:
    return _at_most(name, arguments, 1)[0]


def _at_most(name: str, arguments: Arguments, most: int) -> Arguments:
    if len(arguments) > most:
        raise InvalidUrl(f"expected at most {most} arguments of {name}", name)
    return arguments


def _unless_empty(read: Reader, draft: Draft, name: str, arguments: Arguments) -> None:
    if arguments and arguments[0]:
        read(draft, name, arguments)


def _boolean(name: str, text: str) -> bool:
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise InvalidUrl(f"expected {name} to be 1 or 0, got {quoted(text)}", name)


def _resize(draft: Draft, name: str, arguments: Arguments) -> None:
    _at_most(name, arguments, _RESIZE_ARGUMENTS)
    _unless_empty(_resizing_type, draft, name, arguments[:1])
    _size(draft, name, arguments[1:])


def _size(draft: Draft, name: str, arguments: Arguments) -> None:
    _at_most(name, arguments, _SIZE_ARGUMENTS)
    _unless_empty(_width, draft, name, arguments[:1])
    _unless_empty(_height, draft, name, arguments[1:2])
    _unless_empty(_enlarge, draft, name, arguments[2:3])
    _unless_empty(_extend, draft, name, arguments[3:])


def _resizing_type(draft: Draft, name: str, arguments: Arguments) -> None:
    draft.fit = RESIZING_TYPES[_choice(name, _one(name, arguments), RESIZING_TYPES)]


def _choice(name: str, text: str, choices: "dict[str, Fit] | dict[str, OutputFormat]") -> str:
    if text not in choices:
        message = f"expected {name} to be one of {', '.join(choices)}, got {quoted(text)}"
        raise UnsupportedOption(message, name)
    return text


def _width(draft: Draft, name: str, arguments: Arguments) -> None:
    draft.width = integer(_one(name, arguments), name, 0, LONGEST_SIDE)


def _height(draft: Draft, name: str, arguments: Arguments) -> None:
    draft.height = integer(_one(name, arguments), name, 0, LONGEST_SIDE)


def _enlarge(_draft: Draft, name: str, arguments: Arguments) -> None:
    if _boolean(name, _one(name, arguments)):
        raise UnsupportedOption("an image is never enlarged: expected enlarge:0", name)


def _extend(draft: Draft, name: str, arguments: Arguments) -> None:
    _at_most(name, arguments, _EXTEND_ARGUMENTS)
    draft.extends = _boolean(name, arguments[0])
    draft.extend_focus = _gravity_point(name, arguments[1:]) if arguments[1:] else None
    # Other points are places in imgproxy's canvas, but shares of the free space in ours.
    if not EDGES_AND_CENTRE.issuperset(draft.extend_focus or ()):
        raise UnsupportedOption(f"expected {name} with a gravity at an edge or ce", name)


def _gravity(draft: Draft, name: str, arguments: Arguments) -> None:
    draft.focus = _gravity_point(name, arguments)


def _gravity_point(name: str, arguments: Arguments) -> Point:
    _at_most(name, arguments, _FOCUS_ARGUMENTS)
    kind, *offsets = arguments
    if kind == "fp":
        if len(arguments) != _FOCUS_ARGUMENTS:
            raise InvalidUrl(f"expected {name} as fp:x:y", name)
        x, y = (decimal(text, name, 0, 1) for text in offsets)
        return x, y
    if kind not in GRAVITIES or any(decimal(text, name, 0, MAX_SIDE) for text in offsets if text):
        message = f"expected {name} to be fp or one of {', '.join(GRAVITIES)}, without offsets"
        raise UnsupportedOption(f"{message}, got {quoted(':'.join(arguments))}", name)
    return GRAVITIES[kind]


def _crop(draft: Draft, name: str, arguments: Arguments) -> None:
    _at_most(name, arguments, _CROP_ARGUMENTS)
    sides = [fraction(text, name, 0, MOST) for text in (*arguments[:2], "0")[:2]]
    draft.crop = (sides[0], sides[1]) if any(sides) else None
    draft.crop_focus = draft.crop_offset = None
    offsets = [text for text in arguments[3:] if text]
    if arguments[2:3] == ["nowe"] and len(offsets) == _OFFSETS:
        x, y = (fraction(text, name, 0, MOST) for text in offsets)
        draft.crop_offset = x, y
    elif arguments[2:]:
        draft.crop_focus = _gravity_point(name, arguments[2:])


def _dpr(draft: Draft, name: str, arguments: Arguments) -> None:
    draft.dpr = decimal(_one(name, arguments), name, MIN_FACTOR, MAX_FACTOR)


def _zoom(draft: Draft, name: str, arguments: Arguments) -> None:
    _at_most(name, arguments, 2)
    factors = {fraction(text, name, MIN_FACTOR, MAX_FACTOR) for text in arguments}
    if len(factors) > 1:
        raise UnsupportedOption("expected one zoom factor for both sides", name)
    draft.zoom = factors.pop()


def _rotate(draft: Draft, name: str, arguments: Arguments) -> None:
    text = _one(name, arguments)
    degrees = integer(text.removeprefix("-"), name, 0, 999_999)
    if degrees % 90:
        raise InvalidUrl(f"expected {name} by a multiple of 90, got {quoted(text)}", name)
    draft.rotation = (-degrees if text.startswith("-") else degrees) % 360


def _flip(draft: Draft, name: str, arguments: Arguments) -> None:
    _at_most(name, arguments, 2)
    across, down = (*arguments, "")[:2]
    draft.flips = (
        _boolean(name, across) if across else draft.flips[0],
        _boolean(name, down) if down else draft.flips[1],
    )


def _quality(draft: Draft, name: str, arguments: Arguments) -> None:
    draft.quality = integer(_one(name, arguments), name, 0, MAX_QUALITY) or None


def read_format(draft: Draft, name: str, arguments: Arguments) -> None:
    """Read the option `format`, or the format after the key."""
    draft.format = FORMATS[_choice(name, _one(name, arguments), FORMATS)]


def _background(draft: Draft, name: str, arguments: Arguments) -> None:
    if len(arguments) == _RGB_ARGUMENTS:
        levels = (integer(text, name, 0, 255) for text in arguments)
        draft.background = "".join(f"{level:02x}" for level in levels)
    else:
        text = _one(name, arguments)
        draft.background = colour(text, name) if text else None


def _blur(draft: Draft, name: str, arguments: Arguments) -> None:
    draft.blur = decimal(_one(name, arguments), name, 0, MAX_SIGMA)


def _sharpen(draft: Draft, name: str, arguments: Arguments) -> None:
    draft.sharpen = decimal(_one(name, arguments), name, 0, MAX_SIGMA)


def _cachebuster(draft: Draft, name: str, arguments: Arguments) -> None:
    text = _one(name, arguments)
    draft.version = version(text, name) if text else None


def _expires(draft: Draft, name: str, arguments: Arguments) -> None:
    draft.expires = integer(_one(name, arguments), name, 0, 9_999_999_999)


def _always(_draft: Draft, name: str, arguments: Arguments) -> None:
    """Accept 1 for an option that cannot be switched off."""
    if not _boolean(name, _one(name, arguments)):
        raise UnsupportedOption(f"expected {name}:1, which is always so", name)


_READERS: dict[str, Reader] = {
    "resize": _resize,
    "size": _size,
    "resizing_type": _resizing_type,
    "width": _width,
    "height": _height,
    "enlarge": _enlarge,
    "extend": _extend,
    "gravity": _gravity,
    "crop": _crop,
    "dpr": _dpr,
    "zoom": _zoom,
    "rotate": _rotate,
    "flip": _flip,
    "quality": _quality,
    "format": read_format,
    "background": _background,
    "blur": _blur,
    "sharpen": _sharpen,
    "cachebuster": _cachebuster,
    "expires": _expires,
    "auto_rotate": _always,
    "strip_metadata": _always,
    "keep_copyright": _always,
}
