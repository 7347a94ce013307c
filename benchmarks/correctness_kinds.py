"""Cases of newer kinds of images and options, each asked of every tool that has the option."""

import struct
from collections.abc import Iterator
from math import log2

from fakes.gain_maps import APPLE, XMP, packet, ultra_hdr
from fakes.heifs import APPLE_MAP, Item, coded
from fakes.heifs import heif as container
from PIL import Image, ImageFilter

from benchmarks.correctness_asked import Asked
from benchmarks.correctness_case import Case
from benchmarks.correctness_drawn import quarters
from benchmarks.correctness_originals import (
    P3,
    Write,
    by_pillow,
    fitted,
    heif,
    in_srgb,
    jxl,
    register_heif,
    saved,
    turned,
)
from benchmarks.images import detailed
from imagemill.imaging.gain_maps.metadata import GainMetadata, iso_bytes

_WIDE, _FITTED = (900, 600), (500, 333)
_SMALL, _SMALL_FITTED = (240, 160), (120, 80)
_GAINED, _GAINED_FITTED = (480, 320), (240, 160)
_ORIENTATION = 0x0112
_WEB = ("jpeg", "png", "webp", "avif")
_LOSSY = ("jpeg", "webp", "avif", "jxl")
# A budget that photos of 500 px meet in every lossy format, and a score, as users would ask for.
_BUDGET, _SCORE = 20_000, 75
# Gain of a map's darkest and brightest level, stops, as `fakes.gain_maps.ULTRA_HDR` says.
_LOW, _HIGH = -1.0, 3.0
# Apple's headroom as a factor, and the curve of BT.709 that its levels have.
_HEADROOM = 8.0
_KNEE, _SLOPE, _OFFSET, _POWER = 0.081, 4.5, 0.099, 1 / 0.45


def kinds() -> list[Case]:
    """Return all cases."""
    return [
        *_small_files(),
        *_budgets(),
        *_scores(),
        *_gain_maps(),
        *_wide_gamut(),
        *_covers(),
        *_pads(),
    ]


def _small_files() -> Iterator[Case]:
    """Yield originals of few bytes that shrink, and drawings with a palette."""
    # Dithered, so that it has more bytes than fit into one network packet.
    photo, drawing = detailed(_WIDE), detailed((90, 60)).resize(_WIDE).quantize(24)
    files = {
        "JPEG of quality 20": saved(photo, "JPEG", quality=20),
        "WebP of quality 5": saved(photo, "WEBP", quality=5),
        "AVIF of quality 20": saved(photo, "AVIF", quality=20, speed=9),
        "PNG with a palette": saved(drawing, "PNG", optimize=True),
        "GIF": saved(drawing, "GIF"),
        "WebP without loss, a drawing": saved(drawing.convert("RGB"), "WEBP", lossless=True),
    }
    for name, data in files.items():
        yield Case("not larger when it shrinks", name, data, _FITTED, max_bytes=len(data))
    for to in ("webp", "avif"):
        data = files["JPEG of quality 20"]
        name = f"JPEG of quality 20 → {to}"
        asked = Asked(to=to)
        yield Case(
            "not larger when it shrinks", name, data, _FITTED, max_bytes=len(data), asked=asked
        )


def _budgets() -> Iterator[Case]:
    data = saved(detailed(_WIDE), "JPEG", quality=92)
    for to in _LOSSY:
        asked = Asked(to=to, max_bytes=_BUDGET)
        yield Case("at most 20 kB", to, data, _FITTED, max_bytes=_BUDGET, asked=asked)
    drawing = saved(detailed(_WIDE).quantize(200), "PNG")
    asked = Asked(to="png", max_bytes=3 * _BUDGET)
    yield Case("at most 60 kB", "png", drawing, _FITTED, max_bytes=3 * _BUDGET, asked=asked)


def _scores() -> Iterator[Case]:
    """Yield photos at their own size, so that the pixels before encoding are known."""
    photo = detailed(_FITTED)
    images = {"photo": photo, "soft photo": photo.filter(ImageFilter.GaussianBlur(2))}
    for name, image in images.items():
        for to in _LOSSY:
            data = saved(image, "PNG")
            feature, asked = f"quality for a score, {name}", Asked(to=to, score=_SCORE)
            # The score is the tolerance.
            shown = image.convert("RGBA")
            yield Case(feature, to, data, _FITTED, shown, tolerance=255, asked=asked)


def _gain_maps() -> Iterator[Case]:
    """Yield each form of gain map, which a smaller JPEG has to keep."""
    # Without grain, which every encoder changes.
    base = detailed(_GAINED).filter(ImageFilter.GaussianBlur(2))
    level = Image.linear_gradient("L").resize((_GAINED[0] // 2, _GAINED[1] // 2))
    gain = _gain(level)
    asked = Asked(*(max(_GAINED_FITTED),) * 2, "jpeg", keeps_gain_map=True)
    colour = Image.merge("RGB", (level, level, level))
    exif = Image.Exif()
    exif[_ORIENTATION] = 6
    files = {
        "Ultra HDR, grey": (ultra_hdr(base, level), gain),
        "Ultra HDR, colour": (ultra_hdr(base, colour), gain),
        "Ultra HDR, turned by its tag": (
            ultra_hdr(turned(base, 6), turned(level, 6), exif=exif.tobytes()),
            gain,
        ),
        "AVIF, ISO 21496-1": (_tone_mapped(base, level), gain),
        "HEIC, Apple": (_apple(base, level), _apple_gain(level)),
    }
    for name, (data, expected) in files.items():
        size, shown = _GAINED_FITTED, fitted(base, _GAINED_FITTED)
        yield Case("gain map kept", name, data, size, shown, gain=expected, asked=asked)


def _tone_mapped(base: Image.Image, level: Image.Image) -> bytes:
    metadata = GainMetadata((_LOW,), (_HIGH,), (1.0,), (0.0,), (0.0,), 0.0, _HIGH)
    size = (b"ispe", struct.pack(">III", 0, *base.size))
    described = Item(b"tmap", b"\0" + iso_bytes(metadata), (size,), b"dimg", (1, 2))
    return container(b"avif", (coded(base), coded(level), described))


def _apple(base: Image.Image, level: Image.Image) -> bytes:
    told = packet(f'HDRGainMap:HDRGainMapHeadroom="{_HEADROOM}"', APPLE, "HDRGainMap")
    register_heif()
    auxiliary = (b"auxC", bytes(4) + APPLE_MAP)
    items = (
        coded(base, to="HEIF"),
        coded(level, auxiliary, to="HEIF", reference=b"auxl", of=1),
        Item(b"mime", told[len(XMP) :], (), b"cdsc", (2,)),
    )
    return container(b"heic", items)


def _gain(level: Image.Image) -> Image.Image:
    """Return the gain in stops, in the size of the rendition."""
    shown = level.resize(_GAINED_FITTED, Image.Resampling.LANCZOS).convert("F")
    return shown.point(lambda value: value * ((_HIGH - _LOW) / 255) + _LOW)


def _apple_gain(level: Image.Image) -> Image.Image:
    """Return the gain by Apple's formula: 1 + (headroom - 1) × light."""
    shown = level.resize(_GAINED_FITTED, Image.Resampling.LANCZOS)
    gains = [log2(1 + (_HEADROOM - 1) * _light(value / 255)) for value in range(256)]
    found = Image.new("F", _GAINED_FITTED)
    found.putdata([gains[value] for value in shown.tobytes()])
    return found


def _light(signal: float) -> float:
    if signal < _KNEE:
        return signal / _SLOPE
    light: float = ((signal + _OFFSET) / (1 + _OFFSET)) ** _POWER
    return light


def _wide_gamut() -> Iterator[Case]:
    """Yield saturated colours of Display P3, whose values every format has to keep."""
    writers: dict[str, Write] = {
        "JPEG": by_pillow("JPEG", quality=95, subsampling=0),
        "PNG": by_pillow("PNG"),
        "WebP": by_pillow("WEBP", lossless=True),
        "AVIF": by_pillow("AVIF", quality=95, speed=9),
        "HEIC": heif,
        "JPEG XL": jxl,
        "TIFF": by_pillow("TIFF"),
    }
    image = _saturated(_SMALL)
    for name, write in writers.items():
        for to in _WEB:
            yield _wide_case(f"{name} → {to}", write(image, 1, P3), image, to, keeps=True)
    for to in _WEB:
        data = by_pillow("PNG")(image, 1, P3)
        yield _wide_case(f"PNG → {to}, not asked to keep it", data, image, to, keeps=False)


def _wide_case(name: str, data: bytes, image: Image.Image, to: str, *, keeps: bool) -> Case:
    asked = Asked(*(max(_SMALL_FITTED),) * 2, to, keeps_gamut=keeps)
    shown = fitted(image if keeps else in_srgb(image, P3), _SMALL_FITTED)
    feature, colours = ("wide gamut kept", P3) if keeps else ("wide gamut in sRGB", b"")
    return Case(feature, name, data, _SMALL_FITTED, shown, colours=colours, asked=asked)


def _saturated(size: tuple[int, int]) -> Image.Image:
    width, height = size
    image = Image.new("RGB", size, (250, 10, 10))
    image.paste((10, 250, 10), (width // 2, 0, width, height // 2))
    image.paste((20, 20, 250), (0, height // 2, width // 2, height))
    image.paste((250, 240, 10), (width // 2, height // 2, width, height))
    return image


def _covers() -> Iterator[Case]:
    """Yield squares of a wide and a tall image, at each place and around a point."""
    for shape in (_WIDE, _WIDE[::-1]):
        image = quarters(shape)
        data = by_pillow("JPEG", quality=92)(image, 1, b"")
        name = "wide" if shape == _WIDE else "tall"
        for place, (across, down) in _PLACES.items():
            asked = Asked(300, 300, fit="cover", place=place)
            reference = _square(image, across, down)
            yield Case(f"cover, {name}", place, data, (300, 300), reference, asked=asked)
        asked = Asked(300, 300, fit="cover", focus=(0.25, 0.3))
        reference = _square_around(image, 0.25, 0.3)
        yield Case(f"cover, {name}", "around 0.25, 0.3", data, (300, 300), reference, asked=asked)
    image = quarters(_WIDE)
    for orientation in range(2, 9):
        stored = turned(image, orientation)
        data = by_pillow("JPEG", quality=92)(stored, orientation, b"")
        asked = Asked(300, 300, fit="cover", place="west")
        reference, name = _square(image, 0, 0.5), f"west, orientation {orientation}"
        yield Case("cover, wide", name, data, (300, 300), reference, asked=asked)


# Place of the square between the edges, 0 to 1, across and down.
_PLACES = {
    "north": (0.5, 0), "northeast": (1, 0), "east": (1, 0.5), "southeast": (1, 1),
    "south": (0.5, 1), "southwest": (0, 1), "west": (0, 0.5), "northwest": (0, 0),
    "centre": (0.5, 0.5),
}  # fmt: skip


def _square(image: Image.Image, across: float, down: float) -> Image.Image:
    side = min(image.size)
    left, top = round((image.width - side) * across), round((image.height - side) * down)
    return fitted(image.crop((left, top, left + side, top + side)), (300, 300))


def _square_around(image: Image.Image, across: float, down: float) -> Image.Image:
    side = min(image.size)
    left = min(max(0, round(image.width * across) - side // 2), image.width - side)
    top = min(max(0, round(image.height * down) - side // 2), image.height - side)
    return fitted(image.crop((left, top, left + side, top + side)), (300, 300))


def _pads() -> Iterator[Case]:
    """Yield an image on a background, in the middle and at an edge, opaque and transparent."""
    clear = quarters(_WIDE)
    clear.putalpha(Image.linear_gradient("L").resize(_WIDE))
    for name, image in (("JPEG", quarters(_WIDE)), ("PNG with alpha", clear)):
        for place, down in (("centre", 50), ("north", 0), ("south", 100)):
            canvas = Image.new("RGBA", (300, 300), (0x33, 0x66, 0x99, 255))
            canvas.alpha_composite(fitted(image, (300, 200)), (0, down))
            data = saved(image, "JPEG" if image.mode == "RGB" else "PNG")
            asked = Asked(300, 300, fit="pad", place=place, background="336699")
            yield Case(f"pad, {name}", place, data, (300, 300), canvas, asked=asked)
