"""A reconciliation: the request to bring one picture's record and renditions in line.

It tells nothing that happened, only where to look. So it may come twice, late, or for nothing.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from imagemill.catalog.keys import image_id
from imagemill.catalog.record import ImageRecord

MARK = "imagemill"
"""The field by which a queue message is told from S3's notifications."""
KIND = "reconcile"


class Concern(StrEnum):
    """What a reconciliation is to mend."""

    MISSING = "missing"
    """A record that does not tell of what stands in the bucket, or renditions nobody lists."""
    STALE = "stale"
    """Renditions made by another recipe than today's."""


EVERYTHING = frozenset(Concern)


@dataclass(frozen=True, slots=True)
class Listed:
    """An original as a listing of the bucket shows it; its last change in epoch seconds."""

    key: str
    bytes: int
    etag: str
    modified_s: int

    @property
    def id(self) -> str:
        """The picture's id."""
        return image_id(self.key)


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object of the processed bucket as a listing shows it; its size in bytes."""

    key: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One picture to look at, and what to mend.

    `listed` is how a listing showed the original, by which finished work is known without asking
    the bucket. `renditions` are keys in the processed bucket to look at: they must be there if the
    record lists them, and must go if it does not.
    """

    key: str
    concerns: frozenset[Concern] = EVERYTHING
    listed: Listed | None = None
    renditions: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The picture's id."""
        return image_id(self.key)


def is_finished(task: Reconciliation, record: ImageRecord | None, recipe: str) -> bool:
    """Tell from the record, and from what a listing showed, that there is nothing to mend."""
    if Concern.STALE in task.concerns and record and is_stale(record, recipe):
        return False
    if Concern.MISSING not in task.concerns:
        return True
    return task.listed is not None and is_told(task.listed, record)


def is_stale(record: ImageRecord, recipe: str) -> bool:
    """Tell whether another recipe than this one (its hash) decided what became of the picture."""
    return record.status in {"ready", "rejected"} and record.recipe != recipe


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
    facts = mark(task.concerns) | {"Key": task.key, "Renditions": list(task.renditions)}
    return json.dumps(facts)


def mark(concerns: Iterable[Concern]) -> dict[str, Any]:
    """Return what makes a line of S3's listing, `Key` and `Etag` and so on, such a message."""
    return {MARK: KIND, "Only": sorted(concerns)}


def from_message(message: dict[str, Any]) -> Reconciliation:
    """Return what a marked message asks for; raises ValueError, KeyError or TypeError."""
    if message[MARK] != KIND:
        raise ValueError(message[MARK])
    return Reconciliation(
        key=_text(message["Key"]),
        concerns=frozenset(map(Concern, message.get("Only", EVERYTHING))),
        listed=_listed(message) if "Etag" in message else None,
        renditions=tuple(map(_text, message.get("Renditions", ()))),
    )


def _listed(message: dict[str, Any]) -> Listed:
    return Listed(
        key=message["Key"],
        bytes=int(message["Size"]),
        etag=_text(message["Etag"]).strip('"'),
        modified_s=int(message["LastModified"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError(value)
    return value
