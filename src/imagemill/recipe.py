"""The recipe: text that lists the presets to render for every image.

    500                                      longest side 500 px, the original's format
    thumb=160x160:cover:webp:q75, 500        two presets, the first cropped to a square
    wide=1600x:avif:e3                       at most 1600 px wide, any height, more effort
    face=200x200:cover:focus0.4x0.3:gray     cropped around a point, without colour
    card=1200x630:cover:jpeg:max=80kB        at most 80,000 bytes, in the best quality that fits
    deep=2048:avif:depth=10                  10 bits per sample where the original has more than 8
    photo=1280:webp:quality=auto:75          the quality that each image needs for that score

Presets are separated by commas. A preset is `[name=]box`, followed by any options in any order,
each after a colon: those of `imagemill.preset`. The box is `N` (longest side), `WxH`, `Wx` or
`xH`, in pixels.
"""

import hashlib
import re
from typing import Self

from imagemill.dataclass import dataclass
from imagemill.errors import ConfigurationInvalid
from imagemill.preset import (
    DEFAULT_DEPTH,
    FITS,
    MAX_SIDE,
    OUTPUT_FORMATS,
    Fit,
    OutputFormat,
    Point,
    Preset,
    with_option,
)

__all__ = ["DEFAULT_RECIPE", "Fit", "OutputFormat", "Preset", "Recipe"]

MAX_PRESETS = 20
# A score after a colon: the colon separates options elsewhere.
_TARGET = re.compile(r"(?<=:)\s*(?:q|q=|quality=)auto\s*:\s*([0-9]{1,3})(?=\s*(?::|$))")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_BOX = re.compile(r"([0-9]{1,9})|([0-9]{1,9})x([0-9]{1,9})|([0-9]{1,9})x|x([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Recipe:
    """The presets of a stack; their order has no effect."""

    presets: tuple[Preset, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a recipe; raises ConfigurationInvalid with all errors."""
        faults: list[str] = []
        parts = [part.strip() for part in text.split(",") if part.strip()]
        presets = [preset for part in parts if (preset := _parse_preset(part, faults))]
        faults += _faults_of_the_whole(parts, [preset.name for preset in presets])
        if faults:
            raise ConfigurationInvalid("recipe: " + "; ".join(faults))
        return cls(tuple(presets))

    def around(self, focus: Point | None) -> "Recipe":
        """Return the recipe for an image with this focal point; it places the crops that may move.

        A preset with a focus of its own keeps it. None returns the recipe itself.
        """
        if focus is None:
            return self
        return Recipe(tuple(one.placed_around(focus) for one in self.presets))

    @property
    def hash(self) -> str:
        """16 hexadecimal digits that change if and only if a rendition changes."""
        return hashlib.sha256(str(self).encode()).hexdigest()[:16]

    def __str__(self) -> str:
        """Return the canonical text: all options written out, presets sorted by name."""
        return ",".join(sorted(str(preset) for preset in self.presets))


def _faults_of_the_whole(parts: list[str], names: list[str]) -> list[str]:
    faults = []
    if not parts:
        faults.append("expected at least one preset, such as 500, got none")
    if len(parts) > MAX_PRESETS:
        faults.append(f"expected at most {MAX_PRESETS} presets, got {len(parts)}")
    faults += [
        f"expected different names, but {name!r} is used {names.count(name)} times"
        for name in sorted(set(names))
        if names.count(name) > 1
    ]
    return faults


def _parse_preset(text: str, faults: list[str]) -> Preset | None:
    """Read one preset; adds errors to `faults`, and returns None if the box is wrong."""
    box_and_name, *options = [word.strip() for word in _TARGET.sub(r"qauto\1", text).split(":")]
    name, equals, box = box_and_name.rpartition("=")
    name = name.strip() if equals else box.strip()
    size = _parse_box(name, box.strip(), faults)
    if not _NAME.fullmatch(name) and (equals or size):
        faults.append(
            f"expected a name of a-z, 0-9, - and _, at most 32 characters long, got {name!r}"
        )
    preset = Preset(name, *(size or (1, 1)))
    for option in options:
        preset = _apply_option(preset, option, faults)
    faults += _faults_of_combination(preset, box)
    return preset if size else None


def _parse_box(name: str, box: str, faults: list[str]) -> tuple[int, int] | None:
    match = _BOX.fullmatch(box)
    if match is None:
        faults.append(
            f"expected a box such as 500, 800x600, 800x or x600 for {name!r}, got {box!r}"
        )
        return None
    side, width, height, only_width, only_height = match.groups()
    size = (
        int(side or width or only_width or MAX_SIDE),
        int(side or height or only_height or MAX_SIDE),
    )
    if not all(1 <= length <= MAX_SIDE for length in size):
        faults.append(f"expected sides from 1 to {MAX_SIDE} px for {name!r}, got {box!r}")
    return size


def _apply_option(preset: Preset, option: str, faults: list[str]) -> Preset:
    after = with_option(preset, option)
    if after is not None:
        return after
    faults.append(
        f"expected a fit ({', '.join(FITS)}), a format ({', '.join(OUTPUT_FORMATS)}), "
        f"a quality (q1 to q100, or quality=auto:30 to quality=auto:90), "
        f"an edit such as focus0.3x0.7, hdr=off, gamut=keep, depth=10, "
        f"or an effort (e0 to e6) for {preset.name!r}, got {option!r}"
    )
    return preset


def _faults_of_combination(preset: Preset, box: str) -> list[str]:
    faults = []
    if preset.fit != "inside" and (box.strip().startswith("x") or box.strip().endswith("x")):
        faults.append(
            f"expected both sides of the box for {preset.fit} in {preset.name!r}, got {box!r}"
        )
    if preset.format == "png" and preset.quality_words():
        faults.append(f"expected no quality for png, which is lossless, in {preset.name!r}")
    if preset.depth != DEFAULT_DEPTH and preset.format not in ("avif", "keep"):
        faults.append(f"expected the format avif for depth={preset.depth} in {preset.name!r}")
    return faults


DEFAULT_RECIPE = Recipe.parse("500")
