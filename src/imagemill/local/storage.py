"""Patches of MiniStack's S3: a write is on disk before it is answered, and memory has no copy.

MiniStack writes objects to disk after its answer: if the disk is full, it only logs a warning, and
the bytes are in memory until it ends. It also keeps the bytes of every version in memory, although
it can read them from disk.
"""

import contextvars
import errno
import functools
import json
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_LOGGER = logging.getLogger("imagemill.storage")
# HTTP status of a full disk (RFC 4918).
_INSUFFICIENT_STORAGE = 507
Answer = tuple[int, dict[str, str], bytes]
Undo = Callable[[], None]


@dataclass
class _Change:
    """The effects of one request on S3 so far."""

    undo: list[Undo] = field(default_factory=list)
    events: list[Undo] = field(default_factory=list)
    fault: OSError | None = None


_change: contextvars.ContextVar[_Change | None] = contextvars.ContextVar("change", default=None)


def keep_on_disk(s3: Any) -> None:  # noqa: ANN401  # a module of MiniStack, which has no types
    """Replace the functions of MiniStack's module `s3` that write objects to disk. Call it once."""
    s3._persist_object = functools.partial(_persist_object, s3)
    s3._persist_displaced_version = functools.partial(_persist_displaced_version, s3)
    s3._record_object_version = _undoable(s3, s3._record_object_version)
    s3._record_delete_marker = _undoable(s3, s3._record_delete_marker)
    s3._fire_s3_event_async = _held_back(s3._fire_s3_event_async)
    s3._dispatch = _all_or_nothing(s3._dispatch)
    s3._atomic_write = _atomic_write


def _all_or_nothing(dispatch: Callable[..., Answer]) -> Callable[..., Answer]:
    """Return a handler whose change is either on disk, or undone and answered with an error.

    Events are sent at the end, in the order of the changes, because the handler never awaits.
    """

    @functools.wraps(dispatch)
    def dispatched(*args: Any) -> Answer:  # noqa: ANN401  # MiniStack's
        change = _Change()
        token = _change.set(change)
        try:
            answer = dispatch(*args)
        finally:
            _change.reset(token)
        if change.fault is None:
            for fire in change.events:
                fire()
            return answer
        for undo in reversed(change.undo):
            undo()
        return _refusal(change.fault)

    return dispatched


def _refusal(fault: OSError) -> Answer:
    """Return S3's error document for a full disk; SDKs retry the request."""
    text = fault.strerror or "the disk cannot be written"
    code = (
        "InsufficientStorage"
        if fault.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
        else "InternalError"
    )
    body = f"<Error><Code>{code}</Code><Message>{text}: nothing was stored</Message></Error>"
    return _INSUFFICIENT_STORAGE, {"Content-Type": "application/xml"}, body.encode()


def _failed(what: str, fault: OSError) -> None:
    _LOGGER.error("%s could not be written: %s", what, fault)
    change = _change.get()
    if change is not None and change.fault is None:
        change.fault = fault


def _undoable(s3: Any, record: Callable[..., Any]) -> Callable[..., Any]:  # noqa: ANN401  # MiniStack's
    """Return a function that records a version and can be undone."""

    @functools.wraps(record)
    def recorded(bucket: str, key: str, prior: dict[str, Any] | None, *rest: Any) -> Any:  # noqa: ANN401  # ditto
        change = _change.get()
        if change is not None:
            change.undo.append(_restoring(s3, bucket, key, prior))
        done = record(bucket, key, prior, *rest)
        _forget_bodies(s3, bucket, key)
        return done

    return recorded


def _restoring(s3: Any, bucket: str, key: str, prior: dict[str, Any] | None) -> Undo:  # noqa: ANN401  # ditto
    """Return a function that restores the present object and versions of a key."""
    slot = (bucket, key)
    versions = [dict(entry) for entry in s3._object_versions.get(slot) or []]

    def restore() -> None:
        objects = s3._buckets[bucket]["objects"]
        if prior is None:
            objects.pop(key, None)
        else:
            objects[key] = prior
        if versions:
            s3._object_versions[slot] = versions
        else:
            s3._object_versions.pop(slot, None)

    return restore


def _held_back(fire: Callable[..., None]) -> Callable[..., None]:
    """Return a sender of events that waits until the change is on disk."""

    @functools.wraps(fire)
    def held(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # MiniStack's
        change = _change.get()
        if change is None:
            fire(*args, **kwargs)
        else:
            change.events.append(functools.partial(fire, *args, **kwargs))

    return held


def _persist_object(s3: Any, bucket: str, key: str, stored: Any) -> None:  # noqa: ANN401  # MiniStack's
    """Write an object and its metadata, both or neither, and drop the bytes from memory."""
    path = s3._object_disk_path(bucket, key)
    if path is None:
        return
    is_record = isinstance(stored, dict)
    data = stored.get("body") if is_record else stored
    facts = (
        s3._object_meta_from_record(stored) | s3._key_history_meta(bucket, key) if is_record else {}
    )
    try:
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        parts = {f"{path}.meta.json": json.dumps(facts | {"key": key}).encode()}
        _write_all(({path: data} if data is not None else {}) | parts)
    except OSError as fault:
        _failed(f"{bucket}/{key}", fault)
        return
    other = s3._other_key_disk_path(str(Path(s3.DATA_DIR, s3.get_account_id(), bucket)), key, path)
    s3._remove_key_files(other)
    if is_record:
        stored["body"] = None
        _forget_bodies(s3, bucket, key, stored.get("version_id") or "null")


def _forget_bodies(s3: Any, bucket: str, key: str, current: str = "") -> None:  # noqa: ANN401  # ditto
    """Drop the bytes of each version that is on disk."""
    for entry in s3._object_versions.get((bucket, key)) or []:
        name = entry["version_id"]
        if entry.get("data") and (name == current or s3._version_file_exists(bucket, key, name)):
            entry["data"] = None


def _persist_displaced_version(s3: Any, bucket: str, key: str, prior: Any, versioning: str) -> None:  # noqa: ANN401  # ditto
    """Save the bytes of the object that will be replaced, as a file of its version.

    A hard link takes no space, and it stays when the first name is given to another file.
    """
    name = (prior or {}).get("version_id") or "null"
    if versioning == "Suspended":
        s3._delete_version_file(bucket, key, "null")
    if prior is None or (versioning == "Suspended" and name == "null"):
        return
    path = s3._version_disk_path(bucket, key, name)
    if path is None:
        return
    try:
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        source = s3._object_disk_path(bucket, key)
        if prior.get("body") is not None or not _link(source, path):
            _write_all({path: s3._read_body(bucket, key, prior)})
    except OSError as fault:
        _failed(f"version {name} of {bucket}/{key}", fault)


def _link(source: str | None, path: str) -> bool:
    """Make a hard link; False if the file system cannot."""
    try:
        Path(path).unlink(missing_ok=True)
        os.link(source or "", path)
    except OSError as fault:
        if fault.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise
        return False
    return True


def _write_all(files: dict[str, bytes]) -> None:
    """Write all files under temporary names, then rename them; an OSError leaves none changed."""
    drafts = {path: Path(f"{path}.tmp") for path in files}
    try:
        for path, draft in drafts.items():
            _write(draft, files[path])
        for path, draft in drafts.items():
            draft.replace(path)
    except BaseException:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
        raise


def _write(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)


def _atomic_write(path: str, data: bytes | str, *, text: bool = False) -> None:
    """Write one file atomically for MiniStack's writers; record the error, which they hide."""
    content = data.encode() if isinstance(data, str) else data
    try:
        _write_all({path: content})
    except OSError as fault:
        _failed(f"{path} ({'text' if text else 'bytes'})", fault)
        raise
