"""Encode a still image in colour as AVIF by libavif.

Pixels become samples that keep their luminance, those of a JPEG are taken as they are. Images with
16 bits per sample become files with 10.
"""

from array import array

from PIL import Image

from imagemill.errors import UnsupportedFormat
from imagemill.imaging import avif_options, libavif
from imagemill.imaging.fastjpeg import Samples
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.still import DeepImage, Still, to_samples_of_same_luminance
from imagemill.imaging.vector_registers import release_vector_registers

# Samples, alpha or nothing, and the coding.
_Prepared = tuple[Samples, bytes, libavif.Coding]


def encode_avif(still: Still, quality: int, effort: int | None, tags: OutputTags) -> bytes | None:
    """Return the file; None if Pillow has to encode it.

    That is a grey or lossless image, or one without libavif or without the sandbox.
    """
    library = libavif.load()
    if library is None:
        return None
    codecs = library.codecs()
    if isinstance(still, Samples):
        prepared = _prepare_samples(still, quality, effort, codecs)
    else:
        prepared = _prepare_pixels(still, quality, effort, codecs)
    if prepared is None:
        return None
    attached = libavif.Attached(tags.exif, tags.profile or b"", tags.codes)
    data = library.encode(*prepared, attached)
    release_vector_registers()
    return data


def _prepare_samples(
    samples: Samples, quality: int, effort: int | None, codecs: str
) -> _Prepared | None:
    """Return the samples of a JPEG with their coding."""
    is_halved = samples.sampling == "4:2:0"
    coding = avif_options.coding_of_jpeg(quality, effort, codecs) if is_halved else None
    return (samples, b"", coding) if coding else None


def _prepare_pixels(
    pixels: Image.Image, quality: int, effort: int | None, codecs: str
) -> _Prepared | None:
    """Return pixels in colour as samples that keep their luminance, alpha, and the coding."""
    if pixels.mode not in ("RGB", "RGBA"):
        return None
    coding = avif_options.coding_of_samples(quality, effort, pixels.size, codecs)
    samples = to_samples_of_same_luminance(pixels) if coding else None
    if coding is None or samples is None:
        return None
    alpha = pixels.getchannel("A").tobytes() if pixels.mode == "RGBA" else b""
    return samples, alpha, coding


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
