"""Encode a still image in colour as AVIF by libavif, from samples that keep their luminance."""

from PIL import Image

from imagemill.imaging import avif_options, libavif
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.still import to_samples_of_same_luminance
from imagemill.imaging.vector_registers import release_vector_registers


def encode_avif(
    pixels: Image.Image, quality: int, effort: int | None, tags: OutputTags
) -> bytes | None:
    """Return the file; None if Pillow has to encode it.

    That is a grey or lossless image, or one without libavif or without the sandbox.
    """
    library = libavif.load() if pixels.mode in ("RGB", "RGBA") else None
    if library is None:
        return None
    coding = avif_options.coding_of_samples(quality, effort, pixels.size, library.codecs())
    samples = to_samples_of_same_luminance(pixels) if coding else None
    if coding is None or samples is None:
        return None
    alpha = pixels.getchannel("A").tobytes() if pixels.mode == "RGBA" else b""
    attached = libavif.Attached(tags.exif, tags.profile or b"", tags.codes)
    data = library.encode(samples, alpha, coding, attached)
    release_vector_registers()
    return data
