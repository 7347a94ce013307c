"""Pixels → bytes of a format, without any metadata."""

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from io import BytesIO

from PIL import Image

from imagemill.imaging import avif, webp
from imagemill.imaging.animation import Film
from imagemill.imaging.plan import Plan, WebFormat
from imagemill.imaging.stamp import Stamp

_ENCODERS: dict[WebFormat, str] = {
    "jpeg": "PIL.JpegImagePlugin",
    "png": "PIL.PngImagePlugin",
    "webp": "PIL.WebPImagePlugin",
    "gif": "PIL.GifImagePlugin",
    "avif": "PIL.AvifImagePlugin",
}
_OPAQUE = 128
"""GIF knows only clear and opaque; this much alpha and more is opaque."""
_CLEAR_INDEX = 255
_LONGEST_MS: dict[WebFormat, int] = {"gif": 655_350, "webp": (1 << 24) - 1, "png": 65_535}
"""That a frame can be shown."""
_MOST_PLAYS = 65_535
_GOOD, _FAST = Image.Quantize.MEDIANCUT, Image.Quantize.FASTOCTREE
_MANY_PIXELS = 8_000_000
"""Of a whole animation, from which on choosing its colours well takes too long."""

_PROGRESSIVE_FROM_BYTES = 12_000
"""Below it the tables of ten scans may outweigh what they save; above it they hardly ever do."""

Options = dict[str, object]


def encode(pixels: Image.Image, plan: Plan, quality: int, stamp: Stamp) -> bytes:
    """Return one picture, L, LA, RGB or RGBA, as a file; JPEG gets transparency on white."""
    to = plan.format
    if to == "jpeg":
        return _encode_jpeg(flatten(pixels), plan, quality, stamp)
    if to == "gif":
        return _save(to_palette(pixels), to, {}, stamp)
    data = _save(pixels, to, _options(to, quality), stamp)
    is_coded = plan.keeps_codes and stamp.codes is not None
    return avif.with_codes(data, stamp.codes) if is_coded and stamp.codes else data


def encode_lossless(pixels: Image.Image, stamp: Stamp) -> bytes:
    """Return one picture as a WebP without loss."""
    return _save(pixels, "webp", {"lossless": True, "quality": 75, "method": 4}, stamp)


def encode_film(film: Film, to: WebFormat, quality: int, stamp: Stamp) -> bytes:
    """Return an animation as a file."""
    options = _options(to, quality)
    pictures = [frame.pixels for frame in film.frames]
    plays = min(film.plays, _MOST_PLAYS)
    if to == "gif":
        method = _FAST if _pixels(pictures) > _MANY_PIXELS else _GOOD
        pictures = [to_palette(picture, method) for picture in pictures]
        is_clear = any("transparency" in picture.info for picture in pictures)
        options["disposal"] = 2 if is_clear else 1
    if to == "webp":
        options["method"] = 2
    if to != "gif" or plays != 1:
        options["loop"] = plays - 1 if to == "gif" and plays else plays
    longest = _LONGEST_MS[to]
    options["duration"] = [min(max(frame.duration_ms, 0), longest) for frame in film.frames]
    if to == "png" and film.poster:
        pictures.insert(0, film.poster)
        options["default_image"] = True
    options["save_all"] = True
    options["append_images"] = pictures[1:]
    data = _save(pictures[0], to, options, stamp)
    return webp.declare_alpha(data) if to == "webp" and pictures[0].mode == "RGBA" else data


def encode_smaller(pixels: Image.Image, plan: Plan, quality: int, stamp: Stamp) -> bytes:
    """Return one picture as `encode` does, but PNG in 256 colours and packed as hard as it goes."""
    if plan.format != "png":
        return encode(pixels, plan, quality, stamp)
    return _save(quantised(pixels), "png", {"compress_level": 9}, stamp)


def encode_packed(pixels: Image.Image, stamp: Stamp) -> bytes:
    """Return one picture as a PNG of all its colours, packed as hard as it goes."""
    return _save(pixels, "png", {"compress_level": 9}, stamp)


def quantised(pixels: Image.Image) -> Image.Image:
    """Return the pixels in at most 256 colours, each with its own alpha; grey stays grey."""
    if pixels.mode == "L":
        return pixels
    if pixels.mode == "RGB":
        return pixels.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    whole = pixels.convert("RGBA")
    return whole.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def flatten(pixels: Image.Image) -> Image.Image:
    """Return the pixels on white paper when they have alpha."""
    if pixels.mode not in ("LA", "RGBA"):
        return pixels
    paper = Image.new("RGBA", pixels.size, "white")
    return Image.alpha_composite(paper, pixels.convert("RGBA")).convert("RGB")


def to_palette(pixels: Image.Image, method: Image.Quantize = _GOOD) -> Image.Image:
    """Return the pixels in at most 256 colours, one of them clear where alpha is low."""
    if pixels.mode in ("L", "P"):
        return pixels
    if pixels.mode == "RGB":
        return pixels.quantize(256, method)
    alpha = pixels.getchannel("A")
    clear = alpha.point([255] * _OPAQUE + [0] * (256 - _OPAQUE))
    opaque = pixels.convert("RGB")
    opaque.paste(_any_opaque_colour(opaque, clear), (0, 0), clear)
    palette = opaque.quantize(_CLEAR_INDEX, method)
    if clear.getbbox():
        palette.paste(_CLEAR_INDEX, (0, 0), clear)
        palette.info["transparency"] = _CLEAR_INDEX
    return palette


def _encode_jpeg(pixels: Image.Image, plan: Plan, quality: int, stamp: Stamp) -> bytes:
    """Return a progressive file, or one in a single scan where that is the smaller."""
    thinning = "4:4:4" if plan.is_drawn else "4:2:0"
    options: Options = {"quality": quality, "subsampling": thinning, "optimize": True}
    data = _save(pixels, "jpeg", {**options, "progressive": True}, stamp)
    if len(data) > _PROGRESSIVE_FROM_BYTES:
        return data
    return min(data, _save(pixels, "jpeg", options, stamp), key=len)


def _pixels(pictures: Sequence[Image.Image]) -> int:
    return sum(picture.width * picture.height for picture in pictures)


def _any_opaque_colour(pixels: Image.Image, clear: Image.Image) -> tuple[int, int, int]:
    """Return a colour that clear pixels may take without costing the palette one of its own."""
    seen = clear.point([255] + [0] * 255).getbbox()
    if seen is None:
        return (0, 0, 0)
    left, top, right, _ = seen
    row = clear.crop((left, top, right, top + 1)).tobytes()
    red, green, blue = pixels.crop(
        (left + row.index(0), top, left + row.index(0) + 1, top + 1)
    ).tobytes()
    return red, green, blue


def _options(to: WebFormat, quality: int) -> Options:
    if to == "webp":
        return {"quality": quality, "method": 2}
    if to == "avif":
        return {"quality": quality, "speed": 9, "max_threads": 1, "advanced": _avif_shortcuts()}
    return {}


@cache
def _avif_shortcuts() -> dict[str, str]:
    """Return what saves libaom a sixth of its time and costs a hundredth of bytes."""
    from PIL import _avif  # noqa: PLC0415 - only where AVIF is made

    return {"disable-trellis-quant": "1"} if _avif.encoder_codec_available("aom") else {}


def _save(pixels: Image.Image, to: WebFormat, options: Options, stamp: Stamp) -> bytes:
    import_module(_ENCODERS[to])
    file = BytesIO()
    said = stamp.options(to, is_grey=pixels.mode == "L")
    pixels.save(file, to, **options, **said)
    return file.getvalue()
