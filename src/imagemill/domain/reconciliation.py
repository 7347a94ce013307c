"""A reconciliation: the request to bring one image's record and renditions in line.

It tells nothing that happened, only where to look. So it may come twice, late, or for nothing.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from imagemill.domain import checks
from imagemill.domain.keys import image_id, is_rendition_of, rendition_key
from imagemill.domain.record import ImageRecord, Judge

MARK = "imagemill"
"""The field by which a queue message is told from S3's notifications."""
KIND = "reconcile"


class Concern(StrEnum):
    """What a reconciliation is to mend."""

    MISSING = "missing"
    """A record that does not tell of what stands in the bucket, or renditions nobody lists."""
    STALE = "stale"
    """Images that today's recipe, limits or version would decide differently."""
    REJECTED = "rejected"
    """Rejected images, whatever rejected them."""


EVERYTHING = frozenset({Concern.MISSING, Concern.STALE})
"""Everything that is out of line; rejected images are tried again only on request."""
_LIMITS = {
    "too_many_bytes": "max_bytes",
    "too_many_pixels": "max_pixels",
    "too_many_frames": "max_frames",
}
"""Codes that depend on one limit only, whatever the version."""
_HOPELESS = frozenset({"empty"})


@dataclass(frozen=True, slots=True)
class Listed:
    """An original as a listing of the bucket shows it; its last change in epoch seconds."""

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
    """One image to look at, and what to mend.

    `listed` is how a listing showed the original, by which finished work is known without asking
    the bucket. `renditions` are keys in the processed bucket to look at: they must be there if the
    record lists them, and must go if it does not.
    """

    key: str
    concerns: frozenset[Concern] = EVERYTHING
    listed: Listed | None = None
    renditions: tuple[str, ...] = ()
    codes: frozenset[str] = frozenset()
    """Which rejected images are to be tried again, by the code of their error; all if empty."""

    @property
    def id(self) -> str:
        """The image's id."""
        return image_id(self.key)


def is_finished(
    task: Reconciliation, record: ImageRecord | None, recipe: str, judge: Judge
) -> bool:
    """Return whether record and listing already show that there is nothing to mend."""
    if record and needs_remaking(task, record, recipe, judge):
        return False
    if Concern.MISSING not in task.concerns:
        return True
    return task.listed is not None and is_told(task.listed, record)


def needs_remaking(
    task: Reconciliation, record: ImageRecord, recipe: str, judge: Judge | None
) -> bool:
    """Return whether the same version of the original is to be made again."""
    if Concern.STALE in task.concerns and is_stale(record, recipe, judge):
        return True
    return Concern.REJECTED in task.concerns and is_rejected_by(record, task.codes)


def is_rejected_by(record: ImageRecord, codes: frozenset[str]) -> bool:
    """Return whether an image was rejected by one of these codes, or by any if there are none."""
    code = record.error.code if record.error else ""
    return record.status == "rejected" and (not codes or code in codes)


def is_stale(record: ImageRecord, recipe: str, judge: Judge | None) -> bool:
    """Return whether today's deployment would decide the image, or name a rendition, differently.

    `recipe` is the hash of today's recipe; `judge` holds today's version and limits, None where
    they are not known. Renditions of a key that URLs do not keep stood under the key itself in
    former versions.
    """
    is_renamed = any(
        made.key != rendition_key(preset, record.key) for preset, made in record.renditions.items()
    )
    if record.status in {"ready", "rejected"} and (record.recipe != recipe or is_renamed):
        return True
    return record.status == "rejected" and judge is not None and may_succeed(record, judge)


def may_succeed(record: ImageRecord, judge: Judge) -> bool:
    """Return whether a rejected image may be accepted by this version and these limits.

    A code that depends on one limit changes when that limit was raised; for other codes a different
    version may decode more, and more memory may decode larger images.
    """
    code, former = record.error.code if record.error else "", record.rejected_by
    if code in _HOPELESS:
        return False
    if former is None:
        return True
    if code in _LIMITS:
        limit = _LIMITS[code]
        return bool(getattr(judge, limit) > getattr(former, limit))
    has_more = judge.max_memory_bytes > former.max_memory_bytes
    return judge.version != former.version or (code == "over_budget" and has_more)


def is_told(listed: Listed, record: ImageRecord | None) -> bool:
    """Tell whether the record is final and about what a listing shows.

    A listing names no version. Equal bytes put again are told by their time, which a listing gives
    in whole seconds; those put twice within two make no difference that anybody could see.
    """
    return (
        record is not None
        and record.status in {"ready", "rejected"}
        and record.etag == listed.etag
        and listed.modified_s <= datetime.fromisoformat(record.uploaded_at).timestamp() + 1
    )


def to_message(task: Reconciliation) -> str:
    """Return the queue message that asks for this, without what a listing showed."""
    facts = mark(task.concerns, task.codes)
    facts |= {"Key": task.key, "Renditions": list(task.renditions)}
    return json.dumps(facts)


def mark(concerns: Iterable[Concern], codes: Iterable[str] = ()) -> dict[str, Any]:
    """Return what makes a line of S3's listing, `Key` and `Etag` and so on, such a message."""
    return {MARK: KIND, "Only": sorted(concerns), "Codes": sorted(codes)}


def from_message(message: dict[str, Any]) -> Reconciliation:
    """Return the reconciliation that a marked message asks for.

    Raises ValueError, KeyError or TypeError, also for a rendition of another key: whoever may send
    to the queue could otherwise have any rendition deleted.
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
