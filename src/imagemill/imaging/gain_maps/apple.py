"""Apple's gain maps: their headroom, and their values as logarithms.

Source: Apple, "Applying Apple HDR effect to your photos": the gain of a value v from 0 to 1 is
1 + (headroom - 1) × light(v), where light undoes the curve of BT.709.
"""

import struct
from contextlib import suppress
from math import log2

from PIL import Image

from imagemill.imaging.gain_maps.hdrgm import APPLE_NAMESPACE, read_properties
from imagemill.imaging.gain_maps.metadata import GainMetadata

# EXIF tags: the directory of EXIF, and the maker note in it.
_EXIF_DIRECTORY, _MAKER_NOTE = 0x8769, 0x927C
# Start of Apple's maker note, its byte order, and its directory.
_APPLE, _BIG_ENDIAN, _DIRECTORY_AT = b"Apple iOS\0\0\1", b"MM", 14
# Tags of the maker note, and the type of signed fractions.
_HEADROOM, _GAIN, _FRACTION_TYPE = 33, 48, 10
_ENTRY_BYTES, _MAX_ENTRIES = 12, 200
# Largest headroom, stops; phones have 3.
_MOST_STOPS = 8.0
# Curve of BT.709: end of the straight part, its slope, and the power function's offset and power.
_KNEE, _SLOPE, _OFFSET, _POWER = 0.081, 4.5, 0.099, 1 / 0.45


def read_stops(packet: bytes, exif: bytes) -> float | None:
    """Return the headroom in stops, from the gain map's XMP, else from the maker note.

    None if neither has it, or if it brightens nothing.
    """
    stops = _from_xmp(packet)
    if stops is None:
        stops = _from_maker_note(_maker_note(exif))
    return stops if stops is not None and 0 < stops <= _MOST_STOPS else None


def metadata_of(stops: float) -> GainMetadata:
    """Return the metadata of a map whose values `logarithms` has converted."""
    return GainMetadata((0.0,), (stops,), (1.0,), (0.0,), (0.0,), 0.0, stops)


def logarithms(stops: float) -> bytes:
    """Return a table of 256 values: each value of Apple's map as a share of `stops`, 0 to 255."""
    headroom = 2**stops
    gains = (1 + (headroom - 1) * _light(value / 255) for value in range(256))
    return bytes(round(255 * log2(gain) / stops) for gain in gains)


def _light(signal: float) -> float:
    if signal < _KNEE:
        return signal / _SLOPE
    light: float = ((signal + _OFFSET) / (1 + _OFFSET)) ** _POWER
    return light


def _from_xmp(packet: bytes) -> float | None:
    values = read_properties(packet, APPLE_NAMESPACE).get("HDRGainMapHeadroom", [])
    with suppress(ValueError, IndexError):
        headroom = float(values[0])
        return log2(headroom) if headroom > 0 else None
    return None


def _maker_note(exif: bytes) -> bytes:
    directory = Image.Exif()
    try:
        directory.load(exif)
        note = directory.get_ifd(_EXIF_DIRECTORY).get(_MAKER_NOTE, b"")
    except Exception:  # noqa: BLE001 - hostile metadata raise nearly any exception
        return b""
    return note if isinstance(note, bytes) else b""


def _from_maker_note(note: bytes) -> float | None:
    """Return Apple's formula of both tags, stops."""
    if not note.startswith(_APPLE + _BIG_ENDIAN):
        return None
    fractions = _fractions(note)
    if _HEADROOM not in fractions or _GAIN not in fractions:
        return None
    headroom, gain = fractions[_HEADROOM], fractions[_GAIN]
    # Constants of Apple's: slope and value at zero, for small gains and for others.
    small, other = ((-20, 1.8), (-0.101, 1.601)) if headroom < 1 else ((-70, 3.0), (-0.303, 2.303))
    slope, start = small if gain <= 0.01 else other  # noqa: PLR2004 - Apple's
    return slope * gain + start


def _fractions(note: bytes) -> dict[int, float]:
    """Return the signed fractions of a maker note by tag; offsets count from its start."""
    found: dict[int, float] = {}
    with suppress(struct.error):
        (count,) = struct.unpack_from(">H", note, _DIRECTORY_AT)
        for index in range(min(count, _MAX_ENTRIES)):
            at = _DIRECTORY_AT + 2 + index * _ENTRY_BYTES
            tag, kind, number, place = struct.unpack_from(">HHII", note, at)
            if kind != _FRACTION_TYPE or number != 1:
                continue
            numerator, denominator = struct.unpack_from(">ii", note, place)
            if denominator:
                found[tag] = numerator / denominator
    return found
