"""sRGB pixels of eight bits per sample → JPEG XL."""

from imagemill.dataclass import dataclass

from .sandbox import JxlSandbox, take

# Instructions granted for encoding: a fixed part and a part per sample, by the effort of libjxl,
# several times what noise needs. Measured.
_FIXED = 2_000_000_000
_PER_SAMPLE = 60_000
# Memory, bytes: of libjxl itself, and per pixel. Measured.
_OWN_BYTES, _PER_PIXEL = 128 << 20, 160
# Most memory that WebAssembly can address, less one page.
_MOST_BYTES = (1 << 32) - (1 << 16)


@dataclass(frozen=True, slots=True)
class Coding:
    """Size in px, samples per pixel (1 to 4: grey or RGB, with alpha if even), and options.

    `quality` is 1 to 100, `effort` libjxl's, 1 to 9.
    """

    width: int
    height: int
    channels: int
    quality: float
    effort: int
    exif: bytes = b""
    """A TIFF structure; empty for none."""


def encode_still(coding: Coding, pixels: bytes) -> bytes:
    """Return the file; raises Refused."""
    sandbox = _begun(coding, loops=0, is_animated=False)
    _add(sandbox, pixels, 0, is_last=True)
    return sandbox.result()


class FrameEncoder:
    """Encodes an animation that is played `loops` times, forever if that is 0.

    All methods raise Refused.
    """

    def __init__(self, coding: Coding, loops: int) -> None:
        self._sandbox = _begun(coding, loops=loops, is_animated=True)
        # The last frame is encoded differently, so one is kept back.
        self._next: tuple[bytes, int] | None = None

    def add(self, pixels: bytes, duration_ms: int) -> None:
        """Add a frame that is shown for so long."""
        if self._next:
            _add(self._sandbox, *self._next, is_last=False)
        self._next = (pixels, duration_ms)

    def finish(self) -> bytes:
        """Return the file."""
        if self._next:
            _add(self._sandbox, *self._next, is_last=True)
        return self._sandbox.result()


def _begun(coding: Coding, *, loops: int, is_animated: bool) -> JxlSandbox:
    area = coding.width * coding.height
    sandbox = take(_FIXED, min(_OWN_BYTES + _PER_PIXEL * area, _MOST_BYTES))
    box = bytes(4) + coding.exif if coding.exif else b""
    sandbox.put(box)
    quality = round(100 * coding.quality)
    numbers = (coding.width, coding.height, coding.channels, quality, coding.effort)
    sandbox.run("begin", *numbers, loops, is_animated, len(box))
    return sandbox


def _add(sandbox: JxlSandbox, pixels: bytes, duration_ms: int, *, is_last: bool) -> None:
    sandbox.grant(_FIXED + _PER_SAMPLE * len(pixels))
    sandbox.write(sandbox.call("room", len(pixels)), pixels)
    sandbox.run("add", duration_ms, is_last)
