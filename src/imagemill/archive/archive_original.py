"""Archive the original of an image: pack its JPEG, and delete the JPEG when the record knows it.

The packed object replaces the JPEG under the same key, and names it in its metadata. Its event
moves the record to it, as a copy of the same bytes does; then the JPEG is deleted. Every step is
safe to repeat, and an interruption leaves both versions, never none.
"""

import hashlib
from enum import StrEnum

from imagemill.archive.decide import (
    DeleteJpeg,
    Pack,
    RemoveUnpacked,
    is_worthwhile,
    may_replace,
    next_step,
)
from imagemill.archive.deps import ArchiveDeps, StoredOriginal
from imagemill.domain.event import PackedJpeg


class Result(StrEnum):
    """How a request to archive an original ended."""

    PACKED = "packed"
    """The packed object is stored; its event moves the record."""
    DELETED = "deleted"
    """The version of the JPEG is deleted, or the unpacked JPEGs of a deleted image are."""
    KEPT = "kept"
    """The JPEG stays: it does not come back bit for bit, saves too little, or S3 forbids it."""
    NOTHING = "nothing"
    """The original is archived, is no JPEG, or has changed."""


def archive_original(image_id: str, deps: ArchiveDeps) -> Result:
    """Take the next step for an image; raises TransientFault when a store fails."""
    record = deps.records.get(image_id)
    step = next_step(record, deps.max_bytes)
    if record is None or step is None:
        return Result.NOTHING
    match step:
        case Pack():
            return _pack(record.key, step, deps)
        case DeleteJpeg():
            return _delete(record.key, step, deps)
        case RemoveUnpacked():
            deps.unpacked.remove_all(image_id)
            return Result.DELETED


def _pack(key: str, step: Pack, deps: ArchiveDeps) -> Result:
    found = deps.originals.find(key)
    if found is None or not may_replace(found, step):
        return Result.NOTHING
    jpeg = deps.originals.read(key, found)
    if jpeg is None:
        return Result.NOTHING
    packed = deps.pack(jpeg)
    if packed is None or not is_worthwhile(packed, jpeg):
        return Result.KEPT
    # S3 compares only the ETag: the same bytes may have been stored again with other metadata.
    if deps.originals.find(key) != found:
        return Result.NOTHING
    packs = PackedJpeg(step.etag, len(jpeg), hashlib.sha256(jpeg).hexdigest(), step.version_id)
    return Result.PACKED if deps.originals.replace(key, found, packed, packs) else Result.KEPT


def _delete(key: str, step: DeleteJpeg, deps: ArchiveDeps) -> Result:
    """Delete the JPEG while the object that holds it is the current one.

    Metadata may be false: both versions are read, and the bytes must be the same.
    """
    found = deps.originals.find(key)
    if found is None or found.version_id != step.keeper:
        return Result.NOTHING
    packed = deps.originals.read(key, found)
    jpeg = deps.originals.read(key, StoredOriginal(step.version_id, "", {}))
    if packed is None or jpeg is None:
        return Result.NOTHING
    if deps.unpack(packed, step.sha256) != jpeg:
        return Result.KEPT
    is_deleted = deps.originals.delete_version(key, step.version_id)
    return Result.DELETED if is_deleted else Result.KEPT
