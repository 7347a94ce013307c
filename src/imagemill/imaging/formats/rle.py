"""Decode run-length encoded bitmaps. Source: Microsoft, "Bitmap Compression"."""

from dataclasses import field

from imagemill.dataclass import dataclass

# Escape codes.
_END_OF_LINE, _END_OF_BITMAP, _DELTA = 0, 1, 2
# Tables: byte to its two pixels of 4 bits, byte to one pixel, hex digit to its value.
_PAIRS = [bytes((value >> 4, value & 15)) for value in range(256)]
_SINGLES = [bytes((value,)) for value in range(256)]
_DIGITS = bytes(int(chr(code), 16) if chr(code) in "0123456789abcdef" else 0 for code in range(256))
# Pixels marked as transparent at a time.
_CLEARED_BYTES = 1 << 20


@dataclass(slots=True)
class Runs:
    """Palette indices, one byte each, rows in the order of the file."""

    width: int
    height: int
    indices: bytearray = field(init=False)
    clear: bytearray | None = None
    """0 for pixels that no run has drawn, 255 for others; None if all are drawn."""
    is_whole: bool = False
    """The end of the bitmap was reached."""
    row: list[bytes] = field(default_factory=list)
    """Pieces of the current row; pixels beyond the width are cut off."""
    _y: int = 0

    def __post_init__(self) -> None:
        self.indices = bytearray(self.width * self.height)

    @property
    def is_full(self) -> bool:
        """True if the last row is complete."""
        return self._y >= self.height

    def shorten(self) -> None:
        """Cut off the part of the row beyond the width."""
        self.row[:] = [b"".join(self.row)[: self.width]]

    def escape(self, code: int, data: bytes, at: int) -> int:
        """Execute an escape code; return the offset of the next run."""
        if code == _END_OF_LINE:
            self.end_line()
        elif code == _DELTA:
            across, down = data[at : at + 2].ljust(2, b"\0")
            self.move(across, down)
            at += 2
        self.is_whole = code == _END_OF_BITMAP or self.is_full
        return at

    def end_line(self) -> None:
        """Finish a row; its missing pixels stay undrawn."""
        line = b"".join(self.row)[: self.width]
        start = self._y * self.width
        self.indices[start : start + len(line)] = line
        self._leave(start + len(line), start + self.width)
        self.row.clear()
        self._y += 1

    def move(self, across: int, down: int) -> None:
        """Skip pixels, to the right and to further rows."""
        reached = min(sum(map(len, self.row)), self.width)
        for _ in range(min(down, self.height - self._y)):
            self.end_line()
        passed = min(across + (reached if down else 0), self.width)
        start = self._y * self.width + (0 if down else reached)
        self.row.append(bytes(passed))
        self._leave(start, min(start + passed, (self._y + 1) * self.width))

    def end(self) -> None:
        """Finish the last row, and leave the rest of the bitmap undrawn."""
        if not self.is_full:
            self.end_line()
        self._leave(self._y * self.width, len(self.indices))

    def _leave(self, start: int, stop: int) -> None:
        stop = min(stop, len(self.indices))
        if start >= stop:
            return
        if self.clear is None:
            self.clear = bytearray(b"\xff") * len(self.indices)
        for at in range(start, stop, _CLEARED_BYTES):
            to = min(at + _CLEARED_BYTES, stop)
            self.clear[at:to] = bytes(to - at)


def unpack_runs(data: bytes, at: int, width: int, height: int, bits: int) -> Runs:
    """Return the pixels of RLE4 or RLE8 data from `at` on, as far as they go."""
    runs, is_byte, last = Runs(width, height), bits == 8, len(data) - 1  # noqa: PLR2004
    row = runs.row
    while at < last:
        count, value = data[at], data[at + 1]
        at += 2
        if count:
            row.append(_SINGLES[value] * count if is_byte else _pairs(value, count))
            if len(row) > width:
                runs.shorten()
        elif value > _DELTA:
            size = value if is_byte else (value + 1) // 2
            literal = data[at : at + size]
            row.append(literal if is_byte else _nibbles(literal)[:value])
            at += size + size % 2
        else:
            at = runs.escape(value, data, at)
            if runs.is_whole:
                break
    runs.end()
    return runs


def _pairs(value: int, count: int) -> bytes:
    """Return the two pixels of a byte alternately, `count` in all."""
    return (_PAIRS[value] * ((count + 1) // 2))[:count]


def _nibbles(packed: bytes) -> bytes:
    return packed.hex().encode().translate(_DIGITS)
