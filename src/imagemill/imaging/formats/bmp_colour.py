"""The colour profile of a BMP: embedded, or made from its calibration.

Sources: Microsoft's BITMAPV4HEADER and BITMAPV5HEADER; ICC.1:2010. Profiles linked by a file name
are ignored: nothing but the uploaded file is read.
"""

import struct
from collections.abc import Sequence

from imagemill.imaging.formats.dib import Dib

# Header lengths, bytes.
_V4_BYTES, _V5_BYTES = 108, 124
# Offsets in the header, bytes.
_COLOUR_SPACE, _END_POINTS, _GAMMAS, _PROFILE = 56, 60, 96, 112
# Values of bV5CSType, as stored.
_CALIBRATED, _EMBEDDED = bytes(4), b"DEBM"
# Units of the header's fixed-point numbers: chromaticities (2.30) and gammas (16.16).
_FIXED_30, _FIXED_16 = 1 << 30, 1 << 16
# x and y of sRGB's red, green and blue.
_SRGB = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06))
# With the primaries of sRGB, a gamma in this range is taken for sRGB's curve.
_SRGB_GAMMAS = (2.0, 2.5)
# Largest distance of x or y from sRGB's that still counts as equal.
_NEAR = 0.01
# Bradford adaptation matrix.
_D65_TO_D50 = (
    (1.0478112, 0.0228866, -0.0501270),
    (0.0295424, 0.9904844, -0.0170491),
    (-0.0092345, 0.0150436, 0.7521316),
)
# XYZ of the two white points.
_D65, _D50 = (0.95047, 1.0, 1.08883), (0.9642, 1.0, 0.8249)
_Vector = Sequence[float]


def read_profile(data: bytes, at: int, dib: Dib) -> bytes | None:
    """Return the ICC profile of the bitmap whose header is at `at`; None if it is sRGB."""
    space = dib.header[_COLOUR_SPACE : _COLOUR_SPACE + 4]
    if dib.header_bytes >= _V5_BYTES and space == _EMBEDDED:
        start, size = struct.unpack_from("<II", dib.header, _PROFILE)
        return data[at + start : at + start + size] or None
    if dib.header_bytes >= _V4_BYTES and space == _CALIBRATED:
        return _calibrated(dib.header)
    return None


def _calibrated(header: bytes) -> bytes | None:
    """Return a profile made from the primaries and gammas in the header; None without them."""
    numbers = struct.unpack_from("<9i", header, _END_POINTS)
    points = [[value / _FIXED_30 for value in numbers[at : at + 3]] for at in (0, 3, 6)]
    gammas = [value / _FIXED_16 for value in struct.unpack_from("<3I", header, _GAMMAS)]
    if any(sum(point) <= 0 or point[1] <= 0 for point in points) or not all(gammas):
        return None
    # Some programs write the inverse gamma.
    gammas = [gamma if gamma >= 1 else 1 / gamma for gamma in gammas]
    pairs = [(point[0] / sum(point), point[1] / sum(point)) for point in points]
    lowest, highest = _SRGB_GAMMAS
    is_srgb = all(lowest <= gamma <= highest for gamma in gammas) and all(
        abs(found - wanted) <= _NEAR
        for pair, usual in zip(pairs, _SRGB, strict=True)
        for found, wanted in zip(pair, usual, strict=True)
    )
    return None if is_srgb else _profile(pairs, gammas)


def _profile(pairs: Sequence[tuple[float, float]], gammas: _Vector) -> bytes | None:
    """Return a display profile with three primaries, white D65, and a gamma for each."""
    columns = [(x / y, 1.0, (1 - x - y) / y) for x, y in pairs]
    amounts = _amounts(columns)
    if amounts is None:
        return None
    tags = {b"wtpt": _xyz(_D50), b"desc": _text("calibrated"), b"cprt": _text("CC0")}
    for name, column, amount, gamma in zip(b"rgb", columns, amounts, gammas, strict=True):
        adapted = [
            sum(a * b * amount for a, b in zip(row, column, strict=True)) for row in _D65_TO_D50
        ]
        tags[bytes((name,)) + b"XYZ"] = _xyz(adapted)
        exponent = min(max(round(gamma * 256), 1), 65_535)
        tags[bytes((name,)) + b"TRC"] = struct.pack(">4sIIHxx", b"curv", 0, 1, exponent)
    return _assembled(tags)


def _amounts(columns: Sequence[_Vector]) -> list[float] | None:
    """Return the share of each primary in white; None if they make no colour space."""
    whole = _determinant(columns)
    if abs(whole) < 1e-6:  # noqa: PLR2004
        return None
    replaced = ([*columns[:at], _D65, *columns[at + 1 :]] for at in range(3))
    return [_determinant(matrix) / whole for matrix in replaced]


def _determinant(matrix: Sequence[_Vector]) -> float:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)


def _xyz(values: _Vector) -> bytes:
    limited = (min(max(round(value * _FIXED_16), -(1 << 31)), (1 << 31) - 1) for value in values)
    return struct.pack(">4sI3i", b"XYZ ", 0, *limited)


def _text(words: str) -> bytes:
    encoded = words.encode("utf-16-be")
    head = struct.pack(">4sIII2s2sII", b"mluc", 0, 1, 12, b"en", b"US", len(encoded), 28)
    return (head + encoded).ljust(-(-(len(head) + len(encoded)) // 4) * 4, b"\0")


def _assembled(tags: dict[bytes, bytes]) -> bytes:
    at = 128 + 4 + 12 * len(tags)
    directory = [struct.pack(">I", len(tags))]
    for tag, content in tags.items():
        directory.append(tag + struct.pack(">II", at, len(content)))
        at += len(content)
    head = bytearray(128)
    struct.pack_into(">I", head, 0, at)
    head[8:12], head[12:24], head[36:40] = b"\x04\x20\0\0", b"mntrRGB XYZ ", b"acsp"
    head[24:36], head[68:80] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0), _xyz(_D50)[8:]
    return bytes(head) + b"".join(directory) + b"".join(tags.values())
