"""imgix's grammar: `/~/{key}?w=640&h=480&fit=min&auto=format`.

Sizes, fit, format and quality need no signature, and then snap to the ladder. All other options
need the parameter `sig`; imgix's own signature `s` (MD5) is refused.
"""

import re
from collections.abc import Callable, Mapping

from imagemill.domain.quoting import quoted
from imagemill.preset import (
    COMPASS,
    MAX_QUALITY,
    MAX_SIDE,
    PERCENT,
    Crop,
    Fit,
    OutputFormat,
    Point,
    Preset,
    Tone,
)
from imagemill.requests.faults import InvalidUrl, UnsupportedOption
from imagemill.requests.options import WHOLE, Wanted
from imagemill.requests.orientation import Orientation
from imagemill.requests.values import (
    LONGEST_SIDE,
    colour,
    decimal,
    fraction,
    integer,
    nearest_integer,
    rounded,
    version,
)

PREFIX = "/~/"
FITS: dict[str, Fit] = {
    "clip": "inside",
    "max": "inside",
    "min": "cover",
    "crop": "cover",
    "scale": "exact",
    "fill": "pad",
    "fillmax": "pad",
}
FORMATS: dict[str, OutputFormat] = {
    "jpg": "jpeg",
    "png": "png",
    "webp": "webp",
    "avif": "avif",
    "jxl": "jxl",
}
# `compress` asks for few bytes, which all our encoders do.
AUTOMATIC = ("format", "compress")
# Parameters that anybody may use, and that need a signature.
FREE = ("w", "h", "fit", "auto", "q", "fm", "dpr", "ar", "v", "placeholder", "ixlib", "ixid")
SIGNED = (
    "rect", "crop", "fp-x", "fp-y", "flip", "orient", "rot", "bg", "blur", "sharp", "sat",
    "expires", "sig",
)  # fmt: skip
# Device pixel ratios that imgix documents.
MIN_DPR, MAX_DPR = 0.75, 8
# imgix gives no unit of `blur` (0 to 2000) and `sharp` (0 to 100): one px of standard deviation is
# 20 of each, so that the largest blur is ours.
AMOUNT_PER_PX = 20
MAX_BLUR = 2000
MAX_SHARPEN = 100
GRAYSCALE = "-100"
_RATIO = re.compile(r"([0-9]{1,4}(?:\.[0-9]{1,4})?):([0-9]{1,4}(?:\.[0-9]{1,4})?)")
_EDGES: dict[str, tuple[float | None, float | None]] = {
    "top": (None, 0.0),
    "bottom": (None, 1.0),
    "left": (0.0, None),
    "right": (1.0, None),
}
_FLIPS: dict[str, Callable[[Orientation], Orientation]] = {
    "h": Orientation.mirrored,
    "v": Orientation.flipped,
    "hv": lambda before: before.rotated(180),
}
Options = Mapping[str, str]


def parse(options: Options) -> Wanted:
    """Read the parameters of a query, decoded; raises UrlFault for the first that is wrong."""
    oriented = _oriented(options)
    fit = _fit(options)
    width, height = _box(options, fit)
    if oriented.swaps_sides:
        width, height = height, width
    turned = _turned(options, oriented)
    automatic = _automatic(options)
    preset = Preset(
        WHOLE.name,
        width,
        height,
        fit if MAX_SIDE not in {width, height} else "inside",
        _format(options),
        integer(options["q"], "q", 1, MAX_QUALITY) if "q" in options else None,
        crop=_rect(options),
        focus=_focus(options, fit, oriented),
        mirror=turned.mirror,
        rotation=turned.rotation,
        tone=_tone(options),
        blur=_sigma(options, "blur", MAX_BLUR),
        sharpen=_sigma(options, "sharp", MAX_SHARPEN),
        background=colour(options["bg"], "bg") if "bg" in options else None,
    )
    named = version(options["v"], "v") if "v" in options else None
    has_placeholder = "placeholder" in options
    if has_placeholder:
        _choice(options, "placeholder", ("1",))
    return Wanted(preset, "format" in automatic, named, placeholder=has_placeholder)


def _choice(options: Options, name: str, choices: Mapping[str, object] | tuple[str, ...]) -> str:
    value = options[name]
    if value not in choices:
        message = f"expected {name} to be one of {', '.join(choices)}, got {quoted(value)}"
        raise UnsupportedOption(message, name)
    return value


def _fit(options: Options) -> Fit:
    return FITS[_choice(options, "fit", FITS)] if "fit" in options else "inside"


def _format(options: Options) -> OutputFormat:
    return FORMATS[_choice(options, "fm", FORMATS)] if "fm" in options else "keep"


def _automatic(options: Options) -> tuple[str, ...]:
    words = tuple(options["auto"].split(",")) if "auto" in options else ()
    for word in words:
        _choice({"auto": word}, "auto", AUTOMATIC)
    return words


def _box(options: Options, fit: Fit) -> tuple[int, int]:
    """Return width and height as displayed, multiplied by `dpr`; MAX_SIDE is no limit."""
    width, height = (
        integer(options[name], name, 1, LONGEST_SIDE) if name in options else None
        for name in ("w", "h")
    )
    dpr = decimal(options["dpr"], "dpr", MIN_DPR, MAX_DPR) if "dpr" in options else 1
    if "dpr" in options and not (width or height):
        raise InvalidUrl("expected w or h beside dpr", "dpr")
    sides = [None if side is None else side * dpr for side in (width, height)]
    if "ar" in options:
        sides = _by_ratio(options["ar"], sides, fit)
    across, down = (MAX_SIDE if side is None else _within(side) for side in sides)
    return across, down


def _within(side: float) -> int:
    return max(1, min(LONGEST_SIDE, nearest_integer(side)))


def _by_ratio(text: str, sides: list[float | None], fit: Fit) -> list[float | None]:
    """Add the side that the aspect ratio gives."""
    match = _RATIO.fullmatch(text)
    if match is None or not (float(match[1]) and float(match[2])):
        raise InvalidUrl(f"expected ar as two numbers, such as 16:9, got {quoted(text)}", "ar")
    if fit != "cover" or sum(side is None for side in sides) != 1:
        raise InvalidUrl("expected fit=crop or fit=min, and either w or h, beside ar", "ar")
    width, height = sides
    if height is None and width is not None:
        return [width, width * float(match[2]) / float(match[1])]
    return [(height or 0) * float(match[1]) / float(match[2]), height]


def _rect(options: Options) -> Crop | None:
    """Return the part of the original: whole numbers are px, others fractions of each side."""
    if "rect" not in options:
        return None
    words = options["rect"].split(",")
    if len(words) != 4:  # noqa: PLR2004  # x, y, width and height
        raise InvalidUrl(f"expected rect as x,y,w,h, got {quoted(options['rect'])}", "rect")
    if "orient" in options:
        raise UnsupportedOption("expected rect without orient", "rect")
    if any("." in word for word in words):
        return _crop("percent", [rounded(fraction(word, "rect", 0, 1) * PERCENT) for word in words])
    return _crop("px", [integer(word, "rect", 0, 999_999_999) for word in words])


def _crop(unit: str, numbers: list[float] | list[int]) -> Crop:
    left, top, width, height = map(float, numbers)
    if not (width and height):
        raise InvalidUrl("expected rect with a width and a height above 0", "rect")
    return Crop("percent" if unit == "percent" else "px", width, height, left, top)


def _focus(options: Options, fit: Fit, oriented: Orientation) -> Point | None:
    """Return the point that the URL names, of the upright original; None if it names none."""
    point = _named_focus(options, fit)
    return oriented.before(point) if point else None


def _named_focus(options: Options, fit: Fit) -> Point | None:
    words = options["crop"].split(",") if "crop" in options else []
    if words and fit != "cover":
        raise InvalidUrl("expected fit=crop or fit=min beside crop", "crop")
    if words == ["focalpoint"]:
        return tuple(  # type: ignore[return-value]  # two names
            decimal(options[name], name, 0, 1) if name in options else 0.5
            for name in ("fp-x", "fp-y")
        )
    for name in ("fp-x", "fp-y"):
        if name in options:
            raise InvalidUrl(f"expected crop=focalpoint beside {name}", name)
    if not words:
        return None
    x, y = COMPASS["centre"]
    for word in words:
        across, down = _EDGES[_choice({"crop": word}, "crop", _EDGES)]
        x, y = (x if across is None else across), (y if down is None else down)
    return x, y


def _oriented(options: Options) -> Orientation:
    """Return the turn that precedes everything else: it counts from the upright original."""
    if "orient" not in options:
        return Orientation()
    return Orientation().rotated(int(_choice(options, "orient", ("0", "90", "180", "270"))))


def _turned(options: Options, oriented: Orientation) -> Orientation:
    turned = oriented
    if "flip" in options:
        turned = _FLIPS[_choice(options, "flip", _FLIPS)](turned)
    # imgix keeps the frame, so that only a half turn shows the whole picture.
    if "rot" in options:
        turned = turned.rotated(int(_choice(options, "rot", ("0", "180"))))
    return turned


def _tone(options: Options) -> Tone:
    if "sat" not in options:
        return "colour"
    return "gray" if _choice(options, "sat", ("0", GRAYSCALE)) == GRAYSCALE else "colour"


def _sigma(options: Options, name: str, most: int) -> float:
    amount = decimal(options[name], name, 0, most) if name in options else 0
    return rounded(amount / AMOUNT_PER_PX)
