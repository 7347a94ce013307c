"""Decode the compressed pixels of a PNG to reduced rows of 8-bit samples."""

from collections.abc import Generator, Iterable, Iterator
from typing import Literal

from imagemill.dataclass import dataclass
from imagemill.imaging.fastjpeg.sandbox import Reason, Refused

from .sandbox import PngSandbox, give_back, take

# Pillow's raw modes of the rows: grey, grey with alpha, and four bytes per pixel, without and with
# alpha. Alpha is premultiplied.
Mode = Literal["L", "La", "RGBX", "RGBa"]

# Largest factor by which both sides can be reduced: MAX_REDUCTION in png.h.
MAX_REDUCTION = 256
# Compressed bytes passed to the decoder at a time: INPUT_BYTES in exports.c.
_INPUT_BYTES = 1 << 16
# Status of the decoder: enum Status in png.h.
_DONE, _WANTS_INPUT, _FULL = 0, 6, 7
_REASONS: dict[int, Reason] = {2: "unsupported", 4: "no_memory", 5: "damaged"}
# Instructions granted to one file: a fixed part, a part per compressed byte, and a part per byte of
# the rows, decompressed and converted. They are several times the need of any file, so that only
# endless work is stopped. Measured.
_FIXED_FUEL, _FUEL_PER_BYTE, _FUEL_PER_SAMPLE = 100_000_000, 200, 100
# Colour types: PNG, 11.2.1.
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
_GREY, _GREY_ALPHA, _COLOUR_ALPHA = 0, 4, 6
# Bytes of a complete palette.
_PALETTE_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Layout:
    """How pixels are stored: the fields of IHDR, and transparency.

    `palette` has 256 colours of four bytes, RGBA with premultiplied alpha. `key` has the samples of
    the transparent colour, those of RGB in 8 bits. `has_alpha` is about these two only.
    """

    width: int
    height: int
    bits: int
    colour_type: int
    palette: bytes = b""
    key: tuple[int, ...] = ()
    has_alpha: bool = False

    @property
    def mode(self) -> Mode:
        """Mode of the decoded rows."""
        has_alpha = self.has_alpha or self.colour_type in (_GREY_ALPHA, _COLOUR_ALPHA)
        # As in Pillow, grey with alpha of 16 bits becomes RGBA.
        is_grey = self.colour_type == _GREY or (self.colour_type, self.bits) == (_GREY_ALPHA, 8)
        if is_grey:
            return "La" if has_alpha else "L"
        return "RGBa" if has_alpha else "RGBX"

    @property
    def samples(self) -> int:
        """Number of samples in the file."""
        return self.width * self.height * _SAMPLES.get(self.colour_type, 4)


def read_rows(layout: Layout, compressed: Iterable[memoryview], reduction: int) -> Generator[bytes]:
    """Yield whole rows in `layout.mode`, several at a time, both sides divided by `reduction`.

    `compressed` are the bodies of the IDAT chunks. Averages equal those of Pillow's `reduce`. A
    caller that needs no more rows closes the iterator: the others are not decoded, nor checked.
    Raises Refused if the file is not decoded here; rows that came before are not to be used then.
    """
    parts = list(compressed)
    sandbox = take(_fuel(layout, sum(map(len, parts))))
    begin(sandbox, layout, reduction)
    try:
        yield from _read(sandbox, parts)
    except GeneratorExit:
        give_back(sandbox)
        raise
    give_back(sandbox)


def begin(sandbox: PngSandbox, layout: Layout, reduction: int) -> None:
    """Prepare a sandbox for an image; raises Refused."""
    size = (layout.width, layout.height)
    _check(
        sandbox.call("begin", *size, layout.bits, layout.colour_type, layout.has_alpha, reduction)
    )
    if layout.palette:
        sandbox.write(sandbox.call("palette"), layout.palette.ljust(_PALETTE_BYTES, b"\0"))
    if layout.key:
        _check(sandbox.call("set_key", *(layout.key * 3)[:3]))


def _read(sandbox: PngSandbox, parts: Iterable[memoryview]) -> Iterator[bytes]:
    start, status = sandbox.call("reduced"), _WANTS_INPUT
    for piece, is_last in _pieces(parts):
        sandbox.write(sandbox.call("room"), piece)
        sandbox.call("add", len(piece), is_last)
        status = _FULL
        while status == _FULL:
            status = sandbox.call("read")
            yield sandbox.read(start, sandbox.call("reduced_bytes"))
        if status != _WANTS_INPUT:
            break
    _check(status)


def _check(status: int) -> None:
    if status == _WANTS_INPUT:
        raise Refused("damaged")
    if status != _DONE:
        raise Refused(_REASONS.get(status, "trapped"))


def _pieces(parts: Iterable[memoryview]) -> Iterator[tuple[bytes, bool]]:
    """Yield pieces that fill the decoder's input; the last one, with True, is shorter."""
    waiting = bytearray()
    for part in parts:
        for at in range(0, len(part), _INPUT_BYTES):
            waiting += part[at : at + _INPUT_BYTES]
            if len(waiting) >= _INPUT_BYTES:
                yield bytes(waiting[:_INPUT_BYTES]), False
                del waiting[:_INPUT_BYTES]
    yield bytes(waiting), True


def _fuel(layout: Layout, size: int) -> int:
    return _FIXED_FUEL + size * _FUEL_PER_BYTE + layout.samples * _FUEL_PER_SAMPLE
