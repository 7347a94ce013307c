"""Generated test images, one feature each, with their expected results."""

import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from random import Random

from PIL import Image, ImageCms

from benchmarks.correctness_case import Case
from imagemill.imaging.icc import from_codes

_WIDE, _FITTED = (900, 600), (500, 333)
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
_ORIENTATION, _GPS = 0x0112, 0x8825


def drawn() -> list[Case]:
    """Return all cases."""
    return [
        *_formats(),
        *_orientations(),
        *_colours(),
        *_alphas(),
        *_animations(),
        *_shapes(),
        *_economies(),
        *_damages(),
        *_refusals(),
    ]


def quarters(size: tuple[int, int]) -> Image.Image:
    """Return red, green, blue and yellow quarters with a soft gradient across them."""
    width, height = size
    image = Image.new("RGB", size, (220, 30, 30))
    image.paste((30, 200, 40), (width // 2, 0, width, height // 2))
    image.paste((30, 40, 210), (0, height // 2, width // 2, height))
    image.paste((240, 220, 40), (width // 2, height // 2, width, height))
    ramp = Image.linear_gradient("L").resize(size).convert("RGB")
    return Image.blend(image, ramp, 0.25)


def noise(size: tuple[int, int]) -> Image.Image:
    """Return random noise from a fixed seed."""
    grains = Random(5).randbytes(size[0] * size[1] * 3)  # noqa: S311 - the same every time
    return Image.frombytes("RGB", size, grains)


def _save(image: Image.Image, to: str, **options: object) -> bytes:
    file = BytesIO()
    image.save(file, to, **options)
    return file.getvalue()


def _fitted(image: Image.Image, size: tuple[int, int] = _FITTED) -> Image.Image:
    return image.resize(size, Image.Resampling.LANCZOS).convert("RGBA")


def _formats() -> Iterator[Case]:
    image = quarters(_WIDE)
    reference = _fitted(image)
    ways: dict[str, tuple[str, dict[str, object]]] = {
        "JPEG baseline": ("JPEG", {}),
        "JPEG progressive": ("JPEG", {"progressive": True}),
        "PNG": ("PNG", {}),
        "WebP lossy": ("WEBP", {"quality": 90}),
        "WebP lossless": ("WEBP", {"lossless": True}),
        "AVIF": ("AVIF", {"quality": 90, "speed": 9}),
        "TIFF": ("TIFF", {}),
        "TIFF, LZW": ("TIFF", {"compression": "tiff_lzw"}),
        "TIFF, JPEG inside": ("TIFF", {"compression": "jpeg", "quality": 95}),
        "BMP": ("BMP", {}),
        "JPEG 2000": ("JPEG2000", {}),
        "MPO": ("MPO", {"save_all": True, "append_images": [image.rotate(180)]}),
    }
    for name, (to, options) in ways.items():
        yield Case("format", name, _save(image, to, **options), _FITTED, reference)
    yield Case("format", "TIFF, float samples", _float_tiff(), (1, 1), _dot((188, 188, 188)))
    icon = quarters((256, 256))
    data = _save(icon, "ICO", sizes=[(16, 16), (256, 256)])
    yield Case("format", "ICO, largest image", data, (256, 256), icon.convert("RGBA"))


def _orientations() -> Iterator[Case]:
    upright = quarters(_WIDE)
    for to in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        for orientation in range(1, 9) if to == "JPEG" else (6,):
            exif = Image.Exif()
            exif[_ORIENTATION] = orientation
            turn = TURNS.get(orientation)
            data = _save(upright if turn is None else upright.transpose(turn), to, exif=exif)
            yield Case("orientation", f"{to} {orientation}", data, _FITTED, _fitted(upright))


def _colours() -> Iterator[Case]:
    image = quarters(_WIDE)
    for name, codes in (("Display P3", (12, 13)), ("BT.2020", (9, 13)), ("linear light", (1, 8))):
        profile = from_codes(*codes) or b""
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        shown = ImageCms.profileToProfile(
            image, source, ImageCms.createProfile("sRGB"), ImageCms.Intent.RELATIVE_COLORIMETRIC
        )
        for to in ("JPEG", "PNG"):
            data = _save(image, to, icc_profile=profile)
            yield Case("profile", f"{name}, {to}", data, _FITTED, _fitted(shown or image))
    inks = image.convert("CMYK")
    data = _save(inks, "JPEG", quality=95)
    yield Case("CMYK", "no profile", data, _FITTED, _fitted(inks.convert("RGB")))
    grey = Image.linear_gradient("L").resize(_WIDE)
    for to in ("PNG", "TIFF"):
        deep = grey.convert("I").point(lambda value: value * 257).convert("I;16")
        yield Case("16 bits", f"grey {to}", _save(deep, to), _FITTED, _fitted(grey))
    stripes = Image.frombytes("1", (800, 8), b"\xaa" * 800)
    mean = Image.new("RGBA", (500, 5), (127, 127, 127))
    yield Case("black and white", "averaged to grey", _save(stripes, "PNG"), (500, 5), mean)


def _alphas() -> Iterator[Case]:
    clear = quarters(_WIDE)
    clear.putalpha(Image.linear_gradient("L").resize(_WIDE))
    for to in ("PNG", "WEBP", "TIFF", "AVIF"):
        yield Case("alpha", to, _save(clear, to), _FITTED, _fitted(clear))
    hidden = Image.new("RGBA", _WIDE, (0, 255, 0, 0))
    hidden.paste((255, 0, 0, 255), (0, 0, 450, 600))
    shown = Image.new("RGBA", _FITTED, (255, 0, 0, 0))
    shown.paste((255, 0, 0, 255), (0, 0, 250, 333))
    yield Case("alpha", "hidden colours do not bleed", _save(hidden, "PNG"), _FITTED, shown)
    palette = Image.new("P", (600, 300), 0)
    palette.putpalette([9, 9, 9, 0, 0, 255])
    palette.paste(1, (300, 0, 600, 300))
    shown = Image.new("RGBA", (500, 250), (0, 0, 255, 0))
    shown.paste((0, 0, 255, 255), (250, 0, 500, 250))
    for name, data in (
        ("palette entry", _save(palette, "PNG", transparency=0)),
        ("key colour", _save(palette.convert("RGB"), "PNG", transparency=(9, 9, 9))),
        ("GIF", _save(palette, "GIF", transparency=0)),
    ):
        yield Case("alpha", name, data, (500, 250), shown)


def _animations() -> Iterator[Case]:
    frames = [quarters((600, 400)).rotate(angle) for angle in (0, 90, 180, 270)]
    reference = _fitted(frames[0])
    for to in ("GIF", "WEBP", "PNG", "AVIF"):
        data = _save(frames[0], to, save_all=True, append_images=frames[1:], duration=80)
        yield Case("animation", to, data, _FITTED, reference, frames=4, tolerance=9)


def _shapes() -> Iterator[Case]:
    for width, height, fitted in (
        (3000, 1, (500, 1)),
        (1, 3000, (1, 500)),
        (1200, 801, (500, 334)),
        (940, 2, (500, 1)),
        (300, 200, (300, 200)),
    ):
        data = _save(Image.new("RGB", (width, height), "teal"), "PNG")
        yield Case("size", f"{width} × {height}", data, fitted)


def _economies() -> Iterator[Case]:
    exif = Image.Exif()
    exif.get_ifd(_GPS)[1] = "N"
    exif[0x010E] = "secret"
    for to, options in (
        ("JPEG", {"quality": 40}),
        ("PNG", {"compress_level": 9}),
        ("WEBP", {"quality": 30}),
    ):
        data = _save(noise((300, 200)), to, exif=exif, **options)
        yield Case("not larger than the original", to, data, (300, 200), max_bytes=len(data))
        located = _save(noise((900, 600)), to, exif=exif, **options)
        yield Case("location removed", to, located, _FITTED)
    chart = quarters((400, 300)).quantize(16)
    data = _save(chart, "PNG")
    yield Case("not larger than the original", "palette PNG", data, (400, 300), max_bytes=len(data))


def _damages() -> Iterator[Case]:
    image = quarters(_WIDE)
    for to in ("JPEG", "PNG", "GIF", "TIFF"):
        data = _save(image, to)
        yield Case("truncated, shown as far as possible", to, data[: len(data) * 9 // 10], _FITTED)
    jpeg = _save(image, "JPEG")
    reference = _fitted(image)
    yield Case("phones", "bytes after the end", jpeg + bytes(5000), _FITTED, reference)
    yield Case("phones", "no end marker", jpeg[:-2], _FITTED, reference)
    png = _save(image, "PNG")
    junk = struct.pack(">I", 4) + b"iCCPjunk" + bytes(4)
    yield Case("damaged profile chunk", "PNG", png[:33] + junk + png[33:], _FITTED, reference)


def _refusals() -> Iterator[Case]:
    bomb = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    body = zlib.compress(bytes(1 << 20))
    chunks = b"".join(
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
        for name, content in ((b"IHDR", bomb), (b"IDAT", body), (b"IEND", b""))
    )
    for name, data in (
        ("no bytes", b""),
        ("text", b"hello, world"),
        ("HTML", b"<!DOCTYPE html><title>x</title>"),
        ("SVG", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
        ("PDF", b"%PDF-1.7\n1 0 obj<<>>endobj trailer<<>>"),
        ("PNG of 2,500 megapixels", b"\x89PNG\r\n\x1a\n" + chunks),
        ("JPEG with its header only", _save(quarters(_WIDE), "JPEG")[:40]),
    ):
        yield Case("refused", name, data, is_refused=True)


def _dot(colour: tuple[int, int, int]) -> Image.Image:
    return Image.new("RGBA", (1, 1), colour)


def _float_tiff() -> bytes:
    """Return a TIFF of one pixel, half as bright as white, in three floats."""
    pixel = struct.pack("<3f", 0.5, 0.5, 0.5)
    long, short, start = 4, 3, 8 + len(pixel)
    entries = [
        (256, short, 1, 1), (257, short, 1, 1), (258, short, 1, 32), (259, short, 1, 1),
        (262, short, 1, 2), (273, long, 1, 8), (277, short, 1, 3), (278, short, 1, 1),
        (279, long, 1, len(pixel)), (339, short, 1, 3),
    ]  # fmt: skip
    directory = struct.pack("<H", len(entries)) + b"".join(
        struct.pack("<HHII", *entry) for entry in entries
    )
    return b"II*\0" + struct.pack("<I", start) + pixel + directory + bytes(4)
