"""Text for the facts of an image, the same in every command."""

from rich.filesize import decimal
from rich.text import Text

from imagemill.domain.record import ImageRecord, Original, StoredRendition

_STYLES = {
    "ready": "green",
    "uploaded": "green",
    "pending": "yellow",
    "superseded": "yellow",
    "ignored": "yellow",
    "deleted": "dim",
}
# Exposure times below this are shown as fractions, s.
_SHORT_S = 0.3
# Length of the longest status, `superseded`.
_LONGEST_STATUS = 10


def styled_status(status: str) -> Text:
    """Return a status in its colour: green for success, yellow for unfinished, red for an error."""
    return Text(status, _STYLES.get(status, "red"))


def padded_status(status: str) -> Text:
    """Return a status in its colour, padded to the longest status."""
    return Text(status.ljust(_LONGEST_STATUS), _STYLES.get(status, "red"))


def size(width: int | None, height: int | None, length: int | None) -> str:
    """Return the pixels and the bytes that are known: `4000×3000 3.1 MB`."""
    pixels = f"{width}×{height}" if width and height else ""
    amount = decimal(length) if length is not None else ""
    return " ".join(word for word in (pixels, amount) if word)


def original_size(record: ImageRecord) -> str:
    """Return the pixels and bytes of an original; empty if they are unknown."""
    original = record.original
    return size(original.width, original.height, original.bytes) if original else ""


def renditions_size(record: ImageRecord) -> str:
    """Return the size of the only rendition; for several, their number and total bytes."""
    made = list(record.renditions.values())
    if len(made) == 1:
        return rendition_size(made[0])
    return f"{len(made)} renditions {decimal(sum(one.bytes for one in made))}" if made else ""


def rendition_size(made: StoredRendition) -> str:
    """Return the pixels and bytes of one rendition."""
    return size(made.width, made.height, made.bytes)


def exposure(original: Original) -> str:
    """Return the exposure that is known: `1/250 s, f/1.7, ISO 100, 28 mm`."""
    time_s, aperture = original.exposure_time_s, original.f_number
    length_mm = original.focal_length_mm
    parts = (
        f"{_seconds(time_s)} s" if time_s else "",
        f"f/{aperture:g}" if aperture else "",
        f"ISO {original.iso}" if original.iso else "",
        f"{length_mm:g} mm" if length_mm else "",
    )
    return ", ".join(filter(None, parts))


def _seconds(time_s: float) -> str:
    """Return an exposure time; a short one as cameras show it, such as 1/250."""
    return f"1/{round(1 / time_s)}" if time_s < _SHORT_S else f"{time_s:g}"


def clock_time(moment: str) -> str:
    """Return an ISO 8601 time without `T` and fractions: `2026-05-04 10:20:30`."""
    return moment[:19].replace("T", " ")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 image`, `2 images`, `98,010 images`."""
    return f"{number} {noun}" if number == 1 else f"{number:,} {noun}s"
