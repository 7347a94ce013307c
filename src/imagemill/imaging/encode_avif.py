"""Encode a still image in colour as AVIF by libavif: from samples that keep their luminance.

Images with 16 bits per sample become files with 10.
"""

from array import array

from PIL import Image

from imagemill.errors import UnsupportedFormat
from imagemill.imaging import avif_options, libavif
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.still import DeepImage, to_samples_of_same_luminance
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


def encode_deep_avif(image: DeepImage, quality: int, effort: int | None, tags: OutputTags) -> bytes:
    """Return a file with 10 bits per sample.

    Raises UnsupportedFormat without libavif, or for a size that its encoder does not take.
    """
    library = libavif.load()
    size = (image.width, image.height)
    coding = avif_options.coding_of_deep(quality, effort, size)
    if library is None or coding is None:
        raise UnsupportedFormat(f"AVIF with 10 bits needs {libavif.NEEDED} and sides of 4 px")
    count = len(image.channels)
    samples = array("H", bytes(2 * count * size[0] * size[1]))
    for at, channel in enumerate(image.channels):
        samples[at::count] = array("H", channel.tobytes())
    attached = libavif.Attached(tags.exif, tags.profile or b"", tags.codes)
    pixels = libavif.DeepPixels(*size, count, samples.tobytes())
    data = library.encode_deep(pixels, coding, attached)
    release_vector_registers()
    return data
