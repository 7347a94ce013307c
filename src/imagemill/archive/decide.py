"""Decide which step archiving takes for an image."""

from imagemill.archive.deps import StoredOriginal
from imagemill.dataclass import dataclass
from imagemill.domain.event import PACKED_METADATA, REPLACEABLE
from imagemill.domain.record import ImageRecord

# Least part of a JPEG that archiving must save: below it, reading costs more than it saves.
LEAST_SAVED = 0.05
# Headers of objects that stay as they are: other bytes than the stored ones are shown, or the
# object is locked, redirects, has metadata that no header shows, or has to be restored first.
_EXCLUDED = (
    "content-encoding",
    "x-amz-archive-status",
    "x-amz-missing-meta",
    "x-amz-object-lock-",
    "x-amz-restore",
    "x-amz-server-side-encryption-customer-",
    "x-amz-website-redirect-location",
    f"x-amz-meta-{PACKED_METADATA}",
)
# Storage classes from which S3 returns an object only after a restore.
_SLOW_CLASSES = frozenset({"GLACIER", "DEEP_ARCHIVE"})


@dataclass(frozen=True, slots=True)
class Pack:
    """Store the JPEG of a version as JPEG XL."""

    version_id: str
    etag: str


@dataclass(frozen=True, slots=True)
class DeleteJpeg:
    """Delete the version of the JPEG with this SHA-256, which the version `keeper` holds."""

    version_id: str
    keeper: str
    sha256: str


@dataclass(frozen=True, slots=True)
class RemoveUnpacked:
    """Delete the JPEGs that were unpacked for downloads of a deleted image."""


def next_step(
    record: ImageRecord | None, max_bytes: int
) -> Pack | DeleteJpeg | RemoveUnpacked | None:
    """Return the next step for an image by its record; None if there is none.

    Only the JPEG of a ready image is archived: its record tells that the bytes can be decoded. The
    JPEG is deleted after the record names the object that holds it.
    """
    if record and record.status == "deleted":
        return RemoveUnpacked()
    if record is None or record.status != "ready" or record.original is None:
        return None
    if record.version_id in REPLACEABLE:
        return None
    if record.archived:
        former = record.archived.replaces
        is_other = former not in REPLACEABLE | {record.version_id}
        return DeleteJpeg(former, record.version_id, record.archived.sha256) if is_other else None
    is_jpeg = record.original.format == "jpeg" and record.original.bytes <= max_bytes
    return Pack(record.version_id, record.etag) if is_jpeg else None


def may_replace(found: StoredOriginal, step: Pack) -> bool:
    """Return whether an object is the version of the record, and another form can replace it."""
    if (found.version_id, found.etag) != (step.version_id, step.etag):
        return False
    if found.headers.get("x-amz-storage-class") in _SLOW_CLASSES:
        return False
    return not any(name.startswith(_EXCLUDED) for name in found.headers)


def is_worthwhile(packed: bytes, jpeg: bytes) -> bool:
    """Return whether packing a JPEG saves enough."""
    return len(packed) <= (1 - LEAST_SAVED) * len(jpeg)
