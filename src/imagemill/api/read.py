"""Read records: one by one, or newest first."""

from imagemill.dataclass import dataclass
from imagemill.domain.caller import Caller
from imagemill.domain.cursor import cursor_at, position_of
from imagemill.domain.keys import image_id, is_image_id
from imagemill.domain.record import ImageRecord, Status, StoredRendition
from imagemill.domain.stores import PagedFeed, RecordReader
from imagemill.errors import Gone, NotFound, NotReady, RecordedRejection, UnknownPreset, WorkFailed


@dataclass(frozen=True, slots=True)
class Page:
    """Some records, newest first; `cursor` leads to the next page, None at the end."""

    records: list[ImageRecord]
    cursor: str | None


def find(id_or_key: str, records: RecordReader) -> ImageRecord | None:
    """Return the record with this id or of the original with this key."""
    by_id = records.get(id_or_key) if is_image_id(id_or_key) else None
    return by_id or records.get(image_id(id_or_key))


def read(image: str, records: RecordReader, caller: Caller) -> ImageRecord:
    """Return the record with this id; raises NotFound, or Gone for an image that was deleted.

    The image of another owner is not found: the answer does not reveal that it exists.
    """
    record = records.get(image)
    if record is None or not caller.may_access(record.key):
        raise NotFound(f"there is no image {image}")
    if record.status == "deleted":
        raise Gone(f"image {image} was deleted")
    return record


def list_page(
    limit: int, cursor: str | None, status: Status | None, feed: PagedFeed, caller: Caller
) -> Page:
    """Return the page after a cursor, or the first page; raises InvalidCursor.

    It has all images for a caller that sees all, and its own images for any other.
    A page with fewer than `limit` records need not be the last: only a missing cursor says so.
    """
    before = position_of(cursor, status) if cursor else None
    owner = None if caller.sees_all else caller.owner
    records, position = feed.page(limit, before, status, owner)
    return Page(records, cursor_at(position, status) if position else None)


def rendition_of(record: ImageRecord, preset: str) -> StoredRendition:
    """Return an image's rendition of one preset.

    Raises NotReady, UnknownPreset, WorkFailed, or RecordedRejection with the code of the rejection.
    """
    renditions = require_ready(record).renditions
    if preset not in renditions:
        names = ", ".join(sorted(renditions))
        raise UnknownPreset(f"expected a preset of this image ({names}), got {preset!r}")
    return renditions[preset]


def require_ready(record: ImageRecord) -> ImageRecord:
    """Return the record of an image that is ready.

    Raises NotReady, WorkFailed, or RecordedRejection with the code of the rejection.
    """
    match record.status:
        case "ready":
            return record
        case "rejected" if record.error:
            raise RecordedRejection(record.error.code, record.error.message)
        case "failed" if record.error:
            raise WorkFailed(f"{record.error.code}: {record.error.message}")
        case _:
            raise NotReady(f"image {record.id} is still being processed")


def require_stored(record: ImageRecord) -> ImageRecord:
    """Return the record of an image whose original is known to be stored; raises NotReady."""
    if record.status == "pending":
        raise NotReady(f"image {record.id} has not arrived or is still being processed")
    return record
