"""Download an original or a rendition, with a file name for it."""

from imagemill.api.read import find
from imagemill.dataclass import dataclass
from imagemill.domain.keys import rendition_filename, safe_filename
from imagemill.domain.object_version import Unpack, no_unpacking
from imagemill.domain.record import ImageRecord, StoredRendition
from imagemill.domain.stores import Downloads, OriginalHeads, RecordReader
from imagemill.errors import NotFound


@dataclass(frozen=True, slots=True)
class Fetched:
    """The bytes of a file, and a safe file name."""

    filename: str
    data: bytes


def require(id_or_key: str, records: RecordReader) -> ImageRecord:
    """Return the record with this id or key; raises NotFound."""
    record = find(id_or_key, records)
    if record is None:
        raise NotFound(f"there is no image {id_or_key!r}")
    return record


def key_of(id_or_key: str, records: RecordReader, originals: OriginalHeads) -> str | None:
    """Return the key of the original with this id or key; None if it does not exist.

    An original without a record so far is found by its key.
    """
    record = find(id_or_key, records)
    if record and record.status != "deleted":
        return record.key
    current = originals.current(record.key if record else id_or_key)
    return current.key if current else None


def fetch_original(
    record: ImageRecord, originals: Downloads, unpack: Unpack = no_unpacking
) -> Fetched:
    """Return the original; raises NotFound if it is gone.

    `unpack` is for an archived one, unless the download has unpacked it.
    """
    data = originals.download(record.key)
    if data is None:
        raise NotFound(f"the original of {record.key!r} is gone")
    jpeg = unpack(data, record.archived.sha256) if record.archived else None
    return Fetched(safe_filename(record.filename), jpeg or data)


def fetch_rendition(record: ImageRecord, preset: str | None, renditions: Downloads) -> Fetched:
    """Return the rendition of a preset, by default of the first by name; raises NotFound."""
    made = _choose(record, preset)
    data = renditions.download(made.key)
    if data is None:
        raise NotFound(f"the rendition {made.key!r} is gone")
    return Fetched(rendition_filename(safe_filename(record.filename), made.format), data)


def _choose(record: ImageRecord, preset: str | None) -> StoredRendition:
    if not record.renditions:
        why = f": {record.error.code}, {record.error.message}" if record.error else ""
        raise NotFound(f"{record.key!r} is {record.status} and has no renditions{why}")
    name = preset or min(record.renditions)
    if name not in record.renditions:
        raise NotFound(
            f"expected a preset of {record.key!r} ({', '.join(sorted(record.renditions))}), "
            f"got {name!r}"
        )
    return record.renditions[name]
