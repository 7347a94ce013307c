"""PQ and HLG that only an ICC profile declares.

Source: ICC.1:2022, 9.2.17 and 10.3. LittleCMS knows neither the tag `cicp` nor light beyond white:
by its curve alone such an image would come out nearly black.
"""

import struct

from imagemill.imaging.icc import pq_nits
from imagemill.imaging.primaries import PRIMARIES, columns

_PQ, _HLG = 16, 18
_HDR_PRIMARIES = (9, 12, 1)
_COLUMN_TAGS = (b"rXYZ", b"gXYZ", b"bXYZ")
_MAX_TAGS = 200
_PQ_POINTS = (0.25, 0.5, 0.75, 0.9)
# Signals at which a curve is compared with PQ, and how far it may be off, as a part of 10,000
# cd/m²; a power function that meets it at one point is off by 0.005 and more at the others.
_PQ_OFF = 0.002


def read_hdr_codes(profile: bytes) -> tuple[int, int] | None:
    """Return the codes of a profile for PQ or HLG: from its tag `cicp`, else from a curve of PQ.

    None for any other.
    """
    tags = _tags(profile)
    cicp = tags.get(b"cicp", b"")
    if len(cicp) >= 12 and cicp[9] in (_PQ, _HLG):  # noqa: PLR2004 - the tag's own length
        known = cicp[8] in PRIMARIES
        return (cicp[8] if known else _nearest_primaries(tags)), cicp[9]
    if cicp or b"A2B0" in tags or not _is_pq(tags.get(b"rTRC", tags.get(b"kTRC", b""))):
        return None
    return _nearest_primaries(tags), _PQ


def _tags(profile: bytes) -> dict[bytes, bytes]:
    """Return the tags of a profile by their names; those that lie outside it are cut short."""
    count = min(int.from_bytes(profile[128:132], "big"), _MAX_TAGS)
    entries = [profile[at : at + 12] for at in range(132, 132 + 12 * count, 12)]
    places = [struct.unpack(">4sII", entry) for entry in entries if len(entry) == 12]  # noqa: PLR2004
    return {name: profile[start : start + size] for name, start, size in places}


def _nearest_primaries(tags: dict[bytes, bytes]) -> int:
    """Return the code of those primaries of HDR that are nearest to a profile's columns."""
    found = b"".join(tags.get(name, b"")[8:20] for name in _COLUMN_TAGS)
    if len(found) != 36:  # noqa: PLR2004 - three columns of three numbers
        return _HDR_PRIMARIES[0]
    numbers: list[float] = [number / 65_536 for number in struct.unpack(">9i", found)]

    def distance(code: int) -> float:
        known = [part for column in columns(PRIMARIES[code]) for part in column]
        return sum(abs(a - b) for a, b in zip(numbers, known, strict=True))

    return min(_HDR_PRIMARIES, key=distance)


def _is_pq(curve: bytes) -> bool:
    """Whether a curve given as a table is that of PQ, with 10,000 cd/m² as white."""
    count = int.from_bytes(curve[8:12], "big")
    if curve[:4] != b"curv" or count < 64 or len(curve) < 12 + 2 * count:  # noqa: PLR2004
        return False
    for point in _PQ_POINTS:
        at = round(point * (count - 1))
        light = int.from_bytes(curve[12 + 2 * at : 14 + 2 * at], "big") / 65_535
        if abs(light - pq_nits(at / (count - 1)) / 10_000) > _PQ_OFF:
            return False
    return True
