"""How a photo was taken, from its EXIF tags: time, camera, lens and exposure, but no location.

Tags may hold anything. Texts are cut and lose characters that cannot be printed, and numbers that
no camera has count as missing. Source of tags and units: EXIF 2.32.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from imagemill.dataclass import dataclass

# Date and time as EXIF writes them: 2026:11:29 12:00:00.
_EXIF_TIME = re.compile(r"([0-9]{4}):([0-9]{2}):([0-9]{2}) ([0-9:]{8})")
# Characters of a text to look at, and of a name to keep.
_MOST_READ, _MAX_LENGTH = 256, 64
# Tags of the first directory.
MAKE, MODEL = 0x010F, 0x0110
# Tags of the EXIF directory.
_TAKEN, _LENS_MAKE, _LENS_MODEL = 0x9003, 0xA433, 0xA434
_EXPOSURE_TIME, _F_NUMBER, _FOCAL_LENGTH = 0x829A, 0x829D, 0x920A
_ISO, _EXPOSURE_INDEX = 0x8827, 0x8832
EXIF_TAGS = (
    *(_TAKEN, _LENS_MAKE, _LENS_MODEL, _EXPOSURE_TIME, _F_NUMBER, _FOCAL_LENGTH),
    *(_ISO, _EXPOSURE_INDEX),
)
# ISO 65535 stands for a larger one, which is in the exposure index.
_ISO_BEYOND = 65_535
# Largest values of a photo: a day, s; f-number; ISO; mm.
_MOST_TIME_S, _MOST_F_NUMBER, _MOST_ISO, _MOST_FOCAL_LENGTH_MM = 86_400, 1_000, 10_000_000, 100_000


@dataclass(frozen=True, slots=True)
class Shot:
    """How a photo was taken; None where its tags do not say it.

    `captured_at` is the camera's local time as ISO 8601 without a zone; `camera` and `lens` are
    make and model.
    """

    captured_at: str | None = None
    camera: str | None = None
    lens: str | None = None
    exposure_time_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None


def read_shot(tags: Mapping[int, object], exif: Mapping[int, object]) -> Shot:
    """Return how a photo was taken by the tags of its first and of its EXIF directory."""
    iso = _number(exif, _ISO, _MOST_ISO)
    if iso == _ISO_BEYOND:
        iso = _number(exif, _EXPOSURE_INDEX, _MOST_ISO) or iso
    return Shot(
        captured_at=_time(_text(exif, _TAKEN)),
        camera=_name(_text(tags, MAKE), _text(tags, MODEL)),
        lens=_name(_text(exif, _LENS_MAKE), _text(exif, _LENS_MODEL)),
        exposure_time_s=_number(exif, _EXPOSURE_TIME, _MOST_TIME_S),
        f_number=_number(exif, _F_NUMBER, _MOST_F_NUMBER),
        iso=round(iso) if iso else None,
        focal_length_mm=_number(exif, _FOCAL_LENGTH, _MOST_FOCAL_LENGTH_MM),
    )


def _time(text: str) -> str | None:
    """Return a time as ISO 8601; None if the text is not one."""
    taken = _EXIF_TIME.match(text)
    if taken is None:
        return None
    found = f"{taken[1]}-{taken[2]}-{taken[3]}T{taken[4]}"
    try:
        datetime.fromisoformat(found)
    except ValueError:
        return None
    return found


def _name(make: str, model: str) -> str | None:
    """Return maker and model as one name; None if both are empty."""
    make, model = (_printable(name)[:_MAX_LENGTH].strip() for name in (make, model))
    name = model if model.startswith(make) else f"{make} {model}".strip()
    # Some cameras write dashes for an unknown lens.
    return name if any(map(str.isalnum, name)) else None


def _text(tags: Mapping[int, object], tag: int) -> str:
    value = tags.get(tag)
    return value[:_MOST_READ] if isinstance(value, str) else ""


def _printable(text: str) -> str:
    """Return a text in one line, without other characters that cannot be printed."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())


def _number(tags: Mapping[int, object], tag: int, most: float) -> float | None:
    """Return a number above zero, with six digits; None for any other value.

    Pillow gives fractions, and a tuple for several values; a fraction by zero is not a number.
    """
    value = tags.get(tag)
    first = value[0] if isinstance(value, tuple) and value else value
    try:
        # Any type of number, also a fraction of Pillow.
        number = float(first)  # type: ignore[arg-type]
    except (TypeError, ValueError, ArithmeticError):
        return None
    return float(f"{number:.6g}") if 0 < number <= most else None
