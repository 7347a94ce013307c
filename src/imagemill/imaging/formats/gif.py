"""The container of GIF: blocks. Source of all format facts: the GIF89a specification.

Files that break the specification are read as Chromium reads them.
"""

from collections.abc import Iterator
from struct import Struct

from imagemill.dataclass import dataclass

# Block introducers, then labels of extensions.
_EXTENSION, _IMAGE, _TRAILER = 0x21, 0x2C, 0x3B
_GRAPHIC_CONTROL, _APPLICATION = b"\xf9", b"\xff"
_SCREEN = Struct("<HHBB")
_EXTENT = Struct("<HHHHB")
# Application extensions that hold the loop count.
_LOOPS = (b"NETSCAPE2.0", b"ANIMEXTS1.0")
# Bytes of the header with the logical screen descriptor, of an image descriptor, and of a graphic
# control extension.
_SCREEN_BYTES = 13
_IMAGE_BYTES = 10
_CONTROL_BYTES = 7
# Frames to look for at most. Longer animations are over the limits anyway; counting takes time.
_MAX_FRAMES = 10_000
# Sub-blocks of a whole file: 500 MB if all are full, and a sixth of a second to step through.
_MAX_SUB_BLOCKS = 2_000_000


@dataclass(frozen=True, slots=True)
class GifFrame:
    """One frame as stored in the file. Its rectangle, px, may extend beyond the canvas."""

    left: int
    top: int
    width: int
    height: int
    is_interlaced: bool
    palette: bytes
    """The local or else the global palette: red, green and blue of each colour."""
    clear: int | None
    """Index of transparent pixels."""
    disposal: int
    """Disposal method: 2 clears the rectangle, 3 restores the pixels from before, 0 and 1 keep."""
    duration_ms: int
    start: int
    """Offset of the code size in the file; the coded pixels follow."""
    end: int
    is_whole: bool


@dataclass(frozen=True, slots=True)
class Gif:
    """Structure of a file: canvas size in px, and the frames in order."""

    width: int
    height: int
    frames: tuple[GifFrame, ...]
    repeats: int | None
    """How often the animation is repeated, 0 for forever; None if the file does not say."""
    is_whole: bool
    """All blocks are complete, and the trailer is present."""


def read_gif(data: bytes, most_frames: int = _MAX_FRAMES) -> Gif:
    """Return the structure without decoding pixels, up to `most_frames` frames.

    As in browsers, the first frame enlarges the canvas and no other frame does.
    """
    if len(data) < _SCREEN_BYTES:
        return Gif(0, 0, (), None, is_whole=False)
    width, height, flags, _ = _SCREEN.unpack_from(data, 6)
    start = _SCREEN_BYTES + _table_bytes(flags)
    scan = _Scan(data[_SCREEN_BYTES:start], most_frames)
    for at, end in _blocks(data, start):
        if not scan.take(data, at, end):
            break
    frames = scan.frames
    if frames:
        width = max(width, frames[0].left + frames[0].width)
        height = max(height, frames[0].top + frames[0].height)
    return Gif(width, height, tuple(frames), scan.repeats, scan.is_ended)


def coded_pixels(data: bytes, frame: GifFrame) -> bytes:
    """Return the sub-blocks of a frame's pixels; a last one that is cut short gets a true length.

    With the announced length the decoder would wait for more data.
    """
    coded = data[frame.start + 1 : frame.end]
    if frame.is_whole:
        return coded
    last = at = 0
    for _ in range(_MAX_SUB_BLOCKS):
        if at >= len(coded) or not coded[at]:
            break
        last, at = at, at + 1 + coded[at]
    if at <= len(coded):
        return coded[:at]
    return coded[:last] + bytes([len(coded) - last - 1]) + coded[last + 1 :]


def without_metadata(data: bytes) -> bytes | None:
    """Return the file with its pixels, timing and loop count unchanged and nothing else.

    Comments, XMP and other applications' blocks are removed. None if the file is incomplete.
    """
    start = _SCREEN_BYTES + _table_bytes(data[10])
    parts = [data[:start]]
    for at, end in _blocks(data, start):
        block = data[at:end]
        if block[0] == _TRAILER:
            return b"".join([*parts, block])
        if block[0] == _IMAGE or _shows(block):
            parts.append(block)
    return None


class _Scan:
    """Reads the blocks one by one and collects their content."""

    def __init__(self, global_palette: bytes, most_frames: int) -> None:
        self.frames: list[GifFrame] = []
        self.repeats: int | None = None
        self.is_ended = False
        self._palette = global_palette
        self._most_frames = most_frames
        self._control = b""

    def take(self, data: bytes, at: int, end: int | None) -> bool:
        """Read the block from `at` to `end`, None if it is incomplete; False ends the scan."""
        if data[at] == _TRAILER:
            self.is_ended = True
        elif data[at] == _IMAGE and at + _IMAGE_BYTES <= len(data):
            self._take_image(data, at, end)
        elif data[at] == _EXTENSION and end is not None:
            self._take_extension(data[at : min(end, at + 32)])
            return True
        return data[at] == _IMAGE and end is not None and len(self.frames) < self._most_frames

    def _take_image(self, data: bytes, at: int, end: int | None) -> None:
        left, top, width, height, flags = _EXTENT.unpack_from(data, at + 1)
        start = at + _IMAGE_BYTES + _table_bytes(flags)
        local = data[at + _IMAGE_BYTES : start]
        packed, delay, clear = _read_control(self._control)
        self._control = b""
        self.frames.append(
            GifFrame(
                left,
                top,
                width,
                height,
                is_interlaced=bool(flags & 0x40),
                palette=local or self._palette,
                clear=clear if packed & 1 else None,
                disposal=packed >> 2 & 7,
                duration_ms=delay * 10,
                start=start,
                end=end or len(data),
                is_whole=end is not None,
            )
        )

    def _take_extension(self, block: bytes) -> None:
        if block[1:2] == _GRAPHIC_CONTROL:
            self._control = block
        is_loop = block[1:2] == _APPLICATION and block[3:14] in _LOOPS
        if is_loop and len(block) >= 19 and block[14] >= 3 and block[15] & 7 == 1:  # noqa: PLR2004
            self.repeats = int.from_bytes(block[16:18], "little")


def _read_control(block: bytes) -> tuple[int, int, int]:
    """Return flags, delay in 1/100 s, and transparent index; zeros without a control block."""
    if len(block) < _CONTROL_BYTES:
        return 0, 0, 0
    return block[3], int.from_bytes(block[4:6], "little"), block[6]


def _shows(extension: bytes) -> bool:
    if extension[1:2] == _APPLICATION:
        return extension[3:14] in _LOOPS
    return extension[1:2] == _GRAPHIC_CONTROL


def _blocks(data: bytes, at: int) -> Iterator[tuple[int, int | None]]:
    """Yield start and end of each block; the last may have no end, or not be a block at all."""
    left = _MAX_SUB_BLOCKS
    while at < len(data):
        end, used = _end_of_block(data, at, left)
        yield at, end
        if end is None:
            return
        at = end
        left -= used


def _end_of_block(data: bytes, at: int, most: int) -> tuple[int | None, int]:
    """Return the end of a block, None if it is incomplete, and its number of sub-blocks."""
    if data[at] == _TRAILER:
        return at + 1, 0
    if data[at] == _EXTENSION:
        return _end_of_sub_blocks(data, at + 2, most)
    if data[at] == _IMAGE and at + _IMAGE_BYTES <= len(data):
        table = _table_bytes(data[at + _IMAGE_BYTES - 1])
        return _end_of_sub_blocks(data, at + _IMAGE_BYTES + table + 1, most)
    return None, 0


def _end_of_sub_blocks(data: bytes, at: int, most: int) -> tuple[int | None, int]:
    for index in range(most):
        if at >= len(data):
            break
        if data[at] == 0:
            return at + 1, index
        at += 1 + data[at]
    return None, most


def _table_bytes(flags: int) -> int:
    """Return the bytes of the colour table that `flags` announce."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0
