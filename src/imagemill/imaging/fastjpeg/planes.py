"""A JPEG decoded in the sandbox to planes of reduced size, and small images drawn of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from imagemill.imaging.fastjpeg.sandbox import Refused, Sandbox, give_back, take
from imagemill.imaging.plan import Box, Size

_BLOCK, _MOST_KEPT = 8, 4
"""Samples of a block's side, and how many of them the decoder makes at the most."""
_FIXED_FUEL, _FUEL_PER_BYTE, _FUEL_PER_PIXEL = 1_000_000_000, 300, 150
"""Several times what any image needs that is what it says; a trap beyond."""
_QUICKER = 9
"""Samples that are resampled here in the time that Pillow takes for a pixel; measured."""


class Planes:
    """An image as stored, at some scale, in the sandbox. `width` and `height` are px of it.

    They are fractions where the last row or column stands for less than a full one.
    """

    def __init__(self, sandbox: Sandbox, original: Size) -> None:
        self._sandbox = sandbox
        scale = sandbox.call("kept") / _BLOCK
        self.width, self.height = original.width * scale, original.height * scale
        self.mode = "L" if sandbox.call("components") == 1 else "RGB"

    @property
    def cost(self) -> float:
        """What drawing takes, in pixels that Pillow would resample meanwhile."""
        return self.width * self.height / _QUICKER

    def resize(self, original: Size, part: Box, size: Size) -> Image.Image:  # noqa: ARG002 - as Layer's
        """Return `part`, in px of the original, at `size` px by LANCZOS: L or RGB.

        Raises Refused when the sandbox has no room for it.
        """
        box = (part.left, part.top, part.right, part.bottom)
        packed = "L" if self.mode == "L" else "RGBX"
        bytes_ = len(packed) * size.width * size.height
        pixels = self._sandbox.draw((*box, size.width, size.height), bytes_)
        return Image.frombytes(self.mode, (size.width, size.height), pixels, "raw", packed)


@contextmanager
def decode_planes(data: bytes, original: Size, luma: Size, chroma: Size) -> Iterator[Planes]:
    """Decode to planes of the sizes at least, for as long as the context lasts.

    `original` is the size that another reader of the header has found, as stored; the chroma of a
    image may be coarser than wanted. Raises Refused for whatever is not decoded here.
    """
    if not is_reduced(original, luma):
        raise Refused("too_small")
    sandbox = take(_fuel(data, original))
    sandbox.decode(data, luma.width, luma.height, chroma.width, chroma.height)
    if original != Size(sandbox.call("width"), sandbox.call("height")):
        raise Refused("corrupt")
    yield Planes(sandbox, original)
    give_back(sandbox)


def find_damage(data: bytes, original: Size) -> bool:
    """Whether the coded data of a JPEG are damaged; False also where that cannot be told.

    For a file that is decoded elsewhere. All of its scans are read, by Huffman codes alone.
    """
    try:
        sandbox = take(_fuel(data, original))
        sandbox.check(data)
    except Refused as refusal:
        return refusal.reason == "damaged"
    give_back(sandbox)
    return False


def _fuel(data: bytes, original: Size) -> int:
    work = original.width * original.height * _FUEL_PER_PIXEL + len(data) * _FUEL_PER_BYTE
    return _FIXED_FUEL + work


def is_reduced(original: Size, wanted: Size) -> bool:
    """Whether planes of the size wanted can be made: half of each side is the most there is."""
    most, block = _MOST_KEPT, _BLOCK
    return (
        original.width * most >= wanted.width * block
        and original.height * most >= wanted.height * block
    )
