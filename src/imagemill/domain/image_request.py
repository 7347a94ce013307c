"""A request for a variant of one image: every URL grammar is parsed to it, and built from it."""

import re
from dataclasses import replace
from typing import Self

from imagemill.dataclass import dataclass
from imagemill.domain.keys import EXTENSIONS
from imagemill.preset import MAX_SIDE, Preset, with_option

# First part of the keys of variants in the processed bucket; no preset can be named so.
VARIANT_PREFIX = "~t/"
# Name of the preset of a request; it appears in no key.
VARIANT = "variant"
# The last word of a request in which the image must not be smaller than the box, and of one for a
# part that is smaller than a tile.
_STRICT, _TILE = "strict", "tile"
_KEY = re.compile(
    r"~t/(?P<id>[a-z2-7]{26})/(?:~(?P<version>[A-Za-z0-9._-]{1,128})/)?"
    r"(?P<options>[a-z0-9._]{1,300})\.(?P<format>jpg|png|webp|gif|avif|jxl|keep)"
)
# Version of objects in a bucket without versioning.
_NO_VERSION = "null"
_BOX = re.compile(r"([1-9][0-9]{0,4})?x([1-9][0-9]{0,4})?")
_FORMATS = {extension: name for name, extension in EXTENSIONS.items()} | {"keep": "keep"}


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """A variant of the image `image_id`, and the version that the URL names, if it names one.

    With a version it is a variant of its own: caches may keep it for a year, because nothing else
    is ever stored under its key.
    """

    image_id: str
    preset: Preset
    version: str | None = None
    strict: bool = False
    """An image, or the part of it, that is smaller than the box is an error (IIIF)."""
    tile: bool = False
    """The part must be a tile at the right or lower edge of the image (IIIF at level 0)."""

    @property
    def canonical(self) -> str:
        """The options as text; two requests have the same if and only if they want the same."""
        preset = self.preset
        width = "" if preset.width == MAX_SIDE else str(preset.width)
        height = "" if preset.height == MAX_SIDE else str(preset.height)
        words = [f"{width}x{height}" if width or height else "max"]
        words += [preset.fit] if preset.fit != "inside" else []
        words += preset.edits()
        words += preset.quality_words()
        words += [_STRICT] if self.strict else []
        words += [_TILE] if self.tile else []
        return "_".join(words) + "." + EXTENSIONS.get(preset.format, preset.format)

    @property
    def name(self) -> str:
        """The key below that of the image: `{canonical}`, or `~{version}/{canonical}`."""
        return f"~{self.version}/{self.canonical}" if self.version else self.canonical

    @property
    def key(self) -> str:
        """The key of the variant in the processed bucket: `~t/{id}/{name}`."""
        return f"{VARIANT_PREFIX}{self.image_id}/{self.name}"

    def names(self, version_id: str) -> bool:
        """Return whether the URL names this version of the original.

        An object that was stored while versioning was suspended has the version `null`, as others
        under its key had and will have.
        """
        return self.version == version_id != _NO_VERSION

    @classmethod
    def parse_key(cls, key: str) -> Self | None:
        """Read the key of a variant; None unless it is exactly the canonical one."""
        match = _KEY.fullmatch(key)
        if match is None:
            return None
        box, *words = match["options"].split("_")
        is_strict, is_tile = _STRICT in words[-1:], _TILE in words[-1:]
        words = words[:-1] if is_strict or is_tile else words
        preset = _parse_box(box)
        for word in [*words, _FORMATS[match["format"]]]:
            preset = preset and with_option(preset, word)
        if preset is None:
            return None
        request = cls(match["id"], preset, match["version"], strict=is_strict, tile=is_tile)
        return request if request.key == key else None


def _parse_box(text: str) -> Preset | None:
    whole = Preset(VARIANT, MAX_SIDE, MAX_SIDE)
    if text == "max":
        return whole
    match = _BOX.fullmatch(text)
    if match is None or text == "x":
        return None
    width, height = int(match[1] or MAX_SIDE), int(match[2] or MAX_SIDE)
    if max(width, height) > MAX_SIDE:
        return None
    return replace(whole, width=width, height=height)
