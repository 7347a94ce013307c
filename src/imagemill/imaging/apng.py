"""Animated PNG: find its frames, decode them one by one, and compose them as Chromium does.

Source of all format facts: W3C PNG, third edition. Each frame is decoded by Pillow as a PNG of its
own.
"""

from collections.abc import Iterator
from dataclasses import field
from struct import Struct

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging.canvas import Canvas, Disposal
from imagemill.imaging.decode import open_image
from imagemill.imaging.formats import png
from imagemill.imaging.modes import to_straight_colours

# fcTL without its sequence number: width, height, left, top, delay (numerator, denominator),
# dispose_op, blend_op.
_CONTROL = Struct(">IIIIIHHBB")
_SIZE = Struct(">II")
# dispose_op values.
_DISPOSALS: dict[int, Disposal] = {0: "keep", 1: "clear", 2: "restore"}
# blend_op: draw over the pixels below.
_OVER = 1
# Frames to look for at most. Longer animations are over the limits anyway; counting takes time.
_MAX_FRAMES = 10_000
# Bytes of the sequence number before the data in fdAT.
_NUMBER_BYTES = 4


@dataclass(slots=True)
class ApngFrame:
    """One frame as stored in the file; its rectangle, px, lies inside the canvas."""

    left: int
    top: int
    width: int
    height: int
    duration_ms: int
    disposal: Disposal
    is_blended: bool
    """Drawn over the pixels below instead of replacing them."""
    data: list[bytes] = field(default_factory=list)
    """Compressed pixels."""


@dataclass(slots=True)
class Apng:
    """Structure of a file: canvas size in px, and the frames in order."""

    width: int
    height: int
    layout: bytes
    """IHDR without the size: bit depth, colour type and so on."""
    frames: list[ApngFrame] = field(default_factory=list)
    shared: list[bytes] = field(default_factory=list)
    """Chunks that every frame needs: palette and transparency."""
    plays: int = 0
    """How often the animation is played; 0 means forever."""
    has_poster: bool = False
    """The image for viewers without animation is not one of the frames."""
    is_whole: bool = False
    """Every chunk is complete, every announced frame is present, and IEND follows."""


def read_apng(data: bytes) -> Apng | None:
    """Return the structure of an animation without decoding pixels; None for a still image."""
    if not png.is_announced_animation(data):
        return None
    scan = _Scan()
    for name, chunk in png.read_chunks(data):
        if not scan.take(name, chunk):
            break
    return scan.result()


def compose(animation: Apng) -> Iterator[tuple[Image.Image, ApngFrame]]:
    """Yield the canvas after each frame, and the frame; damaged frames are left out.

    The next frame is drawn on the same canvas.
    """
    size = (animation.width, animation.height)
    canvas = Canvas(*size, is_opaque=is_opaque(animation))
    for frame in animation.frames:
        pixels = _decode(frame, animation)
        if pixels is None:
            continue
        right, bottom = frame.left + frame.width, frame.top + frame.height
        canvas.begin((frame.left, frame.top, right, bottom), frame.disposal)
        canvas.put(pixels, is_blended=frame.is_blended)
        yield canvas.pixels, frame


def coded_area(animation: Apng) -> int:
    """Return the number of pixels that decoding all frames takes."""
    return sum(frame.width * frame.height for frame in animation.frames)


def is_opaque(animation: Apng) -> bool:
    """Return True if, by the headers, no frame leaves any of the canvas transparent."""
    first, *later = animation.frames
    has_clear_colour = any(chunk[4:8] == b"tRNS" for chunk in animation.shared)
    return (
        not animation.layout[1] & png.HAS_ALPHA
        and not has_clear_colour
        and (first.width, first.height) == (animation.width, animation.height)
        and (not later or first.disposal == "keep")
        and all(frame.disposal != "clear" for frame in later)
    )


def shows_alike_everywhere(animation: Apng) -> bool:
    """Return True if viewers that compose frames less carefully than browsers show the same."""
    first = animation.frames[0]
    is_covered = (first.width, first.height) == (animation.width, animation.height)
    are_blended = any(frame.is_blended for frame in animation.frames)
    return is_covered and (is_opaque(animation) or not are_blended)


class _Scan:
    """Reads the chunks one by one and collects their content."""

    def __init__(self) -> None:
        self._animation: Apng | None = None
        self._is_announced = False
        self._announced = 0
        self._has_pixels = False
        self._is_complete = False

    def take(self, name: bytes, chunk: bytes) -> bool:
        """Read one chunk; False ends the scan."""
        body = chunk[8:-4]
        is_whole = len(chunk) == int.from_bytes(chunk[:4], "big") + 12
        if name == b"IHDR" and self._animation is None:
            return is_whole and self._take_header(body)
        if self._animation is None:
            return False
        if name == b"acTL":
            self._take_announcement(body)
        elif name == b"IDAT" and not self._is_announced:
            return False  # no animation
        elif name in (b"PLTE", b"tRNS"):
            self._animation.shared.append(chunk)
        elif name == b"fcTL":
            return is_whole and self._take_control(body, self._animation)
        elif name in (b"IDAT", b"fdAT"):
            self._take_pixels(name, body, self._animation)
        elif name == b"IEND":
            self._animation.is_whole = True
            return False
        return is_whole

    def result(self) -> Apng | None:
        animation = self._animation
        if animation is None or not animation.frames:
            return None
        animation.frames = [frame for frame in animation.frames if frame.data]
        is_complete = len(animation.frames) >= self._announced
        animation.is_whole = animation.is_whole and is_complete
        return animation if len(animation.frames) > 1 else None

    def _take_header(self, body: bytes) -> bool:
        if len(body) != 13:  # noqa: PLR2004 - length of IHDR
            return False
        width, height = _SIZE.unpack_from(body)
        self._animation = Apng(width, height, body[8:])
        return True

    def _take_announcement(self, body: bytes) -> None:
        if self._animation is None or len(body) != _SIZE.size or self._has_pixels:
            return
        self._announced, self._animation.plays = _SIZE.unpack(body)
        self._is_announced = self._announced > 0

    def _take_control(self, body: bytes, animation: Apng) -> bool:
        """Begin a frame; False for an impossible frame, which ends the animation in browsers."""
        if self._is_announced and len(animation.frames) >= self._announced:
            self._is_complete = True
            return True
        if len(body) != _CONTROL.size or len(animation.frames) >= _MAX_FRAMES:
            return False
        _, width, height, left, top, part, of, disposal, blend = _CONTROL.unpack(body)
        is_inside = left + width <= animation.width and top + height <= animation.height
        if not (width and height and is_inside) or disposal not in _DISPOSALS or blend > _OVER:
            return False
        if not animation.frames:
            animation.has_poster = self._has_pixels
        duration_ms = round(1000 * part / (of or 100))
        animation.frames.append(
            ApngFrame(left, top, width, height, duration_ms, _DISPOSALS[disposal], blend == _OVER)
        )
        return True

    def _take_pixels(self, name: bytes, body: bytes, animation: Apng) -> None:
        self._has_pixels |= name == b"IDAT"
        if self._is_complete:
            return
        if animation.frames and name == b"IDAT" and not animation.has_poster:
            animation.frames[0].data.append(body)
        elif animation.frames and name == b"fdAT":
            animation.frames[-1].data.append(body[_NUMBER_BYTES:])


def _decode(frame: ApngFrame, animation: Apng) -> Image.Image | None:
    """Return a frame's pixels, RGB or RGBA; None if it is damaged."""
    header = png.make_chunk(b"IHDR", _SIZE.pack(frame.width, frame.height) + animation.layout)
    pixels = png.make_chunk(b"IDAT", b"".join(frame.data))
    parts = [png.SIGNATURE, header, *animation.shared, pixels, png.make_chunk(b"IEND", b"")]
    try:
        decoded = open_image(b"".join(parts), "png")
        decoded.load()
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - hostile bytes raise nearly any exception
        return None
    return to_straight_colours(decoded)
