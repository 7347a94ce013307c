"""Copy a file without its metadata, leaving its pixel data unchanged."""

from collections.abc import Callable

from imagemill.imaging.facts import Facts
from imagemill.imaging.formats import avif, gif, jpeg, png, webp
from imagemill.imaging.icc import srgb_tag
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import WebFormat
from imagemill.imaging.sniff import Kind

# Modes of images that can be copied: the others need a conversion.
_DIRECT_MODES = frozenset(("1", "L", "LA", "P", "PA", "RGB", "RGBA"))


def without_metadata(data: bytes, facts: Facts, tags: OutputTags) -> bytes | None:
    """Return the same image with `tags` instead of EXIF, XMP, comments, profile and the like.

    None if that is not possible: the image must be rotated or converted, is damaged, or has a
    format without such a copy (HEIC, TIFF, BMP, JPEG 2000, ICO).
    """
    if facts.orientation != 1 or facts.mode not in _DIRECT_MODES:
        return None
    strip = _STRIPS.get(facts.format)
    return strip(data, facts, tags) if strip else None


def without_tag(data: bytes, to: WebFormat, tags: OutputTags) -> bytes | None:
    """Return a rendition without the profile that tags it; None if it has none.

    Its pixels are still sRGB: viewers assume that for an image without a profile.
    """
    if not tags.is_tagged or tags.profile:
        return None
    if to == "webp":
        return webp.without_metadata(data, b"", tags.exif)
    if to != "jpeg":
        return None
    for is_grey in (False, True):
        data = data.replace(jpeg.profile_segment(srgb_tag(is_grey=is_grey)), b"", 1)
    return data


def _strip_jpeg(data: bytes, facts: Facts, tags: OutputTags) -> bytes | None:
    return jpeg.without_metadata(data, [tags.jpeg_segments(is_grey=facts.mode == "L")])


def _strip_webp(data: bytes, _: Facts, tags: OutputTags) -> bytes | None:
    profile = tags.profile or (srgb_tag(is_grey=False) if tags.is_tagged else b"")
    return webp.without_metadata(data, profile, tags.exif)


def _strip_avif(data: bytes, facts: Facts, tags: OutputTags) -> bytes | None:
    """Return a copy only if it decodes: the damage may lie in bytes that were overwritten."""
    from imagemill.imaging.formats.avif_decoder import can_decode  # noqa: PLC0415 - only where needed

    copy = avif.without_metadata(data, tags.exif)
    return copy if copy and can_decode(copy, (facts.width, facts.height)) else None


_STRIPS: dict[Kind, Callable[[bytes, Facts, OutputTags], bytes | None]] = {
    "jpeg": _strip_jpeg,
    "png": lambda data, _, tags: png.without_metadata(data, tags.png_chunks()),
    "gif": lambda data, _, __: gif.without_metadata(data),
    "webp": _strip_webp,
    "avif": _strip_avif,
}
