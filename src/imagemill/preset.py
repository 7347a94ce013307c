"""A preset: all options of one rendition, and the text that names each option.

The same words are used in recipes, joined by colons, and in the keys of variants, joined by `_`.
They contain only characters that a URL never escapes.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, get_args

from imagemill.dataclass import dataclass

Fit = Literal["inside", "cover", "exact", "pad"]
OutputFormat = Literal["keep", "jpeg", "png", "webp", "avif", "jxl"]
Tone = Literal["colour", "gray", "bitonal"]
Hdr = Literal["keep", "off"]
Gamut = Literal["srgb", "keep"]
Depth = Literal[8, 10]
CropUnit = Literal["px", "percent", "square"]
Rotation = Literal[0, 90, 180, 270]

FITS: tuple[str, ...] = get_args(Fit)
OUTPUT_FORMATS: tuple[str, ...] = get_args(OutputFormat)
ROTATIONS: tuple[int, ...] = get_args(Rotation)
# Longest side of a box, in px: the limit of WebP (RFC 9649, 14 bits).
MAX_SIDE = 16_383
MAX_QUALITY = 100
# Scores of SSIMULACRA 2 that a preset may ask for: below, files are bad; above, few can reach them.
LEAST_TARGET, MOST_TARGET, DEFAULT_TARGET = 30, 90, 75
# Bits per sample of renditions.
DEFAULT_DEPTH: Depth = 8
# Encoder effort: 0 is the least CPU time, 6 the fewest bytes, as in WebP encoders.
MAX_EFFORT = 6
# Largest number of bytes that a preset may allow, and the bytes of each unit.
MAX_BYTES = 100_000_000
_UNITS = {"": 1, "b": 1, "kb": 1_000, "mb": 1_000_000}
# Largest standard deviation of blur and sharpening, in px of the rendition.
MAX_SIGMA = 100.0
# A point of an image, from 0 to 1 across and down.
Point = tuple[float, float]
# Names of positions, as the point of the image that stays in the middle of a crop if it can.
COMPASS: dict[str, Point] = {
    "centre": (0.5, 0.5),
    "north": (0.5, 0.0),
    "northeast": (1.0, 0.0),
    "east": (1.0, 0.5),
    "southeast": (1.0, 1.0),
    "south": (0.5, 1.0),
    "southwest": (0.0, 1.0),
    "west": (0.0, 0.5),
    "northwest": (0.0, 0.0),
}
# A number in an option.
_N = r"([0-9]{1,9}(?:\.[0-9]{1,4})?)"
# The percentage of the whole.
PERCENT = 100
Reader = Callable[[re.Match[str]], dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Crop:
    """A part of the upright original: `unit` is px, percent of each side, or the largest square.

    Without `left` and `top` the focus places it. A part that reaches over an edge is cut there.
    """

    unit: CropUnit
    width: float = 0
    height: float = 0
    left: float | None = None
    top: float | None = None

    def __str__(self) -> str:
        if self.unit == "square":
            return "square"
        size = f"{number(self.width)}x{number(self.height)}"
        place = "" if self.left is None else f"x{number(self.left)}x{number(self.top or 0)}"
        return f"{'p' if self.unit == 'percent' else ''}crop{size}{place}"


@dataclass(frozen=True, slots=True)
class Preset:
    """One rendition: cropped, scaled down to fit a box, mirrored and rotated, in this order.

    `width` and `height` are px; both are MAX_SIDE if there is no box. An image is never enlarged.
    `quality` is 1 to 100, `effort` 0 to 6; None is the default of the format.
    """

    name: str
    width: int
    height: int
    fit: Fit = "inside"
    """`inside` keeps the ratio within the box, `cover` crops to it, `exact` stretches to it, `pad`
    fills the box with the background."""
    format: OutputFormat = "keep"
    quality: int | None = None
    effort: int | None = None
    crop: Crop | None = None
    """The part of the original that is used; None is the whole."""
    scale: float | None = None
    """Percent of the part's size, from above 0 to 100; applies before the box."""
    focus: Point | None = None
    """The point that stays in the middle of a crop where it can; for `pad` the position in the box.
    None: crops are placed by `around`, and padding has the image in the middle."""
    around: Point | None = None
    """The point of the original that crops are placed by without `focus`; an image's own focal
    point replaces it. None is the middle."""
    mirror: bool = False
    """Exchange left and right, before the rotation."""
    rotation: Rotation = 0
    """Degrees clockwise, after scaling."""
    tone: Tone = "colour"
    """`bitonal` is black and white without dithering."""
    blur: float = 0
    """Standard deviation of a Gaussian blur, in px of the rendition."""
    sharpen: float = 0
    """Standard deviation of an unsharp mask, in px of the rendition."""
    background: str | None = None
    """Colour behind transparent pixels and of `pad`, as six hexadecimal digits."""
    max_bytes: int | None = None
    """Bytes of the file, at most: the quality is lowered until it fits."""
    hdr: Hdr = "keep"
    """Whether a JPEG keeps the gain map of the original."""
    gamut: Gamut = "srgb"
    """`keep` keeps colours beyond sRGB, such as Display P3."""
    depth: Depth = DEFAULT_DEPTH
    """Bits per sample; 10 keeps them in an AVIF of an original that has more than 8."""
    target: int | None = None
    """Score of SSIMULACRA 2 to reach, 1 to 100: each image gets the quality that it needs."""

    def __str__(self) -> str:
        """Return the canonical text of a recipe, with all options that it had at first."""
        words = [f"{self.name}={self.width}x{self.height}", self.fit, self.format]
        return ":".join([*words, *self._coding(), *self.edits()])

    def quality_words(self) -> list[str]:
        """Return the word of the quality, or of the score that it is chosen for, if any."""
        if self.target is not None:
            return [f"qauto{self.target}"]
        return [] if self.quality is None else [f"q{self.quality}"]

    def edits(self) -> list[str]:
        """Return the words of the other options, without those that have their default."""
        words = [] if self.crop is None else [str(self.crop)]
        if self.scale is not None:
            words.append(f"scale{number(self.scale)}")
        for name, point in (("focus", self.focus), ("around", self.around)):
            words += [f"{name}{number(point[0])}x{number(point[1])}"] if point else []
        words += ["mirror"] if self.mirror else []
        words += [f"rotate{self.rotation}"] if self.rotation else []
        words += [self.tone] if self.tone != "colour" else []
        words += [f"blur{number(self.blur)}"] if self.blur else []
        words += [f"sharpen{number(self.sharpen)}"] if self.sharpen else []
        words += [f"bg{self.background}"] if self.background else []
        words += [f"max{self.max_bytes}"] if self.max_bytes else []
        words += ["hdroff"] if self.hdr == "off" else []
        words += ["gamutkeep"] if self.gamut == "keep" else []
        words += [f"depth{self.depth}"] if self.depth != DEFAULT_DEPTH else []
        return words

    @property
    def wants_deep(self) -> bool:
        """True if more than 8 bits per sample are kept where the original has them."""
        return self.depth > DEFAULT_DEPTH

    @property
    def crops_freely(self) -> bool:
        """True if a crop has no place of its own, so that a point decides on it."""
        return self.fit == "cover" or (self.crop is not None and self.crop.left is None)

    def placed_around(self, focus: Point) -> "Preset":
        """Return the preset for an image with this focal point; the same if it has no effect."""
        return replace(self, around=focus) if self.crops_freely and not self.focus else self

    def _coding(self) -> list[str]:
        effort = [] if self.effort is None else [f"e{self.effort}"]
        return self.quality_words() + effort


def with_option(preset: Preset, word: str) -> Preset | None:
    """Return the preset with one more option; None if the word is no option."""
    found = _WORDS.get(word) or _with_number(word)
    return None if found is None else replace(preset, **found)


def number(value: float) -> str:
    """Return a number as it is written in options: at most four decimals, no trailing zeros."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _with_number(word: str) -> dict[str, Any] | None:
    """Return the field that a word with numbers sets, and its value."""
    for pattern, read in _NUMBERED:
        if match := pattern.fullmatch(word):
            return read(match)
    return None


def _integer(field: str, least: int, most: int) -> Reader:
    return lambda match: {field: int(match[1])} if least <= int(match[1]) <= most else None


def _quality(match: re.Match[str]) -> dict[str, Any] | None:
    return {"quality": int(match[1]), "target": None} if 1 <= int(match[1]) <= MAX_QUALITY else None


def _target(match: re.Match[str]) -> dict[str, Any] | None:
    target = int(match[1] or DEFAULT_TARGET)
    is_possible = LEAST_TARGET <= target <= MOST_TARGET
    return {"target": target, "quality": None} if is_possible else None


def _rotation(match: re.Match[str]) -> dict[str, Any] | None:
    return {"rotation": int(match[1])} if int(match[1]) in ROTATIONS else None


def _scale(match: re.Match[str]) -> dict[str, Any] | None:
    return {"scale": float(match[1])} if 0 < float(match[1]) <= PERCENT else None


def _max_bytes(match: re.Match[str]) -> dict[str, Any] | None:
    most = int(match[1]) * _UNITS[match[2].lower()]
    return {"max_bytes": most} if 0 < most <= MAX_BYTES else None


def _point(match: re.Match[str]) -> dict[str, Any] | None:
    point = float(match[2]), float(match[3])
    return {match[1]: point} if max(point) <= 1 else None


def _sigma(match: re.Match[str]) -> dict[str, Any] | None:
    return {match[1]: float(match[2])} if 0 < float(match[2]) <= MAX_SIGMA else None


def _crop(match: re.Match[str]) -> dict[str, Any] | None:
    percent, width, height, left, top = match.groups()
    sides = float(width), float(height)
    if not all(sides) or (percent and max(sides) > PERCENT):
        return None
    place = (None, None) if left is None else (float(left), float(top))
    return {"crop": Crop("percent" if percent else "px", *sides, *place)}


# Options without a number: the field that each sets, and its value.
_WORDS: dict[str, dict[str, Any]] = {
    **{word: {"fit": word} for word in FITS},
    **{word: {"format": word} for word in OUTPUT_FORMATS},
    **{word: {"focus": point} for word, point in COMPASS.items()},
    "gray": {"tone": "gray"},
    "bitonal": {"tone": "bitonal"},
    "mirror": {"mirror": True},
    "square": {"crop": Crop("square")},
    # Without an equals sign in the keys of variants.
    **{f"hdr{sign}{word}": {"hdr": word} for word in get_args(Hdr) for sign in ("", "=")},
    **{f"gamut{sign}{word}": {"gamut": word} for word in get_args(Gamut) for sign in ("", "=")},
    **{f"depth{sign}{bits}": {"depth": bits} for bits in get_args(Depth) for sign in ("", "=")},
}
# Options with numbers.
_NUMBERED: tuple[tuple[re.Pattern[str], Reader], ...] = (
    (re.compile(r"q([0-9]{1,3})"), _quality),
    (re.compile(r"(?:q|q=|quality=)auto([0-9]{1,3})?"), _target),
    (re.compile(r"e([0-9])"), _integer("effort", 0, MAX_EFFORT)),
    (re.compile(f"scale{_N}"), _scale),
    (re.compile(f"(p?)crop{_N}x{_N}(?:x{_N}x{_N})?"), _crop),
    (re.compile(f"(focus|around){_N}x{_N}"), _point),
    (re.compile(r"rotate([0-9]{1,3})"), _rotation),
    (re.compile(r"bg([0-9a-f]{6})"), lambda match: {"background": match[1]}),
    (re.compile(f"(blur|sharpen){_N}"), _sigma),
    (re.compile(r"max=?([0-9]{1,9})(|[kmKM]?[bB])"), _max_bytes),
)
