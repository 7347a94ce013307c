"""Build ICC profiles: small ones that tag renditions, and those that colour codes stand for.

Sources: ICC.1:2010 for the container, ITU-T H.273 for the codes, IEC 61966-2-1 for sRGB, ITU-R
BT.2100 for PQ and HLG, W3C PNG third edition for gamma and chromaticities.
"""

import struct
from collections.abc import Callable, Sequence
from functools import cache
from math import exp

from imagemill.imaging.primaries import D50, PRIMARIES, adaptation, columns

# Parameters g, a, b, c, d of a parametric curve of type 3.
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
# Gamma of video screens: BT.1886.
_SCREEN_GAMMA = 2.4
_SMPTE240_CURVE = (1 / 0.45, 1 / 1.1115, 0.1115 / 1.1115, 1 / 4, 0.0913)
# Transfer codes that are plain gammas.
_GAMMAS = {4: 2.2, 5: 2.8, 8: 1.0}
# H.273 codes of transfers.
_SMPTE240, _SRGB, _ST428, _PQ, _HLG = 7, 13, 17, 16, 18
# Codes of the curves of BT.709, BT.601, xvYCC and BT.2020. Chromium shows them like sRGB in AVIF,
# and like a video screen in PNG.
_VIDEO = frozenset((1, 6, 11, 14, 15))
# Transfers shown by sRGB's curve: unspecified, sRGB, and BT.1361.
_SRGB_ALIKE = frozenset((2, _SRGB, 12))
# Largest difference of a chromaticity from sRGB's that still counts as equal.
_SRGB_COLUMNS_OFF = 0.02
# Gammas beyond these exponents are ignored; meaningful ones lie between 0.4 and 3.
_MAX_EXPONENT, _MIN_EXPONENT = 100.0, 0.01
# Signal at which HLG changes from a square root to a logarithm: BT.2100, table 5.
_HLG_KNEE = 0.5
# Entries of a curve that is given as a table.
_TABLE_STEPS = 1024
# Luminance of paper white in HDR images, cd/m²: BT.2408.
_WHITE_NITS = 203
# Luminance that becomes white, 1,000 cd/m², relative to paper white.
_HEADROOM = 1000 / _WHITE_NITS


@cache
def srgb_tag(*, is_grey: bool) -> bytes:
    """Return the profile of sRGB, or of grey with sRGB's curve, in less than 500 bytes."""
    curve = _parametric(3, _SRGB_CURVE)
    if is_grey:
        return _profile(b"GRAY", {b"kTRC": curve}, "sRGB")
    return _profile(b"RGB ", _rgb_tags(PRIMARIES[1]) | _same_for_each(curve), "sRGB")


@cache
def from_codes(
    primaries: int, transfer: int, *, is_grey: bool = False, is_png: bool = False
) -> bytes | None:
    """Return the profile for H.273 codes; None for sRGB and for unknown codes.

    Unspecified primaries are BT.709's. PQ and HLG are tone-mapped: each channel's light is
    compressed so that 1,000 cd/m² become white. With `is_png` video curves are shown as on video
    screens.
    """
    primaries = 1 if primaries == 2 else primaries  # noqa: PLR2004 - H.273: unspecified
    curve = _curve(transfer, is_png=is_png)
    if primaries not in PRIMARIES or curve is None:
        return None
    if curve == _parametric(3, _SRGB_CURVE) and (primaries == 1 or is_grey):
        return None
    if is_grey:
        return _profile(b"GRAY", {b"kTRC": curve}, "coded")
    return _profile(b"RGB ", _rgb_tags(PRIMARIES[primaries]) | _same_for_each(curve), "coded")


@cache
def p3_profile() -> bytes:
    """Return the profile of Display P3, with sRGB's curve, in less than 500 bytes."""
    curve = _parametric(3, _SRGB_CURVE)
    return _profile(b"RGB ", _rgb_tags(PRIMARIES[12]) | _same_for_each(curve), "Display P3")


def matrix_profile(tags: dict[bytes, bytes]) -> bytes:
    """Return a profile with these columns and curves; white is D50."""
    padded = {name: _padded(content) for name, content in tags.items()}
    return _profile(b"RGB ", padded, "RGB")


def is_known(codes: tuple[int, int]) -> bool:
    """Return True if both H.273 codes, primaries and transfer, are specified and supported here."""
    primaries, transfer = codes
    is_specified = transfer != 2  # noqa: PLR2004 - H.273: unspecified
    return primaries in PRIMARIES and is_specified and _curve(transfer) is not None


@cache
def from_gamma(
    gamma: int, chromaticities: tuple[int, ...] | None, *, is_grey: bool = False
) -> bytes | None:
    """Return the profile for gAMA and cHRM of a PNG; None if the values make no sense.

    Both are in units of 1/100,000; `chromaticities` are x and y of white, red, green and blue.
    """
    exponent = min(max(100_000 / gamma, _MIN_EXPONENT), _MAX_EXPONENT) if gamma else 1.0
    curve = _parametric(0, (exponent,))
    if is_grey:
        return _profile(b"GRAY", {b"kTRC": curve}, "gamma")
    pairs = [PRIMARIES[1][at] for at in (3, 0, 1, 2)]
    if chromaticities:
        x, y = chromaticities[::2], chromaticities[1::2]
        pairs = [(a / 100_000, b / 100_000) for a, b in zip(x, y, strict=True)]
    white, *primaries = pairs
    try:
        return _profile(b"RGB ", _rgb_tags((*primaries, white)) | _same_for_each(curve), "gamma")
    except (ZeroDivisionError, struct.error):
        return None


def are_srgb(chromaticities: tuple[int, ...]) -> bool:
    """Return True if the cHRM of a PNG has the white point and the primaries of sRGB."""
    red, green, blue, white = PRIMARIES[1]
    wanted = [part for pair in (white, red, green, blue) for part in pair]
    found = [value / 100_000 for value in chromaticities]
    return max(abs(a - b) for a, b in zip(wanted, found, strict=True)) <= _SRGB_COLUMNS_OFF


def _curve(transfer: int, *, is_png: bool = False) -> bytes | None:
    if transfer in _VIDEO and is_png:
        return _parametric(0, (_SCREEN_GAMMA,))
    if transfer in _SRGB_ALIKE or transfer in _VIDEO:
        return _parametric(3, _SRGB_CURVE)
    if transfer in _GAMMAS:
        return _parametric(0, (_GAMMAS[transfer],))
    if transfer == _SMPTE240:
        return _parametric(3, _SMPTE240_CURVE)
    light = _LIGHTS.get(transfer)
    return _table(light) if light else None


def pq_nits(signal: float) -> float:
    """Return the luminance of a PQ signal from 0 to 1, cd/m²: BT.2100, table 4."""
    root = signal ** (1 / 78.84375)
    light: float = (max(root - 0.8359375, 0.0) / (18.8515625 - 18.6875 * root)) ** (
        1 / 0.1593017578125
    )
    return 10_000 * light


def _hlg_light(signal: float) -> float:
    """Return the light of an HLG signal on a screen of 1,000 cd/m², 0 to 1: BT.2100, table 5."""
    bright = (exp((signal - 0.55991073) / 0.17883277) + 0.28466892) / 12
    scene = bright if signal > _HLG_KNEE else signal**2 / 3
    light: float = scene**1.2
    return light


def _compressed(light: float) -> float:
    """Compress light from 0 to the headroom into 0 to 1: Reinhard's curve with a white point."""
    return min(1.0, light * (1 + light / _HEADROOM**2) / (1 + light))


# Curves that are given as tables: signal to light, both from 0 to 1. ST 428 is digital cinema.
_LIGHTS: dict[int, Callable[[float], float]] = {
    _PQ: lambda signal: _compressed(pq_nits(signal) / _WHITE_NITS),
    _HLG: lambda signal: _compressed(_hlg_light(signal) * _HEADROOM),
    _ST428: lambda signal: min(1.0, 52.37 / 48 * signal**2.6),
}


def _profile(space: bytes, tags: dict[bytes, bytes], name: str) -> bytes:
    """Return a version 4 display profile; equal tags share their bytes."""
    everything = {
        b"desc": _text(name),
        b"cprt": _text("CC0"),
        b"wtpt": _xyz(D50),
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
    head[68:80] = _xyz(D50)[8:]
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


def _rgb_tags(primaries: Sequence[tuple[float, float]]) -> dict[bytes, bytes]:
    """Return the tags of the primaries as seen in D50, and of their adaptation."""
    adapted = (value for row in adaptation(primaries) for value in row)
    chad = struct.pack(">4sI9i", b"sf32", 0, *(round(value * 65_536) for value in adapted))
    red, green, blue = columns(primaries)
    return {b"chad": chad, b"rXYZ": _xyz(red), b"gXYZ": _xyz(green), b"bXYZ": _xyz(blue)}
