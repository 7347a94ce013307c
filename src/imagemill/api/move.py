"""Move an image to a folder: copy the original to another key, and delete it under the former."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from imagemill.api.delete import write_tombstone
from imagemill.api.folders import root_of
from imagemill.api.read import read, require_stored
from imagemill.dataclass import dataclass
from imagemill.domain.caller import Caller
from imagemill.domain.clock import Clock
from imagemill.domain.keys import MAX_KEY_BYTES, Accepts, accept_every
from imagemill.domain.quoting import quoted
from imagemill.domain.record import ImageRecord
from imagemill.domain.stores import Records
from imagemill.domain.transitions import pending
from imagemill.errors import (
    Forbidden,
    InvalidRequest,
    KeyExists,
    NotReady,
    TooManyBytes,
    UploadIgnored,
)

# Largest object that one CopyObject copies, bytes; source: Amazon S3 User Guide, "Copying objects".
MAX_COPY_BYTES = 5 * 1024**3


class OriginalCopies(Protocol):
    """Copies and deletions in the bucket of originals."""

    def has(self, key: str) -> bool:
        """Return whether there is an object under the key."""

    def copy(self, key: str, etag: str, target: str) -> bool:
        """Copy an object with its metadata and tags.

        False: it has another ETag or is gone, or there is an object under the target key.
        """

    def delete_version(self, key: str, etag: str) -> None:
        """Delete the object, unless it has another ETag."""


@dataclass(frozen=True, slots=True)
class MoveDeps:
    """The dependencies of a move.

    `prefix` is that of the keys of all originals; `accepts` and `is_ignored` tell which keys are
    processed.
    """

    records: Records
    originals: OriginalCopies
    clock: Clock
    prefix: str = ""
    accepts: Accepts = accept_every
    is_ignored: Callable[[str], bool] = lambda _: False


def move_original(image: str, prefix: str, deps: MoveDeps, caller: Caller) -> ImageRecord:
    """Move an image below a prefix, and return the pending record of its new key.

    The former original is deleted when the copy is stored: an interruption leaves both, never none.
    The bucket's events do the rest. Raises NotFound, Gone, NotReady while the image is processed,
    KeyExists, Forbidden for a prefix of another owner, InvalidRequest or UploadIgnored for a key
    that is not processed, TooManyBytes, and TransientFault when a store fails.
    """
    record = require_stored(read(image, deps.records, caller))
    key = _target(record, prefix, deps, caller)
    if key == record.key or deps.originals.has(key):
        raise KeyExists(f"there is an original with the key {quoted(key)} already")
    moved = _announced(record, key, deps.clock)
    deps.records.put(moved)
    if not deps.originals.copy(record.key, record.stored_etag, key):
        if deps.originals.has(key):
            raise KeyExists(f"there is an original with the key {quoted(key)} already")
        raise NotReady(f"the original of {image} has changed: try again")
    deps.originals.delete_version(record.key, record.stored_etag)
    write_tombstone(record, deps.records, deps.clock)
    return moved


def _target(record: ImageRecord, prefix: str, deps: MoveDeps, caller: Caller) -> str:
    """Return the new key of an image; raises an error for one that cannot be."""
    size = record.original.bytes if record.original else 0
    if size > MAX_COPY_BYTES:
        raise TooManyBytes(f"expected at most {MAX_COPY_BYTES} bytes, got {size}")
    root = root_of(caller, deps.prefix)
    if not prefix.startswith(root):
        raise Forbidden(f"prefix: expected it to begin with {quoted(root)}")
    key = f"{prefix}{record.filename}"
    if len(key.encode()) > MAX_KEY_BYTES:
        raise InvalidRequest(f"prefix: expected a key of at most {MAX_KEY_BYTES} bytes")
    if not deps.accepts(key):
        raise InvalidRequest(f"prefix: this stack processes no originals below {quoted(prefix)}")
    if deps.is_ignored(key):
        raise UploadIgnored(f"the recipe of this stack ignores originals below {quoted(prefix)}")
    return key


def _announced(record: ImageRecord, key: str, clock: Clock) -> ImageRecord:
    """Return the record of the new key before its event.

    Its focal point and its ETags, which most copies keep, let the worker keep the point.
    """
    size = record.original.bytes if record.original else 0
    made = pending(key, size, clock.now(), clock.now_s(), record.rule or "")
    return replace(made, etag=record.etag, archived=record.archived, focus=record.wanted_focus)
