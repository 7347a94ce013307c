"""Encode JPEG XL by libjxl in its sandbox, still or frame by frame."""

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from imagemill.errors import OverBudget, UnsupportedFormat
from imagemill.imaging.fastjpeg import Refused
from imagemill.imaging.formats.jxl import NEEDED
from imagemill.imaging.jxl.encoder import Coding, FrameEncoder, encode_still
from imagemill.imaging.output_tags import OutputTags

# libjxl's effort by ours, and without one. At the same SSIMULACRA 2 its effort 3 has 8% fewer bytes
# than 1, in the same time; 5 has another 10% fewer in 4.6 times the time, and 7 none.
_EFFORTS, _USUAL_EFFORT = (1, 3, 3, 4, 5, 5, 7), 3
# Modes that are encoded as they are; the number of letters is that of channels.
_MODES = ("L", "LA", "RGB", "RGBA")


class JxlEncoder:
    """Encodes the frames of an animation of one size."""

    def __init__(self, coding: Coding, plays: int) -> None:
        self._mode = _MODES[coding.channels - 1]
        with _translated():
            self._encoder = FrameEncoder(coding, plays)

    def add(self, pixels: Image.Image, duration_ms: int) -> None:
        """Add the next frame: L, LA, RGB or RGBA."""
        with _translated():
            self._encoder.add(pixels.convert(self._mode).tobytes(), duration_ms)

    def finish(self, most_bytes: int | None = None) -> bytes:  # noqa: ARG002 - there is no tag
        """Return the file."""
        with _translated():
            return self._encoder.finish()


def encode_jxl(pixels: Image.Image, quality: int, effort: int | None, tags: OutputTags) -> bytes:
    """Return the image as JPEG XL, without loss at quality 100.

    Raises UnsupportedFormat without wasmtime.
    """
    plain = pixels if pixels.mode in _MODES else pixels.convert("RGB")
    with _translated():
        return encode_still(
            coding_of(plain.size, plain.mode, quality, effort, tags), plain.tobytes()
        )


def coding_of(
    size: tuple[int, int], mode: str, quality: int, effort: int | None, tags: OutputTags
) -> Coding:
    """Return the options of libjxl for an image or an animation."""
    chosen = _USUAL_EFFORT if effort is None else _EFFORTS[effort]
    return Coding(*size, len(mode), quality, chosen, tags.exif)


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the sandbox's reasons into ImageRejected."""
    try:
        yield
    except Refused as refusal:
        if refusal.reason == "unavailable":
            raise UnsupportedFormat(NEEDED) from refusal
        raise OverBudget("JPEG XL of this size needs more memory or time") from refusal
