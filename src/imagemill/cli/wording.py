"""Facts of an image in words: the same in every command."""

from rich.filesize import decimal
from rich.text import Text

from imagemill.domain.record import ImageRecord, StoredRendition

_STYLES = {
    "ready": "green",
    "uploaded": "green",
    "pending": "yellow",
    "superseded": "yellow",
    "deleted": "dim",
}
_LONGEST_STATUS = 10


def styled_status(status: str) -> Text:
    """Return a status in its colour: green is well, yellow is open, red is not well."""
    return Text(status, _STYLES.get(status, "red"))


def padded_status(status: str) -> Text:
    """Return a status in its colour, as wide as the widest of them."""
    return Text(status.ljust(_LONGEST_STATUS), _STYLES.get(status, "red"))


def size(width: int | None, height: int | None, length: int | None) -> str:
    """Return pixels and bytes, what is known of them: `4000×3000 3.1 MB`."""
    pixels = f"{width}×{height}" if width and height else ""
    amount = decimal(length) if length is not None else ""
    return " ".join(word for word in (pixels, amount) if word)


def original_size(record: ImageRecord) -> str:
    """Return the size of an image before."""
    original = record.original
    return size(original.width, original.height, original.bytes) if original else ""


def renditions_size(record: ImageRecord) -> str:
    """Return the size of an image after: its rendition's, or how many and how much."""
    made = list(record.renditions.values())
    if len(made) == 1:
        return rendition_size(made[0])
    return f"{len(made)} renditions {decimal(sum(one.bytes for one in made))}" if made else ""


def rendition_size(made: StoredRendition) -> str:
    """Return the size of one rendition."""
    return size(made.width, made.height, made.bytes)


def clock_time(moment: str) -> str:
    """Return an ISO 8601 time as people read it, to the second: `2026-05-04 10:20:30`."""
    return moment[:19].replace("T", " ")


def counted(number: int, noun: str) -> str:
    """Return a number of things: `1 image`, `2 images`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
