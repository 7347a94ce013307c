"""Fetch: what a stack holds of one image, and under which name to keep it."""

from dataclasses import dataclass
from typing import Protocol

from imagemill.api.read import RecordReader, find
from imagemill.domain.event import ObjectEvent
from imagemill.domain.keys import rendition_filename, safe_filename
from imagemill.domain.record import ImageRecord, StoredRendition
from imagemill.errors import NotFound


class Bucket(Protocol):
    """A bucket, read."""

    def download(self, key: str) -> bytes | None:
        """Return the bytes under the key; None if there are none."""


class Originals(Protocol):
    """The bucket of originals, as far as it is asked what stands there."""

    def current(self, key: str) -> ObjectEvent | None:
        """Return what stands under the key now; None if nothing."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file's bytes, and a name for it that is safe in any folder."""

    filename: str
    data: bytes


def require(id_or_key: str, records: RecordReader) -> ImageRecord:
    """Return the record named by id or key; raises NotFound if there is none."""
    record = find(id_or_key, records)
    if record is None:
        raise NotFound(f"there is no image {id_or_key!r}")
    return record


def key_of(id_or_key: str, records: RecordReader, originals: Originals) -> str | None:
    """Return the key of the original that an id or a key names; None if nothing stands there.

    An original whose record is still to come is found by its key.
    """
    record = find(id_or_key, records)
    if record and record.status != "deleted":
        return record.key
    current = originals.current(record.key if record else id_or_key)
    return current.key if current else None


def fetch_original(record: ImageRecord, originals: Bucket) -> Fetched:
    """Return the original; raises NotFound if it is gone."""
    data = originals.download(record.key)
    if data is None:
        raise NotFound(f"the original of {record.key!r} is gone")
    return Fetched(safe_filename(record.filename), data)


def fetch_rendition(record: ImageRecord, preset: str | None, renditions: Bucket) -> Fetched:
    """Return a rendition, of the first preset by name unless one is given; raises NotFound."""
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
