"""Keep the colours of an image that lie beyond sRGB: its pixels stay, with a small profile.

Sources: ICC.1:2022 for the tags; ITU-T H.273 for the codes of Display P3.
"""

import struct
from dataclasses import replace

from imagemill.imaging.colour import Conversion, KeptGamut, make_conversion, transform_to
from imagemill.imaging.facts import HDR_TRANSFERS, Facts
from imagemill.imaging.hdr_profile import read_tags
from imagemill.imaging.icc import matrix_profile, p3_profile
from imagemill.imaging.primaries import PRIMARIES, columns

# H.273 codes of Display P3: primaries, and the curve of sRGB.
_P3, _SRGB_CURVE = 12, 13
_COLUMN_TAGS = (b"rXYZ", b"gXYZ", b"bXYZ")
_CURVE_TAGS = (b"rTRC", b"gTRC", b"bTRC")
# Tags of profiles with tables instead of a matrix.
_TABLES = (b"A2B0", b"D2B0")
# Bytes of the largest kept curve: a table of 1,024 entries.
_MAX_CURVE_BYTES = 12 + 2 * 1024
# Difference of a column up to which the primaries count as Display P3's.
_COLUMNS_OFF = 0.003
_RGB = b"RGB "
# Place of the colour space in a profile.
_SPACE = slice(16, 20)


def with_kept_gamut(conversion: Conversion, facts: Facts) -> Conversion:
    """Return the conversion completed by the way to keep the image's own colours.

    The values of RGB with a matrix stay, and get a profile with the same matrix and curves. RGB
    with tables, PQ and HLG become Display P3. Unchanged for other images: they are sRGB, grey, CMYK
    or Lab.
    """
    source, transform = conversion.source, conversion.transform
    if source is None or transform is None or source[_SPACE] != _RGB:
        return conversion
    is_hdr = facts.codes is not None and facts.codes[1] in HDR_TRANSFERS
    own = None if is_hdr else _compact(source)
    if own is not None:
        kept = KeptGamut(Conversion(), own, _codes(own), back=conversion)
    else:
        to_p3 = Conversion(transform_to(p3_profile(), source, transform.input_mode))
        back = make_conversion(p3_profile(), "RGB")
        kept = KeptGamut(to_p3, p3_profile(), (_P3, _SRGB_CURVE), back)
    return replace(conversion, kept=kept)


def _compact(profile: bytes) -> bytes | None:
    """Return the profile with nothing but matrix and curves; None if it has others."""
    tags = read_tags(profile)
    wanted = {name: tags.get(name, b"") for name in (*_COLUMN_TAGS, *_CURVE_TAGS)}
    curves = [wanted[name] for name in _CURVE_TAGS]
    is_matrix = all(wanted.values()) and not any(name in tags for name in _TABLES)
    if not is_matrix or max(map(len, curves)) > _MAX_CURVE_BYTES:
        return None
    if _is_p3(wanted) and set(curves) == {read_tags(p3_profile())[b"rTRC"]}:
        return p3_profile()
    return matrix_profile(wanted)


def _codes(profile: bytes) -> tuple[int, int] | None:
    return (_P3, _SRGB_CURVE) if profile == p3_profile() else None


def _is_p3(tags: dict[bytes, bytes]) -> bool:
    found = [tags[name][8:20] for name in _COLUMN_TAGS]
    if any(len(each) != 12 for each in found):  # noqa: PLR2004 - three numbers
        return False
    numbers: list[float] = [
        number / 65_536 for each in found for number in struct.unpack(">3i", each)
    ]
    known = [part for column in columns(PRIMARIES[_P3]) for part in column]
    return max(abs(a - b) for a, b in zip(numbers, known, strict=True)) <= _COLUMNS_OFF
