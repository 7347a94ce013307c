"""Decode a JPEG to component planes of reduced size, and resize parts of them to RGB pixels."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from .encoder import Samples, Sampling, count_samples
from .sandbox import Refused, Sandbox, give_back, take

# Width and height, px.
Size = tuple[int, int]
# Left, top, right and bottom edge, px; right and bottom lie outside.
Box = tuple[int, int, int, int]

# Samples on the side of a coded block: T.81, A.1.3.
_BLOCK = 8
# Instructions granted: four times the most that intact files need, so that only endless work is
# stopped. Measured on photos of 2 to 18 MP and on noise of JPEG quality 20 to 100.
# Decoding: a fixed part, a part per byte, and a part per pixel, for which a progressive file is
# read ten times.
_FIXED, _PER_BYTE, _PER_PIXEL, _PER_PROGRESSIVE_PIXEL = 10_000_000, 400, 240, 640
# Resizing: per sample of the plane, per pixel of the result, per sample of a row for each row of
# the result, per sample on the sides of the plane and per pixel on those of the result.
_PER_SAMPLE, _PER_RESULT, _PER_ROW, _PER_SIDE, _PER_RESULT_SIDE = 240, 400, 240, 6_000, 12_000


class Planes:
    """The decoded planes of one JPEG, inside the sandbox.

    `width` and `height` are the size of the whole image's luma plane in samples. They are fractions
    where the last column or row stands for less than a full sample. `mode` is the layout of the
    pixels that `resize` returns: "L", one byte per pixel, or "RGBX", four bytes of which the last
    is 255. `resizes_rgb` is true if samples become RGB before they are resized: where chroma is as
    fine as luma, or as fine as the file has it.
    """

    def __init__(self, sandbox: Sandbox, size: Size, part: Box) -> None:
        self._sandbox = sandbox
        self._part = part
        scale = sandbox.call("kept") / _BLOCK
        self.width, self.height = size[0] * scale, size[1] * scale
        self.resizes_rgb = bool(sandbox.call("resizes_rgb"))
        self.mode: Literal["L", "RGBX"] = "L" if sandbox.call("components") == 1 else "RGBX"

    def resize(self, box: Box, size: Size) -> bytes:
        """Return the part `box` of the image, scaled to `size` by a Lanczos filter.

        `box` is in px of the full image, and lies in the part that was decoded. The pixels are laid
        out row by row in `mode`. Raises Refused if the result does not fit into the sandbox's
        memory.
        """
        width, height = size
        self._sandbox.grant(_resizing_fuel(self.width, self.height, width, height))
        return self._sandbox.draw(
            (*self._moved(box), width, height), len(self.mode) * width * height
        )

    def draw_samples(
        self, box: Box, size: Size, orientation: int = 1, *, has_narrow: bool = False
    ) -> Samples:
        """Return the part `box` of the image as the samples of a JPEG, grey or 4:2:0.

        They are scaled to `size` by a Lanczos filter, and then turned as the EXIF `orientation`
        from 1 to 8 says. With `has_narrow` they are made in the narrow range as well. Raises
        Refused if they do not fit into the sandbox's memory.
        """
        width, height = size
        sampling: Sampling = "grey" if self.mode == "L" else "4:2:0"
        is_halved = sampling == "4:2:0"
        self._sandbox.grant(_resizing_fuel(self.width, self.height, width, height))
        numbers = (*self._moved(box), width, height, orientation, is_halved, has_narrow)
        at = self._sandbox.call("draw_planes", *numbers)
        if orientation >= 5:  # noqa: PLR2004 - EXIF 2.32: rows and columns change places
            width, height = height, width
        count = count_samples(width, height, sampling)
        data, narrow = self._sandbox.read(at, count), None
        if has_narrow:
            narrow = self._sandbox.read(self._sandbox.call("narrow_planes"), count)
        return Samples(width, height, sampling, data, narrow)

    def _moved(self, box: Box) -> Box:
        """Return a box of the image in px of the decoded part; raises Refused outside it."""
        left, top, right, bottom = self._part
        if box[0] < left or box[1] < top or box[2] > right or box[3] > bottom:
            raise Refused("unsupported")
        return (box[0] - left, box[1] - top, box[2] - left, box[3] - top)


@contextmanager
def decode_planes(  # noqa: PLR0913 - all but two are named
    data: bytes,
    size: Size,
    *,
    luma: Size,
    chroma: Size,
    is_progressive: bool = False,
    part: Box | None = None,
) -> Iterator[Planes]:
    """Decode a JPEG to planes at least as large as `luma` and `chroma`.

    Of a `part` no more than that is decoded and kept, and damage below it is not noticed. It must
    begin at a whole MCU: at multiples of 32 px.
    A progressive file may take more work if `is_progressive` says so. `size` is the size in the
    file's header, before any rotation; a file with another size is refused. Planes that cannot be
    as large have all the samples that the file has. They are valid inside the `with` block only.
    Raises Refused if the file is not decoded here.
    """
    sandbox = take(_decoding_fuel(data, size, is_progressive=is_progressive))
    sandbox.decode(data, *luma, *chroma, part=part or (0, 0, 0, 0))
    if size != (sandbox.call("width"), sandbox.call("height")):
        raise Refused("corrupt")
    yield Planes(sandbox, size, part or (0, 0, *size))
    # Reached only without an exception: a sandbox is not used again after an error.
    give_back(sandbox)


def find_damage(data: bytes, size: Size) -> bool:
    """Return True if the coded data of a JPEG are damaged; False also if that cannot be decided.

    For a file that another decoder draws. All scans are read, Huffman codes only.
    """
    try:
        sandbox = take(_decoding_fuel(data, size, is_progressive=True))
        sandbox.check(data)
    except Refused as refusal:
        return refusal.reason == "damaged"
    give_back(sandbox)
    return False


def _decoding_fuel(data: bytes, size: Size, *, is_progressive: bool) -> int:
    per_pixel = _PER_PROGRESSIVE_PIXEL if is_progressive else _PER_PIXEL
    return _FIXED + len(data) * _PER_BYTE + size[0] * size[1] * per_pixel


def _resizing_fuel(across: float, down: float, width: int, height: int) -> int:
    """Return the instructions for a plane of `across` × `down` samples to width × height px."""
    samples = across * down * _PER_SAMPLE + across * height * _PER_ROW + (across + down) * _PER_SIDE
    return (
        _FIXED + int(samples) + width * height * _PER_RESULT + (width + height) * _PER_RESULT_SIDE
    )
