"""The H.273 codes of an image, also of PQ and HLG images that only their ICC profile declares.

Source: ICC.1:2022, 9.2.17 and 10.3. LittleCMS supports neither the tag `cicp` nor light above
white: by its curve alone such an image would be nearly black.
"""

import struct
from typing import TYPE_CHECKING, cast

from imagemill.imaging.formats import avif, png
from imagemill.imaging.icc import is_known, pq_nits
from imagemill.imaging.primaries import PRIMARIES, columns
from imagemill.imaging.sniff import Kind

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

# H.273 codes of the transfers, and of the primaries that HDR profiles have.
_PQ, _HLG = 16, 18
_HDR_PRIMARIES = (9, 12, 1)
_COLUMN_TAGS = (b"rXYZ", b"gXYZ", b"bXYZ")
# Tags to read at most.
_MAX_TAGS = 200
# Signals at which a curve is compared with PQ.
_PQ_POINTS = (0.25, 0.5, 0.75, 0.9)
# Largest difference from PQ at those signals, as a part of 10,000 cd/m². A power function that
# matches at one point differs by 0.005 and more at the others.
_PQ_OFF = 0.002


def colour_codes(data: bytes, kind: Kind, image: "ImageFile") -> tuple[int, int] | None:
    """Return the codes that apply: cICP of a PNG, else those of an HDR profile, else nclx."""
    if kind == "png" and (found := png.read_codes(data)) and is_known(found):
        return found
    profile = image.info.get("icc_profile")
    if profile:
        return read_hdr_codes(profile)
    if kind == "jxl":
        return cast("tuple[int, int] | None", getattr(image, "codes", None))
    return avif.read_codes(data) if kind in ("avif", "heic") else None


def read_hdr_codes(profile: bytes) -> tuple[int, int] | None:
    """Return the H.273 codes of a PQ or HLG profile, by its tag `cicp` or PQ curve; else None."""
    tags = read_tags(profile)
    cicp = tags.get(b"cicp", b"")
    if len(cicp) >= 12 and cicp[9] in (_PQ, _HLG):  # noqa: PLR2004 - length of the tag
        known = cicp[8] in PRIMARIES
        return (cicp[8] if known else _nearest_primaries(tags)), cicp[9]
    if cicp or b"A2B0" in tags or not _is_pq(tags.get(b"rTRC", tags.get(b"kTRC", b""))):
        return None
    return _nearest_primaries(tags), _PQ


def read_tags(profile: bytes) -> dict[bytes, bytes]:
    """Return the tags of a profile by name; a tag that extends beyond the profile is cut."""
    count = min(int.from_bytes(profile[128:132], "big"), _MAX_TAGS)
    entries = [profile[at : at + 12] for at in range(132, 132 + 12 * count, 12)]
    places = [struct.unpack(">4sII", entry) for entry in entries if len(entry) == 12]  # noqa: PLR2004
    return {name: profile[start : start + size] for name, start, size in places}


def _nearest_primaries(tags: dict[bytes, bytes]) -> int:
    """Return the code of the HDR primaries nearest to the profile's columns."""
    found = b"".join(tags.get(name, b"")[8:20] for name in _COLUMN_TAGS)
    if len(found) != 36:  # noqa: PLR2004 - three columns of three numbers
        return _HDR_PRIMARIES[0]
    numbers: list[float] = [number / 65_536 for number in struct.unpack(">9i", found)]

    def distance(code: int) -> float:
        known = [part for column in columns(PRIMARIES[code]) for part in column]
        return sum(abs(a - b) for a, b in zip(numbers, known, strict=True))

    return min(_HDR_PRIMARIES, key=distance)


def _is_pq(curve: bytes) -> bool:
    """Return True if a curve given as a table is PQ, with 10,000 cd/m² as 1."""
    count = int.from_bytes(curve[8:12], "big")
    if curve[:4] != b"curv" or count < 64 or len(curve) < 12 + 2 * count:  # noqa: PLR2004
        return False
    for point in _PQ_POINTS:
        at = round(point * (count - 1))
        light = int.from_bytes(curve[12 + 2 * at : 14 + 2 * at], "big") / 65_535
        if abs(light - pq_nits(at / (count - 1)) / 10_000) > _PQ_OFF:
            return False
    return True
