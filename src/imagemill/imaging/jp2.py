"""The codestream of JPEG 2000. Source of every format fact: ITU-T T.800, annex A."""

_CODING_STYLE = b"\xff\x52\0"
_LEVELS_OFFSET = 9
_HEADER_BYTES = 1 << 16
"""As far into the file as its coding style is looked for."""
_MAX_HALVINGS = 3


def read_max_reduction(data: bytes) -> int:
    """Return the most that a decoder can divide the sides by: 1, 2, 4 or 8."""
    at = data.find(_CODING_STYLE, 0, _HEADER_BYTES)
    levels = data[at + _LEVELS_OFFSET : at + _LEVELS_OFFSET + 1]
    return 1 << min(levels[0], _MAX_HALVINGS) if at >= 0 and levels else 1
