"""Encode pixels in a format, without the original's metadata."""

from io import BytesIO

from PIL import Image

from imagemill.imaging.encode_jpeg import encode_jpeg
from imagemill.imaging.encode_png import encode_packed, encode_png, load_encoder
from imagemill.imaging.fastjpeg import Samples
from imagemill.imaging.formats import avif
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import Plan, WebFormat
from imagemill.imaging.still import DeepImage, Encodable, to_pixels

_ENCODERS: dict[WebFormat, str] = {
    "webp": "PIL.WebPImagePlugin",
    "gif": "PIL.GifImagePlugin",
    "avif": "PIL.AvifImagePlugin",
}

# zlib level of a palette: level 9 saves another 3 to 5% in five times the time.
_PALETTE_LEVEL = 6

# Colours of a palette, and those of an RGB image up to which they are chosen by a median cut, which
# is nearly exact then. Of more colours the octree is as close by SSIMULACRA 2, makes a fifth fewer
# bytes, and takes a thirtieth of the time.
_COLOURS, _FEW_COLOURS = 256, 2_048
# Of fewer colours the octree leaves most of an image transparent; the other number is the least
# alpha of an opaque pixel then.
_LEAST_OF_OCTREE, _OPAQUE = 64, 128
# Without an effort: libwebp's method for lossy and lossless images. Otherwise it is the effort.
_WEBP_METHOD, _LOSSLESS_METHOD = 2, 4

Options = dict[str, object]


def encode(
    still: Encodable, plan: Plan, quality: int, tags: OutputTags, *, sandboxed: bool = False
) -> bytes:
    """Return the encoded image: samples, L, LA, RGB or RGBA; JPEG gets a white background.

    `sandboxed` allows to encode PNG in the sandbox.
    """
    to = plan.format
    if to == "avif":
        return _encode_avif(still, plan, quality, tags)
    if to == "jpeg" and not isinstance(still, DeepImage):
        return encode_jpeg(still, plan, quality, tags)
    data = _webp_of_samples(still, plan, quality, tags) if to == "webp" else None
    return data or _encode_pixels(to_pixels(still), plan, quality, tags, sandboxed=sandboxed)


def _encode_pixels(
    pixels: Image.Image, plan: Plan, quality: int, tags: OutputTags, *, sandboxed: bool
) -> bytes:
    """Return an image in any format but JPEG."""
    to = plan.format
    if to == "png":
        return encode_png(pixels, plan.effort, tags, sandboxed=sandboxed)
    if to == "gif":
        # Imported here because few images become a GIF and a cold start need not load it.
        from imagemill.imaging.gif_encoder import encode_gif  # noqa: PLC0415

        return encode_gif(pixels)
    if to == "jxl":
        # Imported here because the sandbox is loaded where JPEG XL is read or made only.
        from imagemill.imaging.jxl_encoder import encode_jxl  # noqa: PLC0415

        return encode_jxl(pixels, quality, plan.effort, tags)
    return _save(pixels, to, _options(to, quality, plan.effort), tags)


def _webp_of_samples(still: Encodable, plan: Plan, quality: int, tags: OutputTags) -> bytes | None:
    """Return a lossy WebP if the image has samples and they can be encoded."""
    if not isinstance(still, Samples):
        return None
    # Imported here because a cold start need not load it.
    from imagemill.imaging.webp_samples import encode_webp  # noqa: PLC0415

    return encode_webp(still, quality, webp_method(plan.effort), tags)


def encode_lossless(pixels: Image.Image, plan: Plan, tags: OutputTags) -> bytes:
    """Return a lossless WebP."""
    method = _LOSSLESS_METHOD if plan.effort is None else plan.effort
    return _save(pixels, "webp", {"lossless": True, "quality": 75, "method": method}, tags)


def encode_palette(quantised: Image.Image, tags: OutputTags) -> bytes:
    """Return a PNG of an image from `quantise`."""
    return encode_packed(quantised, tags, _PALETTE_LEVEL)


def lossless_bytes(pixels: Image.Image, tags: OutputTags) -> int:
    """Return the bytes of a lossless WebP made with the least effort, in a tenth of the time."""
    return len(_save(pixels, "webp", {"lossless": True, "quality": 0, "method": 0}, tags))


def quantise(pixels: Image.Image) -> Image.Image:
    """Return the pixels in at most 256 colours, each with its own alpha; grey stays grey.

    RGB with no more colours than that keeps them exactly.
    """
    if pixels.mode == "L":
        return pixels
    if pixels.mode == "RGB" and pixels.getcolors(_FEW_COLOURS):
        return pixels.quantize(_COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    whole = pixels if pixels.mode == "RGB" else pixels.convert("RGBA")
    return whole.quantize(_COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)


def quantise_further(quantised: Image.Image, colours: int) -> Image.Image:
    """Return an image from `quantise` in at most `colours` colours, at least two."""
    if quantised.mode == "L":
        return quantised.quantize(colours, dither=Image.Dither.NONE)
    if not quantised.has_transparency_data:
        return quantised.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    pixels = quantised.convert("RGBA")
    if colours >= _LEAST_OF_OCTREE:
        return pixels.quantize(colours, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    return _with_clear_index(pixels, colours)


def _with_clear_index(pixels: Image.Image, colours: int) -> Image.Image:
    """Return RGBA pixels in fewer opaque colours than `colours`, and a transparent one."""
    clear = pixels.getchannel("A").point([255] * _OPAQUE + [0] * (256 - _OPAQUE))
    indices = pixels.convert("RGB").quantize(colours - 1, dither=Image.Dither.NONE)
    palette = (indices.getpalette() or [])[: 3 * (colours - 1)]
    unused = len(palette) // 3
    indices.putpalette([*palette, 0, 0, 0])
    indices.paste(unused, (0, 0), clear)
    indices.info["transparency"] = unused
    return indices


def webp_method(effort: int | None) -> int:
    """Return libwebp's method for a lossy image."""
    return _WEBP_METHOD if effort is None else effort


def _encode_avif(still: Encodable, plan: Plan, quality: int, tags: OutputTags) -> bytes:
    """Return a file by libavif, or by the one in Pillow."""
    # Imported here because few images become an AVIF and a cold start need not load it.
    from imagemill.imaging.encode_avif import encode_avif, encode_deep_avif  # noqa: PLC0415
    from imagemill.imaging.vector_registers import release_vector_registers  # noqa: PLC0415

    if isinstance(still, DeepImage):
        return encode_deep_avif(still, quality, plan.effort, tags)
    data = encode_avif(still, quality, plan.effort, tags)
    if data is not None:
        return data
    data = _save(to_pixels(still), "avif", _options("avif", quality, plan.effort), tags)
    release_vector_registers()
    return avif.with_codes(data, tags.codes) if tags.codes else data


def _options(to: WebFormat, quality: int, effort: int | None) -> Options:
    if to == "webp":
        return {"quality": quality, "method": webp_method(effort)}
    if to == "avif":
        # Imported here because it loads libaom.
        from imagemill.imaging import avif_options  # noqa: PLC0415

        version = avif_options.libaom_version()
        quality, advanced = avif_options.still_options(quality, version)
        speed = avif_options.speed(effort)
        return {"quality": quality, "speed": speed, "max_threads": 1, "advanced": advanced}
    return {}


def _save(pixels: Image.Image, to: WebFormat, options: Options, tags: OutputTags) -> bytes:
    load_encoder(_ENCODERS[to])
    file = BytesIO()
    said = tags.options(to, is_grey=False)
    pixels.save(file, to, **options, **said)
    return file.getvalue()
