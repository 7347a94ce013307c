"""Encode a JPEG: samples by the encoder in the sandbox, pixels by Pillow."""

from contextlib import suppress
from importlib import import_module
from io import BytesIO

from PIL import Image

from imagemill.imaging.fastjpeg import Refused, Samples, encode_samples
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import Plan
from imagemill.imaging.quality import quantization_table
from imagemill.imaging.still import Still, to_pixels, to_samples

# Bytes of SOI and the JFIF segment, after which the tags are inserted.
_START_BYTES = 20
# Least efforts at which a progressive file is tried, and one that sends coefficients in parts.
_PROGRESSIVE_FROM, _SUCCESSIVE_FROM = 4, 6
# Bytes. In smaller files the tables of several scans may outweigh their savings.
_PROGRESSIVE_FROM_BYTES = 12_000


def make_samples(still: Still, plan: Plan) -> Still:
    """Return an image that becomes a JPEG as samples, if it has pixels and they can be converted.

    Alpha gets a white background. Drawings keep their colour in full resolution.
    """
    if isinstance(still, Samples):
        return still
    return to_samples(flatten(still), "4:4:4" if plan.is_drawn else "4:2:0")


def encode_jpeg(still: Still, plan: Plan, quality: int, tags: OutputTags) -> bytes:
    """Return a JPEG with the tags; transparency gets a white background."""
    if isinstance(still, Samples):
        is_grey = still.sampling == "grey"
        # Not enough memory in the sandbox: Pillow needs less.
        with suppress(Refused):
            data = _encode_samples(still, quality, plan.effort)
            return _insert(tags.jpeg_segments(is_grey=is_grey), data)
    return _encode_pixels(flatten(to_pixels(still)), plan, quality, tags)


def flatten(pixels: Image.Image) -> Image.Image:
    """Return pixels with alpha on a white background, others unchanged."""
    if pixels.mode not in ("LA", "RGBA"):
        return pixels
    paper = Image.new("RGBA", pixels.size, "white")
    return Image.alpha_composite(paper, pixels.convert("RGBA")).convert("RGB")


def _encode_samples(samples: Samples, quality: int, effort: int | None) -> bytes:
    """Return a progressive file, or one with a single scan if that is smaller or less effort."""
    effort = _PROGRESSIVE_FROM if effort is None else effort
    if effort < _PROGRESSIVE_FROM:
        return encode_samples(samples, quality, "single")
    data = encode_samples(samples, quality, "spectral")
    if effort >= _SUCCESSIVE_FROM:
        data = min(data, encode_samples(samples, quality, "successive"), key=len)
    if len(data) > _PROGRESSIVE_FROM_BYTES:
        return data
    return min(data, encode_samples(samples, quality, "single"), key=len)


def _insert(segments: bytes, data: bytes) -> bytes:
    return data[:_START_BYTES] + segments + data[_START_BYTES:]


def _encode_pixels(pixels: Image.Image, plan: Plan, quality: int, tags: OutputTags) -> bytes:
    """Return a file with a single scan, unless the effort asks for a progressive one.

    Pillow's progressive files take five times as long.
    """
    effort = plan.effort or 0
    options = {
        "qtables": [quantization_table(quality)],
        "subsampling": "4:4:4" if plan.is_drawn else "4:2:0",
        **tags.options("jpeg", is_grey=pixels.mode == "L"),
    }
    if plan.effort == 0:
        return _save(pixels, options)
    try:
        is_progressive = effort >= _PROGRESSIVE_FROM
        return _save(pixels, {**options, "optimize": True, "progressive": is_progressive})
    except OSError:
        # Pillow's buffer for a whole file is too small for noise with all its colour.
        return _save(pixels, options)


def _save(pixels: Image.Image, options: dict[str, object]) -> bytes:
    import_module("PIL.JpegImagePlugin")
    file = BytesIO()
    pixels.save(file, "jpeg", **options)
    return file.getvalue()
