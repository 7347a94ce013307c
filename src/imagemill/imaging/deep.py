"""Decode PNG, TIFF, AVIF and HEIC with 16 bits per sample, and resize them, for renditions with 10.

Pillow has no colour of more than 8 bits, so each channel is an image of its own, in mode I;16.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from PIL import Image, ImageMath

from imagemill.errors import UnsupportedFormat
from imagemill.imaging import libavif
from imagemill.imaging.decode import open_image, translating
from imagemill.imaging.formats import avif
from imagemill.imaging.plan import Plan, stored_size
from imagemill.imaging.probing import Probed
from imagemill.imaging.resample import turn_upright
from imagemill.imaging.resize import turn_of, wanted_of
from imagemill.imaging.still import DeepImage, Still, to_pixels

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

Channels = tuple[Image.Image, ...]
Sides = tuple[int, int]
Edges = tuple[int, int, int, int]
Formula = Callable[[dict[str, Any]], Any]
_MOST = 65_535
_RGBA = 4
# Pillow's raw modes of the higher and the lower half of a PNG's samples.
_HALVES = ("16B", "16L")


def deepened(
    data: bytes, probed: Probed, plans: Sequence[Plan | None], stills: Sequence[Still]
) -> tuple[DeepImage | None, ...]:
    """Return the image of each plan with 16 bits per sample.

    All are None for an image whose layout is not read with more than 8 bits. `stills` are the same
    images with 8. Raises UnsupportedFormat without libavif, CorruptImage if the file is damaged.
    """
    if libavif.load() is None:
        raise UnsupportedFormat(
            f"AVIF with 10 bits needs the extra: pip install '{libavif.NEEDED}'"
        )
    with translating(probed.kind):
        channels = _decoded(data, probed)
    stored = stored_size(probed.facts)
    if channels is None or channels[0].size != (stored.width, stored.height):
        return (None,) * len(plans)
    return tuple(
        _resized(channels, probed, plan, still) if plan else None
        for plan, still in zip(plans, stills, strict=True)
    )


def _decoded(data: bytes, probed: Probed) -> Channels | None:
    """Return red, green and blue, and alpha if there is any, as stored; None for other layouts."""
    if probed.kind == "avif":
        return _of_avif(data)
    if probed.kind == "heic":
        return _of_heic(data, probed.facts.depth)
    return _of_png(data) if probed.kind == "png" else _of_tiff(data)


def _of_avif(data: bytes) -> Channels | None:
    library = libavif.load()
    if library is None:
        return None
    pixels = library.decode_deep(avif.with_joined_properties(data))
    channels = _apart(pixels.data, (pixels.width, pixels.height), pixels.channels)
    edges = avif.read_aperture(data)
    if edges is None:
        return channels
    box = (edges.left, edges.top, edges.right, edges.bottom)
    return tuple(channel.crop(box) for channel in channels)


def _of_heic(data: bytes, depth: int) -> Channels | None:
    """Return the channels of a HEIC, upright, and with the clean aperture applied by libheif."""
    # Imported here because it is an extra.
    import pillow_heif  # noqa: PLC0415

    opened = pillow_heif.open_heif(
        BytesIO(data), convert_hdr_to_8bit=False, hdr_to_16bit=False, remove_stride=True
    )
    mode, _, bits = opened.mode.partition(";")
    if mode not in ("RGB", "RGBA") or bits != str(depth):
        return None
    scale = _MOST / ((1 << depth) - 1)
    channels = _apart(bytes(opened.data), opened.size, len(mode))
    wide = (channel.convert("I").point(lambda value: value * scale + 0.5) for channel in channels)
    return tuple(channel.convert("I;16") for channel in wide)


def _apart(data: bytes, size: Sides, count: int) -> Channels:
    """Return the channels of pixels."""
    samples = array("H")
    samples.frombytes(data)
    return tuple(Image.frombytes("I;16", size, samples[at::count].tobytes()) for at in range(count))


def _of_png(data: bytes) -> Channels | None:
    """Return the channels of a PNG of 16 bits; None for grey with alpha, or a clear colour."""
    first = open_image(data, "png")
    if first.mode == "I;16" and "transparency" not in first.info:
        first.load()
        return (Image.Image.copy(first),) * 3
    if first.mode not in ("RGB", "RGBA") or "transparency" in first.info:
        return None
    return _joined(*(_half_of_png(data, half) for half in _HALVES))


def _half_of_png(data: bytes, half: str) -> "ImageFile":
    image = open_image(data, "png")
    [tile] = image.tile
    image.tile = [tile._replace(args=f"{image.mode};{half}")]
    image.load()
    return image


def _of_tiff(data: bytes) -> Channels:
    high, low = open_image(data, "tiff"), open_image(data, "tiff")
    vars(low)["shows_low_bytes"] = True
    for half in (high, low):
        half.load()
    return _joined(high, low)


def _joined(high: Image.Image, low: Image.Image) -> Channels:
    """Return channels of 16 bits from their halves; grey three times."""
    pairs = zip(high.split(), low.split(), strict=True)
    channels = tuple(
        Image.frombytes("I;16", high.size, Image.merge("LA", (lower, upper)).tobytes())
        for upper, lower in pairs
    )
    return channels * 3 if len(channels) == 1 else channels


def _resized(channels: Channels, probed: Probed, plan: Plan, still: Still) -> DeepImage:
    """Return the part and size of a plan, upright."""
    wanted = wanted_of(probed.facts, plan)
    size, part, turn = wanted.size, wanted.part, turn_of(probed.facts, plan)
    sides, box = (size.width, size.height), (part.left, part.top, part.right, part.bottom)
    resize = _with_alpha if len(channels) == _RGBA else _scaled
    upright = tuple(turn_upright(channel, turn) for channel in resize(channels, sides, box))
    return DeepImage(to_pixels(still), upright)


def _scaled(channels: Iterable[Image.Image], size: Sides, box: Edges) -> Channels:
    return tuple(channel.resize(size, Image.Resampling.LANCZOS, box=box) for channel in channels)


def _with_alpha(channels: Channels, size: Sides, box: Edges) -> Channels:
    """Scale colours weighed by their alpha, so that clear pixels do not count."""
    *colours, alpha = (channel.convert("I").convert("F") for channel in channels)
    weighed = (_calculated(lambda a: a["x"] * a["y"] / _MOST, c, alpha) for c in colours)
    *colours, opacity = _scaled((*weighed, alpha), size, box)
    even = (
        _calculated(lambda a: a["x"] * _MOST / a["max"](a["y"], 1), c, opacity) for c in colours
    )
    return tuple(_in_range(channel).convert("I").convert("I;16") for channel in (*even, opacity))


def _in_range(channel: Image.Image) -> Image.Image:
    """Return rounded floats within 16 bits."""
    return _calculated(lambda a: a["min"](a["max"](a["x"] + 0.5, 0), _MOST), channel, channel)


def _calculated(formula: Formula, x: Image.Image, y: Image.Image) -> Image.Image:
    return cast("Image.Image", ImageMath.lambda_eval(formula, x=x, y=y))
