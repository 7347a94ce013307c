"""Read the frame size from an AV1 sequence header. Source: AV1 specification, 5.5."""

# obu_type values, then flags of an OBU header (5.3).
_SEQUENCE_HEADER, _TEMPORAL_DELIMITER = 1, 2
_HAS_EXTENSION, _HAS_SIZE = 4, 2
# Operating points above level 7 have a tier bit.
_TIERED_FROM_LEVEL = 7
# OBUs to look at: the sequence header is among the first.
_MAX_UNITS = 8


class _Bits:
    """Reader of numbers of any bit width; zeros follow the end."""

    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data, "big"), 8 * len(data)

    def number(self, width: int) -> int:
        self._left -= width
        shifted = self._value >> self._left if self._left >= 0 else self._value << -self._left
        return shifted & ((1 << width) - 1)

    def uvlc(self) -> int:
        zeros = 0
        while zeros < 32 and not self.number(1):  # noqa: PLR2004 - limit of the format
            zeros += 1
        return self.number(zeros) + (1 << zeros) - 1


def read_max_size(data: bytes) -> tuple[int, int] | None:
    """Return the largest width and height of a frame, px, of coded data that starts here.

    None if it does not begin with a sequence header.
    """
    at = 0
    for _ in range(_MAX_UNITS):
        if at >= len(data):
            return None
        head = data[at]
        at += 2 if head & _HAS_EXTENSION else 1
        size, at = _leb128(data, at) if head & _HAS_SIZE else (len(data) - at, at)
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            return _size_in(_Bits(data[at : at + size]))
        if head >> 3 & 15 != _TEMPORAL_DELIMITER:
            return None
        at += size
    return None


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    """Return a number stored in groups of seven bits, least significant first, and its end."""
    value = 0
    for index in range(8):
        byte = int.from_bytes(data[at + index : at + index + 1], "big")
        value |= (byte & 127) << 7 * index
        if not byte & 128:
            return value, at + index + 1
    return value, at + 8


def _size_in(bits: _Bits) -> tuple[int, int]:
    """Return the size in a sequence header; the names are those of the specification."""
    bits.number(3 + 1)  # seq_profile, still_picture
    if bits.number(1):  # reduced_still_picture_header
        bits.number(5)
    else:
        _skip_operating_points(bits)
    widths = bits.number(4) + 1, bits.number(4) + 1
    return bits.number(widths[0]) + 1, bits.number(widths[1]) + 1


def _skip_operating_points(bits: _Bits) -> None:
    delay_width = 0
    if bits.number(1):  # timing_info_present_flag
        bits.number(64)
        if bits.number(1):  # equal_picture_interval
            bits.uvlc()
        if bits.number(1):  # decoder_model_info_present_flag
            delay_width = bits.number(5) + 1
            bits.number(32 + 5 + 5)
    has_initial_delay = bits.number(1)
    for _ in range(bits.number(5) + 1):
        bits.number(12)
        if bits.number(5) > _TIERED_FROM_LEVEL:
            bits.number(1)
        if delay_width and bits.number(1):
            bits.number(2 * delay_width + 1)
        if has_initial_delay and bits.number(1):
            bits.number(4)
