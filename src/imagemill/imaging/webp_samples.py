"""Encode the samples of a JPEG as WebP, without a conversion to RGB and back."""

from imagemill.imaging.fastjpeg import Samples
from imagemill.imaging.formats import libwebp_encoder, webp
from imagemill.imaging.output_tags import OutputTags

# Chroma of grey.
_NEUTRAL = 128
# From the full range of a JPEG to the narrow one: ITU-R BT.601, 2.5.3.
_LUMA = bytes(round(16 + 219 * level / 255) for level in range(256))
_CHROMA = bytes(round(128 + 224 * (level - 128) / 255) for level in range(256))


def encode_webp(samples: Samples, quality: int, method: int, tags: OutputTags) -> bytes | None:
    """Return a lossy WebP with the tags; None for 4:4:4, or if libwebp does not encode it."""
    if samples.sampling == "4:4:4":
        return None
    data = libwebp_encoder.encode(_planes(samples), quality, method)
    if data is None:
        return None
    profile = tags.options("webp", is_grey=False).get("icc_profile")
    return webp.without_metadata(data, profile if isinstance(profile, bytes) else b"", tags.exif)


def _planes(samples: Samples) -> libwebp_encoder.Planes:
    """Return the samples in the narrow range; those that were edited are rounded once more."""
    width, height = samples.width, samples.height
    count = width * height
    if samples.narrow is not None:
        luma, chroma = samples.narrow[:count], samples.narrow[count:]
    else:
        luma = samples.data[:count].translate(_LUMA)
        chroma = samples.data[count:].translate(_CHROMA)
    if samples.sampling == "grey":
        chroma = bytes((_NEUTRAL,)) * (2 * ((width + 1) // 2) * ((height + 1) // 2))
    return libwebp_encoder.Planes(width, height, luma, chroma)
