"""Name of the camera and time of a photo, from the texts of its EXIF tags."""

import re

# Date and time as EXIF writes them: 2026:11:29 12:00:00.
_EXIF_TIME = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d:\d\d:\d\d)")
# Characters of maker and model to keep.
_MAX_LENGTH = 64


def read_time(text: str) -> str | None:
    """Return a time as ISO 8601; None if the text is not one."""
    taken = _EXIF_TIME.match(text)
    return f"{taken[1]}-{taken[2]}-{taken[3]}T{taken[4]}" if taken else None


def camera_name(make: str, model: str) -> str | None:
    """Return maker and model as one name; None if both are empty."""
    make, model = (name.strip("\0 ")[:_MAX_LENGTH] for name in (make, model))
    return (model if model.startswith(make) else f"{make} {model}".strip()) or None
