"""JPEG XL as a Pillow image. libjxl decodes it in a sandbox: all pixels, upright, in eight bits."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, cast

from PIL import Image, ImageChops
from PIL.ImageFile import ImageFile, _Tile

from imagemill.errors import CorruptImage, OverBudget, UnsupportedFormat
from imagemill.imaging import xmp
from imagemill.imaging.fastjpeg import Refused
from imagemill.imaging.formats import jxl
from imagemill.imaging.jxl.decoder import Decoded, JxlDecoder, unpack_box

if TYPE_CHECKING:
    from io import BytesIO

    from PIL._imaging import PixelAccess

# Frames to count at most.
_MAX_FRAMES = 10_000
# Bytes of EXIF to read at most, and those of the offset before it.
_MAX_EXIF_BYTES, _OFFSET_BYTES = 1 << 20, 4
# Memory of the sandbox, bytes per pixel, measured on the conformance tests of the format: colours
# as XYB, other colours, in addition with extra channels, and for each of them.
_XYB_BYTES, _COLOUR_BYTES, _BESIDES_BYTES, _EXTRA_CHANNEL_BYTES = 20, 28, 24, 4
# The same for any image: libjxl itself, and groups of pixels being decoded.
_FIXED_BYTES = 32 << 20
# An image with many layers needs more: it is rejected beyond this.
_MOST_FIXED_BYTES, _MOST_SHARE = 128 << 20, 1.5
# Bytes per pixel of the decoded frame as it leaves the sandbox, and as Pillow keeps it.
_COPIED_BYTES = 8


class JxlFile(ImageFile):
    """A JPEG XL file: its first frame, or after `seek` another one, composed as it is shown."""

    format = "JXL"
    codes: tuple[int, int] | None = None
    """H.273 codes of primaries and transfer; None if the profile describes the colours."""
    is_damaged: bool = False
    """Part of the frame is missing."""
    _decoder: JxlDecoder | None = None

    def _open(self) -> None:
        self._data = cast("BytesIO", self.fp).getvalue()
        header = jxl.read_header(self._data)
        if header is None:
            raise CorruptImage("the header of the JPEG XL file is damaged")
        self._header, self._wanted, self._next = header, 0, 0
        decoder = self._opened()
        found = decoder.header
        if (found.width, found.height) != (header.width, header.height):
            raise CorruptImage("the header of the JPEG XL file is damaged")
        self._size, self._mode, self.codes = (found.width, found.height), found.mode, found.codes
        self.info.update(_read_metadata(self._data), loop=found.loops)
        self.info["bytes_per_band"] = _FIXED_BYTES
        if found.profile:
            self.info["icc_profile"] = found.profile
        self.tile = [_Tile("jxl", (0, 0, *self._size), 0, ())]

    @property
    def decoder_bytes(self) -> int:
        """Peak memory of decoding, bytes per pixel."""
        return self._sandbox_bytes + _COPIED_BYTES

    @cached_property
    def n_frames(self) -> int:
        """Number of frames, at most 10,000."""
        if not self._header.is_animated:
            return 1
        with _translated():
            self._next = 0
            return self._opened().count_frames(_MAX_FRAMES)

    @property
    def is_animated(self) -> bool:
        """True if there are several frames."""
        return self.n_frames > 1

    def seek(self, frame: int) -> None:
        """Make `load` decode another frame; the first one again is decoded anew."""
        if frame != self._wanted or not self.tile:
            self._wanted = frame
            self.tile = [_Tile("jxl", (0, 0, *self._size), 0, ())]

    def tell(self) -> int:
        """Return the number of the frame, from 0."""
        return self._wanted

    def load(self) -> "PixelAccess | None":
        """Decode the frame; raises CorruptImage if nothing of it can be decoded."""
        if self.tile:
            frame = self._frame()
            pixels = _pixels(frame, self._mode, self._size)
            self._im, self.tile = pixels.im, []
            self.readonly = pixels.readonly
            self.info["duration"], self.is_damaged = frame.duration_ms, frame.is_damaged
            if not self._header.is_animated:
                # Its memory is needed for the renditions.
                self._decoder = None
        return super().load()

    @property
    def _sandbox_bytes(self) -> int:
        extra = self._header.extra_channels
        besides = _BESIDES_BYTES + _EXTRA_CHANNEL_BYTES * extra if extra else 0
        return (_XYB_BYTES if self._header.is_lossy else _COLOUR_BYTES) + besides

    def _opened(self) -> JxlDecoder:
        if self._decoder is None:
            area = self._header.width * self._header.height
            with _translated():
                most = _MOST_FIXED_BYTES + int(_MOST_SHARE * self._sandbox_bytes * area)
                self._decoder = JxlDecoder(self._data, most)
        return self._decoder

    def _frame(self) -> Decoded:
        decoder, found = self._opened(), None
        with _translated():
            if self._wanted < self._next:
                decoder.rewind()
                self._next = 0
            while self._next <= self._wanted:
                found = decoder.next_frame()
                self._next += 1
        if found is None or (found.is_damaged and self._wanted):
            raise CorruptImage("the JPEG XL file lacks a frame")
        return found


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the sandbox's reasons into ImageRejected."""
    try:
        yield
    except Refused as refusal:
        if refusal.reason == "unavailable":
            raise UnsupportedFormat(jxl.NEEDED) from refusal
        if refusal.reason in ("no_memory", "trapped"):
            message = "this jxl file needs more memory or time than its size explains"
            raise OverBudget(message) from refusal
        raise CorruptImage("the jxl file is damaged and cannot be shown") from refusal


def _pixels(frame: Decoded, mode: str, size: tuple[int, int]) -> Image.Image:
    if mode != "CMYK":
        return Image.frombytes(mode, size, frame.pixels)
    inks = Image.frombytes("RGB", size, frame.pixels).split()
    black = Image.frombytes("L", size, frame.black)
    # No ink is the largest value in the file.
    return Image.merge("CMYK", [ImageChops.invert(ink) for ink in (*inks, black)])


def _read_metadata(data: bytes) -> dict[str, bytes]:
    """Return EXIF and XMP by Pillow's names; what cannot be unpacked is left out."""
    found: dict[str, bytes] = {}
    for kind, body in jxl.read_metadata(data):
        name = body[:4] if kind == b"brob" else kind
        most = {b"Exif": _MAX_EXIF_BYTES, b"xml ": xmp.MAX_BYTES}.get(name, 0)
        content = _unpacked(body[4:], most) if kind == b"brob" and most else body
        if name == b"Exif" and len(content) <= most:
            start = _OFFSET_BYTES + int.from_bytes(content[:_OFFSET_BYTES], "big")
            found.setdefault("exif", content[start:])
        elif name == b"xml " and len(content) <= most:
            found.setdefault("xmp", content)
    return found


def _unpacked(packed: bytes, most: int) -> bytes:
    try:
        return unpack_box(packed, most)
    except Refused:
        return b""
