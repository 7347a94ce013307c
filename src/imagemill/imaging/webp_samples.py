"""Encode the samples of a JPEG as WebP, without a conversion to RGB and back."""

from dataclasses import replace

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
    data = libwebp_encoder.encode(_narrow(samples), quality, method)
    if data is None:
        return None
    profile = tags.options("webp", is_grey=False).get("icc_profile")
    return webp.without_metadata(data, profile if isinstance(profile, bytes) else b"", tags.exif)


def _narrow(samples: Samples) -> Samples:
    """Return the samples in the narrow range, grey with chroma.

    Those that were edited are rounded once more.
    """
    data, count = samples.narrow, samples.width * samples.height
    if data is None:
        data = samples.data[:count].translate(_LUMA) + samples.data[count:].translate(_CHROMA)
    made = Samples(samples.width, samples.height, "4:2:0", data)
    if samples.sampling == "4:2:0":
        return made
    across, down = made.chroma_size
    return replace(made, data=data + bytes((_NEUTRAL,)) * (2 * across * down))
