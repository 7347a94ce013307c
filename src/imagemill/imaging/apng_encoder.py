"""Encode an animated PNG frame by frame. Source of format facts: W3C PNG, third edition."""

from dataclasses import replace
from io import BytesIO
from struct import Struct

from PIL import Image, ImageChops

from imagemill.imaging.formats import png
from imagemill.imaging.output_tags import OutputTags

_CONTROL = Struct(">IIIIIHHBB")
# Box of a frame that changes nothing: a frame has at least one pixel.
_NO_PIXEL = (0, 0, 1, 1)
# Largest delay (16 bits, in ms) and largest play count (31 bits) that fcTL and acTL can hold.
_MAX_MS = 65_535
_MAX_PLAYS = (1 << 31) - 1
# Default level of zlib. Files that must not grow use 9, which takes about twice as long.
_LEVEL = 6


class ApngEncoder:
    """Encodes frames of one size; keeps one of them, and the encoded bytes of the others."""

    def __init__(self, plays: int, tags: OutputTags, mode: str, level: int = _LEVEL) -> None:
        self._plays = min(plays, _MAX_PLAYS)
        self._tags = tags
        self._mode = mode
        self._header = b""
        self._parts: list[bytes] = []
        self._number = 0
        self._frames = 0
        self._shown: Image.Image | None = None
        self._level = level

    def put_poster(self, pixels: Image.Image) -> None:
        """Set the image for viewers without animation support; call it before any frame."""
        self._put_default(pixels)

    def add(self, pixels: Image.Image, duration_ms: int) -> None:
        """Add the next frame: L, LA, RGB or RGBA."""
        pixels = pixels.convert(self._mode)
        box = (0, 0, *pixels.size)
        if self._shown is not None:
            changed = ImageChops.difference(self._shown, pixels).getbbox(alpha_only=False)
            box = changed or _NO_PIXEL
        self._put_control(box, duration_ms)
        if not self._header:
            self._put_default(pixels)
        else:
            self._put_frame(pixels.crop(box))
        self._shown = pixels
        self._frames += 1

    def finish(self, most_bytes: int | None = None) -> bytes:
        """Return the file; without the colour tag if it has more than `most_bytes` with it."""
        data = self._assembled(self._tags)
        if most_bytes is None or len(data) <= most_bytes:
            return data
        return self._assembled(replace(self._tags, is_tagged=False))

    def _assembled(self, tags: OutputTags) -> bytes:
        count = self._frames.to_bytes(4, "big") + self._plays.to_bytes(4, "big")
        announced = png.make_chunk(b"acTL", count)
        before = [png.SIGNATURE, self._header, announced, *tags.png_chunks()]
        return b"".join([*before, *self._parts, png.make_chunk(b"IEND", b"")])

    def _put_default(self, pixels: Image.Image) -> None:
        """Encode the image for viewers without animation support."""
        header, data = _encoded(pixels.convert(self._mode), self._level)
        self._header = header
        self._parts.append(png.make_chunk(b"IDAT", data))

    def _put_control(self, box: tuple[int, int, int, int], duration_ms: int) -> None:
        left, top, right, bottom = box
        control = _CONTROL.pack(
            self._number,
            right - left,
            bottom - top,
            left,
            top,
            min(max(duration_ms, 0), _MAX_MS),
            1_000,
            0,
            0,
        )
        self._parts.append(png.make_chunk(b"fcTL", control))
        self._number += 1

    def _put_frame(self, pixels: Image.Image) -> None:
        _, data = _encoded(pixels, self._level)
        self._parts.append(png.make_chunk(b"fdAT", self._number.to_bytes(4, "big") + data))
        self._number += 1


def _encoded(pixels: Image.Image, level: int) -> tuple[bytes, bytes]:
    """Return IHDR and the compressed pixels."""
    file = BytesIO()
    pixels.info.clear()
    pixels.save(file, "PNG", compress_level=level)
    chunks = list(png.read_chunks(file.getvalue()))
    header = next(chunk for name, chunk in chunks if name == b"IHDR")
    return header, b"".join(chunk[8:-4] for name, chunk in chunks if name == b"IDAT")
