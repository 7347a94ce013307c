"""ICC profiles made here: the small ones that tag renditions, and those for coded colours.

Sources: ICC.1:2010 for the container, ITU-T H.273 for the codes, IEC 61966-2-1 for sRGB, ITU-R
BT.2100 for PQ and HLG.
"""

import struct
from collections.abc import Callable, Sequence
from functools import cache
from math import exp

_Matrix = tuple[tuple[float, ...], ...]
_D50 = (0.9642, 1.0, 0.8249)
_BRADFORD: _Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_D65 = (0.3127, 0.3290)
_PRIMARIES: dict[int, tuple[tuple[float, float], ...]] = {
    1: ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), _D65),
    5: ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    6: ((0.630, 0.340), (0.310, 0.595), (0.155, 0.070), _D65),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    11: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), (0.314, 0.351)),
    12: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060), _D65),
}
"""Red, green, blue, white: BT.709, BT.470BG, BT.601, BT.2020, DCI-P3, Display P3."""
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
_PQ, _HLG = 16, 18
_SHOWN_AS_SRGB = frozenset((1, 2, 6, 13, 14, 15))
"""The curves of video and of sRGB: browsers show them alike."""
_HLG_KNEE = 0.5
_TABLE_STEPS = 1024
_WHITE_NITS = 203
"""Of paper in HDR pictures: BT.2408."""
_HEADROOM = 1000 / _WHITE_NITS
"""What is brighter than 1,000 nits is white."""


@cache
def srgb_tag(*, is_grey: bool) -> bytes:
    """Return the profile of sRGB, or of grey with its curve, in less than 500 bytes."""
    curve = _parametric(3, _SRGB_CURVE)
    if is_grey:
        return _profile(b"GRAY", {b"kTRC": curve}, "sRGB")
    return _profile(b"RGB ", _columns(_PRIMARIES[1]) | _same_for_each(curve), "sRGB")


@cache
def from_codes(primaries: int, transfer: int) -> bytes | None:
    """Return the profile that codes of H.273 stand for; None for sRGB and for what is not known.

    PQ and HLG are tone-mapped: each channel's light is compressed so that 1,000 nits are white.
    """
    if primaries not in _PRIMARIES or (primaries == 1 and transfer in _SHOWN_AS_SRGB):
        return None
    curve = _curve(transfer)
    if curve is None:
        return None
    return _profile(b"RGB ", _columns(_PRIMARIES[primaries]) | _same_for_each(curve), "coded")


def _curve(transfer: int) -> bytes | None:
    if transfer in _SHOWN_AS_SRGB:
        return _parametric(3, _SRGB_CURVE)
    if transfer in _GAMMAS:
        return _parametric(0, (_GAMMAS[transfer],))
    if transfer == _PQ:
        return _table(lambda signal: _compressed(_pq_nits(signal) / _WHITE_NITS))
    if transfer == _HLG:
        return _table(lambda signal: _compressed(_hlg_light(signal) * _HEADROOM))
    return None


def _pq_nits(signal: float) -> float:
    """Return the light of a PQ signal, cd/m²: BT.2100, table 4."""
    root = signal ** (1 / 78.84375)
    light: float = (max(root - 0.8359375, 0.0) / (18.8515625 - 18.6875 * root)) ** (
        1 / 0.1593017578125
    )
    return 10_000 * light


def _hlg_light(signal: float) -> float:
    """Return the light of an HLG signal on a screen of 1,000 nits, 0 to 1: BT.2100, table 5."""
    bright = (exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
    scene = bright if signal > _HLG_KNEE else signal**2 / 3
    light: float = scene**1.2
    return light


def _compressed(light: float) -> float:
    """Compress 0 to the headroom into 0 to 1: Reinhard's curve with a white point."""
    return min(1.0, light * (1 + light / _HEADROOM**2) / (1 + light))


def _profile(space: bytes, tags: dict[bytes, bytes], name: str) -> bytes:
    """Assemble a version 4 display profile; equal tags share their bytes."""
    everything = {
        b"desc": _text(name),
        b"cprt": _text("CC0"),
        b"wtpt": _xyz(_D50),
        **tags,
    }
    start = 128 + 4 + 12 * len(everything)
    directory, body = [struct.pack(">I", len(everything))], b""
    for tag, content in everything.items():
        at = body.find(content)
        if at < 0:
            at, body = len(body), body + content
        directory.append(tag + struct.pack(">II", start + at, len(content)))
    head = bytearray(128)
    head[:4] = struct.pack(">I", start + len(body))
    head[8:12] = b"\x04\x20\0\0"
    head[12:24] = b"mntr" + space + b"XYZ "
    head[24:36] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    head[36:40] = b"acsp"
    head[68:80] = _xyz(_D50)[8:]
    return bytes(head) + b"".join(directory) + body


def _same_for_each(curve: bytes) -> dict[bytes, bytes]:
    return {b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}


def _text(words: str) -> bytes:
    encoded = words.encode("utf-16-be")
    head = struct.pack(">4sIII2s2sII", b"mluc", 0, 1, 12, b"en", b"US", len(encoded), 28)
    return _padded(head + encoded)


def _xyz(values: Sequence[float]) -> bytes:
    return struct.pack(">4sI3i", b"XYZ ", 0, *(round(value * 65_536) for value in values))


def _parametric(kind: int, values: Sequence[float]) -> bytes:
    numbers = (round(value * 65_536) for value in values)
    return struct.pack(f">4sIHH{len(values)}i", b"para", 0, kind, 0, *numbers)


def _table(light: Callable[[float], float]) -> bytes:
    steps = [round(65_535 * light(at / (_TABLE_STEPS - 1))) for at in range(_TABLE_STEPS)]
    return _padded(struct.pack(f">4sII{_TABLE_STEPS}H", b"curv", 0, _TABLE_STEPS, *steps))


def _padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 4)


def _columns(primaries: Sequence[tuple[float, float]]) -> dict[bytes, bytes]:
    """Return the colours of the primaries as seen in D50, and how they were adapted."""
    *colours, white = (_from_chromaticity(*xy) for xy in primaries)
    mixture = _transposed(tuple(colours))
    amounts = _times(_inverse(mixture), white)
    adapt = _adaptation(white)
    red, green, blue = (
        _times(adapt, tuple(amount * part for part in colour))
        for amount, colour in zip(amounts, colours, strict=True)
    )
    chad = struct.pack(">4sI9i", b"sf32", 0, *(round(v * 65_536) for row in adapt for v in row))
    return {b"chad": chad, b"rXYZ": _xyz(red), b"gXYZ": _xyz(green), b"bXYZ": _xyz(blue)}


def _from_chromaticity(x: float, y: float) -> tuple[float, ...]:
    return (x / y, 1.0, (1 - x - y) / y)


def _adaptation(white: Sequence[float]) -> _Matrix:
    """Return Bradford's matrix from a white point to D50."""
    was, now = _times(_BRADFORD, white), _times(_BRADFORD, _D50)
    scaled = tuple(
        tuple(value * after / before for value in row)
        for row, after, before in zip(_BRADFORD, now, was, strict=True)
    )
    inverse = _inverse(_BRADFORD)
    return _transposed(tuple(_times(inverse, column) for column in _transposed(scaled)))


def _times(matrix: _Matrix, vector: Sequence[float]) -> tuple[float, ...]:
    return tuple(sum(a * b for a, b in zip(row, vector, strict=True)) for row in matrix)


def _transposed(matrix: _Matrix) -> _Matrix:
    return tuple(zip(*matrix, strict=True))


def _inverse(matrix: _Matrix) -> _Matrix:
    """Return the inverse of 3 × 3 numbers: the cross products of its rows over its volume."""
    (a, b, c) = matrix
    columns = (_cross(b, c), _cross(c, a), _cross(a, b))
    volume = sum(x * y for x, y in zip(a, columns[0], strict=True))
    return _transposed(tuple(tuple(value / volume for value in column) for column in columns))


def _cross(a: Sequence[float], b: Sequence[float]) -> tuple[float, ...]:
    return (a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0])
