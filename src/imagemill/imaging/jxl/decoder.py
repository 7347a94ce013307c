"""JPEG XL files → pixels of eight bits per sample, upright."""

from imagemill.dataclass import dataclass

from .sandbox import take

# The numbers of the facts: enum Fact in decode.cc.
_FACTS = (
    *("width", "height", "colours", "has_alpha", "has_black", "loops"),
    *("colour_space", "primaries", "white_point", "transfer", "is_coded", "duration_ms", "bits"),
)
_NUMBERS = {name: number for number, name in enumerate(_FACTS)}
# Status of `next` after the last frame: enum Status in exports.h. "damaged" is status 5.
_END, _DAMAGED = 3, 5
_GREY = 1
# Instructions granted for the header: reading an ICC profile takes the most.
_HEADER_FUEL = 2_000_000_000
# Instructions granted for decoding: a fixed part, a part per pixel, and one per byte. A nanosecond
# is about 10 instructions, so this is five times what costs.py expects.
_FIXED, _PER_PIXEL, _PER_BYTE = 1_000_000_000, 8_000, 20_000
# Memory of the module itself with Brotli's largest window.
_UNPACKING_BYTES = 48 << 20
# H.273 codes of primaries, by those of JPEG XL with the white point D65; its P3 is code 12 then.
_PRIMARIES = {1: 1, 9: 9, 11: 12}
_D65 = 1
# Transfers whose code in JPEG XL is that of H.273: BT.709, linear, sRGB, PQ, DCI and HLG.
_TRANSFERS = frozenset((1, 8, 13, 16, 17, 18))


@dataclass(frozen=True, slots=True)
class Opened:
    """The header of a file, as the decoder reads it; `width` and `height` are px as displayed."""

    width: int
    height: int
    mode: str
    """Pillow's mode of the pixels; CMYK is inverted."""
    loops: int
    """How often an animation is played; 0 means forever."""
    codes: tuple[int, int] | None
    """H.273 codes of primaries and transfer; None if `profile` describes the colours."""
    profile: bytes


@dataclass(frozen=True, slots=True)
class Decoded:
    """One frame: rows of samples in the mode of the file, and ink from black to none in `black`."""

    pixels: bytes
    black: bytes
    duration_ms: int
    is_damaged: bool


class JxlDecoder:
    """A file that is being decoded, frame by frame."""

    def __init__(self, data: bytes, most_bytes: int) -> None:
        """Read the header; raises Refused if it is damaged or libjxl cannot be run here.

        `most_bytes` is the most memory that may be used, besides that for the file.
        """
        self._bytes = len(data)
        self._sandbox = take(_HEADER_FUEL, most_bytes + len(data))
        self._sandbox.put(data)
        self.header = self._open()

    def count_frames(self, most: int) -> int:
        """Return the number of frames, at most `most`, and begin again at the first."""
        self._sandbox.grant(_HEADER_FUEL + _PER_BYTE * self._bytes)
        count = self._sandbox.call("frames", self._bytes, most)
        self.rewind()
        return count

    def rewind(self) -> None:
        """Begin again at the first frame."""
        self._sandbox.grant(_HEADER_FUEL)
        self._sandbox.run("open", self._bytes)

    def next_frame(self) -> Decoded | None:
        """Return the next frame, composed with those before; None after the last.

        Raises Refused if nothing of it can be decoded.
        """
        header, sandbox = self.header, self._sandbox
        area = header.width * header.height
        sandbox.grant(_FIXED + _PER_PIXEL * area + _PER_BYTE * self._bytes)
        status = sandbox.call("next")
        if status == _END:
            return None
        if status != _DAMAGED:
            sandbox.check_status(status)
        pixels = sandbox.read(sandbox.call("pixels"), sandbox.call("pixel_bytes"))
        black = b""
        if self._fact("has_black"):
            black = sandbox.read(sandbox.call("black"), sandbox.call("black_bytes"))
        return Decoded(pixels, black, self._fact("duration_ms"), status == _DAMAGED)

    def _open(self) -> Opened:
        self._sandbox.run("open", self._bytes)
        mode = "L" if self._fact("colours") == 1 else "RGB"
        mode = "CMYK" if self._fact("has_black") else mode + "A" * self._fact("has_alpha")
        width, height = self._fact("width"), self._fact("height")
        codes = self._codes()
        size = 0 if codes else self._sandbox.call("result_bytes")
        profile = self._sandbox.result() if size else b""
        return Opened(width, height, mode, self._fact("loops"), codes, profile)

    def _codes(self) -> tuple[int, int] | None:
        if not self._fact("is_coded") or self._fact("white_point") != _D65:
            return None
        transfer = self._fact("transfer")
        is_grey = self._fact("colour_space") == _GREY
        primaries = 1 if is_grey else _PRIMARIES.get(self._fact("primaries"))
        return (primaries, transfer) if primaries and transfer in _TRANSFERS else None

    def _fact(self, name: str) -> int:
        return self._sandbox.call("fact", _NUMBERS[name])


def unpack_box(packed: bytes, most_bytes: int) -> bytes:
    """Return the content of a box packed by Brotli; raises Refused if it is larger or damaged."""
    sandbox = take(_HEADER_FUEL, len(packed) + most_bytes + _UNPACKING_BYTES)
    sandbox.put(packed)
    sandbox.run("unpack_box", len(packed), most_bytes)
    return sandbox.result()
