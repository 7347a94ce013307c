"""Encode pixels in a format, without the original's metadata."""

from functools import cache
from importlib import import_module
from io import BytesIO

from PIL import Image

from imagemill.imaging.formats import avif
from imagemill.imaging.gif_encoder import encode_gif
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import Plan, WebFormat

_ENCODERS: dict[WebFormat, str] = {
    "jpeg": "PIL.JpegImagePlugin",
    "png": "PIL.PngImagePlugin",
    "webp": "PIL.WebPImagePlugin",
    "gif": "PIL.GifImagePlugin",
    "avif": "PIL.AvifImagePlugin",
}

# Bytes. In smaller JPEGs the tables of ten scans may outweigh their savings.
_PROGRESSIVE_FROM_BYTES = 12_000

Options = dict[str, object]


def encode(pixels: Image.Image, plan: Plan, quality: int, tags: OutputTags) -> bytes:
    """Return the encoded image: L, LA, RGB or RGBA; JPEG gets a white background."""
    to = plan.format
    if to == "jpeg":
        return _encode_jpeg(flatten(pixels), plan, quality, tags)
    if to == "gif":
        return encode_gif(pixels)
    data = _save(pixels, to, _options(to, quality), tags)
    is_coded = plan.keeps_codes and tags.codes is not None
    return avif.with_codes(data, tags.codes) if is_coded and tags.codes else data


def encode_lossless(pixels: Image.Image, tags: OutputTags) -> bytes:
    """Return a lossless WebP."""
    return _save(pixels, "webp", {"lossless": True, "quality": 75, "method": 4}, tags)


def encode_smaller(pixels: Image.Image, plan: Plan, quality: int, tags: OutputTags) -> bytes:
    """Return the image as `encode` does, but PNG in 256 colours at the highest compression."""
    if plan.format != "png":
        return encode(pixels, plan, quality, tags)
    return _save(quantised(pixels), "png", {"compress_level": 9}, tags)


def encode_packed(pixels: Image.Image, tags: OutputTags) -> bytes:
    """Return a PNG in all its colours at the highest compression."""
    return _save(pixels, "png", {"compress_level": 9}, tags)


def quantised(pixels: Image.Image) -> Image.Image:
    """Return the pixels in at most 256 colours, each with its own alpha; grey stays grey."""
    if pixels.mode == "L":
        return pixels
    if pixels.mode == "RGB":
        return pixels.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    whole = pixels.convert("RGBA")
    return whole.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def flatten(pixels: Image.Image) -> Image.Image:
    """Return pixels with alpha on a white background, others unchanged."""
    if pixels.mode not in ("LA", "RGBA"):
        return pixels
    paper = Image.new("RGBA", pixels.size, "white")
    return Image.alpha_composite(paper, pixels.convert("RGBA")).convert("RGB")


def _encode_jpeg(pixels: Image.Image, plan: Plan, quality: int, tags: OutputTags) -> bytes:
    """Return a progressive file, or one with a single scan if that is smaller."""
    thinning = "4:4:4" if plan.is_drawn else "4:2:0"
    options: Options = {"quality": quality, "subsampling": thinning, "optimize": True}
    data = _save(pixels, "jpeg", {**options, "progressive": True}, tags)
    if len(data) > _PROGRESSIVE_FROM_BYTES:
        return data
    return min(data, _save(pixels, "jpeg", options, tags), key=len)


def _options(to: WebFormat, quality: int) -> Options:
    if to == "webp":
        return {"quality": quality, "method": 2}
    if to == "avif":
        return {"quality": quality, "speed": 9, "max_threads": 1, "advanced": _avif_shortcuts()}
    return {}


@cache
def _avif_shortcuts() -> dict[str, str]:
    """Return options that save a sixth of libaom's time for 1% more bytes."""
    from PIL import _avif  # noqa: PLC0415 - only where AVIF is made

    return {"disable-trellis-quant": "1"} if _avif.encoder_codec_available("aom") else {}


def _save(pixels: Image.Image, to: WebFormat, options: Options, tags: OutputTags) -> bytes:
    import_module(_ENCODERS[to])
    file = BytesIO()
    said = tags.options(to, is_grey=pixels.mode == "L")
    pixels.save(file, to, **options, **said)
    return file.getvalue()
