"""A reconciliation: the request to make record and renditions agree with one original.

It reports no event, only a key to look at. So it may be delivered twice, late or without need.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any

from imagemill.dataclass import dataclass
from imagemill.domain import checks
from imagemill.domain.keys import image_id, is_rendition_of, rendition_key
from imagemill.domain.record import EngineLimits, ImageRecord

# The field that distinguishes a reconciliation from a notification of S3.
MARK = "imagemill"
KIND = "reconcile"


class Concern(StrEnum):
    """The kind of images that a reconciliation is about."""

    MISSING = "missing"
    """The record does not describe the current object, or does not list a rendition."""
    STALE = "stale"
    """The current recipe, limits or version would have another result."""
    REJECTED = "rejected"
    """The image was rejected, by any version and limits."""
    REQUESTED = "requested"
    """A caller asked for the image to be made again, also if it is ready."""


# Default; rejected images are tried again only on request.
EVERYTHING = frozenset({Concern.MISSING, Concern.STALE})
# Error codes that depend on one limit only, in every version.
_LIMITS = {
    "too_many_bytes": "max_bytes",
    "too_many_pixels": "max_pixels",
    "too_many_frames": "max_frames",
}
# Error codes that no other version or limit can change.
_HOPELESS = frozenset({"empty"})


@dataclass(frozen=True, slots=True)
class Listed:
    """An original as a listing of the bucket shows it; `modified_s` is in epoch seconds."""

    key: str
    bytes: int
    etag: str
    modified_s: int

    @property
    def id(self) -> str:
        """The image's id."""
        return image_id(self.key)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of the processed bucket as a listing shows it; its size in bytes."""

    key: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The request to look at one image.

    `listed` is the original as a listing showed it; with it, finished work is recognised without a
    call to the bucket. `renditions` are keys of the processed bucket to look at: those that the
    record lists have to exist, and the others are removed.
    """

    key: str
    concerns: frozenset[Concern] = EVERYTHING
    listed: Listed | None = None
    renditions: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    """Error codes of the rejected images to try again; all if empty."""
    revision: int = 0
    """The revision of the record that a caller saw; a later one shows that the work was done."""

    @property
    def id(self) -> str:
        """The image's id."""
        return image_id(self.key)


def is_finished(
    task: Reconciliation, record: ImageRecord | None, recipe: str | None, engine: EngineLimits
) -> bool:
    """Return whether record and listing already show that there is nothing to do.

    `recipe` is as in `is_stale`.
    """
    if recipe is None and (record is None or record.status == "deleted"):
        return task.listed is not None
    if record and needs_remaking(task, record, recipe, engine):
        return False
    if Concern.MISSING not in task.concerns:
        return True
    return task.listed is not None and is_described_by(task.listed, record)


def needs_remaking(
    task: Reconciliation, record: ImageRecord, recipe: str | None, engine: EngineLimits | None
) -> bool:
    """Return whether the same version of the original is to be made again.

    `recipe` is as in `is_stale`.
    """
    if recipe is None:
        return False
    if Concern.REQUESTED in task.concerns and _is_awaited(task, record):
        return True
    if Concern.STALE in task.concerns and is_stale(record, recipe, engine):
        return True
    return Concern.REJECTED in task.concerns and is_rejected_by(record, task.codes)


def _is_awaited(task: Reconciliation, record: ImageRecord) -> bool:
    """Return whether an image was not made again since a caller asked for it."""
    return record.status in {"ready", "rejected"} and record.revision <= task.revision


def is_rejected_by(record: ImageRecord, codes: frozenset[str]) -> bool:
    """Return whether an image was rejected by one of these codes, or by any if there are none."""
    code = record.error.code if record.error else ""
    return record.status == "rejected" and (not codes or code in codes)


def is_stale(record: ImageRecord, recipe: str | None, engine: EngineLimits | None) -> bool:
    """Return whether the current deployment would have another result, or other rendition keys.

    `recipe` is the hash of the image's current recipe, None if the image is ignored now; `engine`
    holds the current version and limits, None if they are not known. Of an original with a key that
    URLs would change, former versions used the key itself in rendition keys.
    """
    if recipe is None:
        return False
    if record.status == "ready" and not record.is_focus_applied:
        return True
    is_renamed = any(
        made.key != rendition_key(preset, record.key) for preset, made in record.renditions.items()
    )
    if record.status in {"ready", "rejected"} and (record.recipe != recipe or is_renamed):
        return True
    return record.status == "rejected" and engine is not None and may_succeed(record, engine)


def may_succeed(record: ImageRecord, engine: EngineLimits) -> bool:
    """Return whether a rejected image may be accepted by this version and these limits.

    An error that depends on one limit may disappear when that limit is raised. For other errors, a
    different version may decode more, and more memory allows larger images.
    """
    code, former = record.error.code if record.error else "", record.rejected_by
    if code in _HOPELESS:
        return False
    if former is None:
        return True
    if code in _LIMITS:
        limit = _LIMITS[code]
        return bool(getattr(engine, limit) > getattr(former, limit))
    has_more = engine.max_memory_bytes > former.max_memory_bytes
    reads_raw = engine.camera_raw > former.camera_raw
    allows = (code == "over_budget" and has_more) or (code == "unsupported_format" and reads_raw)
    return engine.version != former.version or allows


def is_described_by(listed: Listed, record: ImageRecord | None) -> bool:
    """Return whether the record is final and describes the object in a listing.

    A listing has no version ids. Equal bytes that were uploaded again are recognised by their time,
    which a listing gives in whole seconds. Two uploads of equal bytes within two seconds count as
    one, since their renditions are equal.
    """
    if record is None or record.status not in {"ready", "rejected"}:
        return False
    stored_at = record.archived.at if record.archived else record.uploaded_at
    is_newer = listed.modified_s > datetime.fromisoformat(stored_at).timestamp() + 1
    return record.stored_etag == listed.etag and not is_newer


def to_message(task: Reconciliation) -> str:
    """Return the queue message of a reconciliation, without `listed`."""
    facts = concern_fields(task.concerns, task.codes)
    facts |= {"Key": task.key, "Renditions": list(task.renditions)}
    facts |= {"Revision": task.revision} if task.revision else {}
    return json.dumps(facts)


def concern_fields(concerns: Iterable[Concern], codes: Iterable[str] = ()) -> dict[str, Any]:
    """Return the fields that make an entry of an S3 listing, with `Key` and `Etag`, a message."""
    return {MARK: KIND, "Only": sorted(concerns), "Codes": sorted(codes)}


def from_message(message: dict[str, Any]) -> Reconciliation:
    """Return the reconciliation of a message.

    Raises ValueError, KeyError or TypeError, also for a rendition of another key: otherwise every
    sender to the queue could have any rendition deleted.
    """
    if message[MARK] != KIND:
        raise ValueError(f"expected {KIND}")
    key = checks.object_key(message["Key"])
    return Reconciliation(
        key=key,
        concerns=frozenset(map(Concern, message.get("Only", EVERYTHING))),
        listed=_listed(message, key) if "Etag" in message else None,
        renditions=tuple(_rendition(made, key) for made in message.get("Renditions", ())),
        codes=frozenset(map(checks.code, message.get("Codes", ()))),
        revision=checks.revision(message["Revision"]) if "Revision" in message else 0,
    )


def _listed(message: dict[str, Any], key: str) -> Listed:
    return Listed(
        key=key,
        bytes=checks.byte_count(message["Size"]),
        etag=checks.etag(message["Etag"]),
        modified_s=checks.epoch_s(message["LastModified"]),
    )


def _rendition(value: object, key: str) -> str:
    rendition = checks.object_key(value)
    if not is_rendition_of(rendition, key):
        raise ValueError("expected renditions of the message's own key")
    return rendition
