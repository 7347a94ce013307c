"""Metadata of a rendition: its colour tag, and copyright and artist."""

from dataclasses import replace
from typing import TYPE_CHECKING
from zlib import compress

from imagemill.dataclass import dataclass
from imagemill.imaging.copyright import Credit
from imagemill.imaging.facts import Facts
from imagemill.imaging.formats import jpeg, png
from imagemill.imaging.icc import from_codes, srgb_tag

if TYPE_CHECKING:
    from PIL.PngImagePlugin import PngInfo

    from imagemill.imaging.colour import KeptGamut
    from imagemill.imaging.plan import Plan, WebFormat


@dataclass(frozen=True, slots=True)
class OutputTags:
    """Colour tag and credit, the same for every rendition of one image.

    JPEG and WebP are tagged by a profile of less than 500 bytes, PNG by its sRGB chunk of 13 bytes,
    AVIF by the codes that its encoder writes. GIF has neither tag nor credit.
    """

    exif: bytes = b""
    gamma: int | None = None
    """gAMA for a PNG with unchanged values, written instead of the tag."""
    codes: tuple[int, int] | None = None
    """Colour codes for an AVIF with unchanged values, written instead of sRGB's."""
    is_tagged: bool = True
    profile: bytes | None = None
    """Profile of colours beyond sRGB, written instead of the tag and never left out."""

    def suited(self, *, keeps_codes: bool) -> "OutputTags":
        """Return the tags for a rendition: without gamma and codes if its values are sRGB."""
        return self if keeps_codes else replace(self, gamma=None, codes=None)

    def of(self, plan: "Plan", kept: "KeptGamut | None") -> "OutputTags":
        """Return the tags for a plan; `kept` are the colours beyond sRGB that it may keep."""
        if plan.keeps_gamut and kept:
            return replace(self, gamma=None, codes=kept.codes, profile=kept.profile)
        return self.suited(keeps_codes=plan.keeps_codes)

    def options(self, to: "WebFormat", *, is_grey: bool) -> dict[str, object]:
        """Return the options for Pillow's encoder."""
        options: dict[str, object] = {}
        if self.exif and to != "gif":
            options["exif"] = b"Exif\0\0" + self.exif
        if self.profile and to != "gif":
            options["icc_profile"] = self.profile
        elif self.is_tagged and to in ("jpeg", "webp"):
            options["icc_profile"] = srgb_tag(is_grey=is_grey and to == "jpeg")
        if to == "png":
            options["pnginfo"] = self._png_info()
        return options

    def jpeg_segments(self, *, is_grey: bool) -> bytes:
        """Return the JPEG segments with tag and credit."""
        exif = jpeg.exif_segment(self.exif) if self.exif else b""
        tag = self.profile or (srgb_tag(is_grey=is_grey) if self.is_tagged else b"")
        return exif + (jpeg.profile_segment(tag) if tag else b"")

    def png_chunks(self) -> tuple[bytes, ...]:
        """Return the PNG chunks with tag and credit."""
        exif = (png.make_chunk(b"eXIf", self.exif),) if self.exif else ()
        packed = b"ICC\0\0" + compress(self.profile, 9) if self.profile else b""
        profile = (png.make_chunk(b"iCCP", packed),) if packed else ()
        return (*profile, *(png.make_chunk(*chunk) for chunk in self._png_tags()), *exif)

    def _png_info(self) -> "PngInfo":
        # Imported here because a JPEG does not need it.
        from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415

        info = PngInfo()
        for name, body in self._png_tags():
            info.add(name, body)
        return info

    def _png_tags(self) -> list[tuple[bytes, bytes]]:
        if self.gamma is not None:
            return [(b"gAMA", self.gamma.to_bytes(4, "big"))]
        return [(b"sRGB", b"\0")] if self.is_tagged and not self.profile else []


def tags_of(facts: Facts) -> OutputTags:
    """Return the tags for an image; codes and gamma count where its values stay."""
    codes = facts.codes if facts.codes and from_codes(*facts.codes) else None
    gamma = facts.gamma if facts.carries_gamma else None
    return OutputTags(Credit(facts.artist, facts.copyright).exif(), gamma, codes)
