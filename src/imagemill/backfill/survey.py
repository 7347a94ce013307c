"""Survey: go through originals, records and renditions, and note what is not as it should be.

Nothing is changed here. What is noted is small against what is looked at: a number for each
original and each rendition, and a line for each that needs work.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from imagemill.costs.pace import Pace, megapixels
from imagemill.domain.keys import image_id, is_rendition_of
from imagemill.domain.reconciliation import (
    Concern,
    Listed,
    StoredObject,
    is_rejected_by,
    is_stale,
    is_told,
)
from imagemill.domain.record import ImageRecord, Judge

_ID_PRESET = "~"


class Reason(StrEnum):
    """Why an image needs work."""

    UNRECORDED = "unrecorded"
    """An original without a record."""
    UNFINISHED = "unfinished"
    """A record that waits for an event which does not come."""
    FAILED = "failed"
    """A record that says we did not manage."""
    CHANGED = "changed"
    """A record of other bytes than stand there now."""
    STALE = "stale"
    """Decided by another recipe, or rejected by a version or limits that may accept it now."""
    REJECTED = "rejected"
    """Rejected, and to be tried again on request."""
    GONE = "gone"
    """A record of an original that is no longer there."""
    DAMAGED = "damaged"
    """A record whose renditions are not all there."""
    STRAY = "stray"
    """Renditions that no record lists."""


BY_LISTING = frozenset(
    {
        Reason.UNRECORDED,
        Reason.UNFINISHED,
        Reason.FAILED,
        Reason.CHANGED,
        Reason.STALE,
        Reason.REJECTED,
    }
)
"""What the list of originals leads to; to the rest only records and renditions do."""


@dataclass(frozen=True, slots=True)
class DueImage:
    """One image that needs work; `revision` is its record's, 0 without one."""

    key: str
    why: Reason
    revision: int = 0
    bytes: int = 0
    ms: float = 0.0
    renditions: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The image's id."""
        return image_id(self.key)


class StackScan(Protocol):
    """A stack, read from one end to the other, a page at a time."""

    def originals(self, prefix: str) -> Iterator[list[Listed]]:
        """Yield the originals whose keys begin so, in the order of their keys."""

    def records_of(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return every record there is with these ids."""

    def records(self) -> Iterator[list[ImageRecord]]:
        """Yield every record, in any order."""

    def has_original(self, key: str) -> bool:
        """Tell whether an original stands under the key now."""

    def renditions(self) -> Iterator[list[StoredObject]]:
        """Yield every object of the processed bucket."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What to look at and for.

    `recipe` is the hash of today's recipe, `presets` are the names of its presets; `judge` holds
    today's version and limits, None where they are not known. `codes` are the codes of rejected
    images to try again, all if empty.
    """

    prefix: str
    concerns: frozenset[Concern]
    recipe: str
    presets: frozenset[str]
    judge: Judge | None = None
    codes: frozenset[str] = frozenset()


@dataclass(slots=True)
class Survey:
    """What was found; `originals` and `bytes` count all that was looked at."""

    wanted: Selection
    originals: int = 0
    bytes: int = 0
    records: int = 0
    renditions: int = 0
    due: list[DueImage] = field(default_factory=list)
    pace: Pace = field(default_factory=Pace)


def survey(wanted: Selection, archive: StackScan, told: Callable[[Survey], None]) -> Survey:
    """Return what is not as it should be; `told` is called after every page.

    Raises TransientFault when a store fails.
    """
    found = Survey(wanted)
    known: set[int] = set()
    for page in archive.originals(wanted.prefix):
        records = archive.records_of([original.id for original in page])
        for original in page:
            known.add(_number(original.id))
            _note_original(original, records.get(original.id), found)
        told(found)
    if Concern.MISSING in wanted.concerns:
        _note_the_rest(known, archive, found, told)
    return found


def need(listed: Listed, record: ImageRecord | None, wanted: Selection) -> Reason | None:
    """Return why an original needs work; None if it does not."""
    missing = _missing(listed, record) if Concern.MISSING in wanted.concerns else None
    if missing or record is None:
        return missing
    if Concern.STALE in wanted.concerns and is_stale(record, wanted.recipe, wanted.judge):
        return Reason.STALE
    if Concern.REJECTED in wanted.concerns and is_rejected_by(record, wanted.codes):
        return Reason.REJECTED
    return None


def _missing(listed: Listed, record: ImageRecord | None) -> Reason | None:
    match record.status if record else None:
        case None | "deleted":
            return Reason.UNRECORDED
        case "pending":
            return Reason.UNFINISHED
        case "failed":
            return Reason.FAILED
    return None if is_told(listed, record) else Reason.CHANGED


def _note_original(listed: Listed, record: ImageRecord | None, found: Survey) -> None:
    found.originals += 1
    found.bytes += listed.bytes
    if record:
        found.pace.learn(record)
    why = need(listed, record, found.wanted)
    if why:
        pixels = megapixels(record) if record and why is Reason.STALE else None
        revision = record.revision if record else 0
        found.due.append(
            DueImage(listed.key, why, revision, listed.bytes, found.pace.ms(listed.bytes, pixels))
        )


def _note_the_rest(
    known: set[int], archive: StackScan, found: Survey, told: Callable[[Survey], None]
) -> None:
    """Note records without an original, and renditions missing or listed by nobody.

    Renditions are listed first. One that was made since is in no list, and its record, read
    later, may say so: then it is looked at for nothing.
    """
    stored: set[int] = set()
    for page in archive.renditions():
        stored.update(_number(item.key) for item in page)
        found.renditions += len(page)
        told(found)
    busy = {due.key for due in found.due}
    for records in archive.records():
        for record in records:
            _note_record(record, known, stored, found)
        told(found)
    found.due = [due for due in found.due if _is_still_so(due, busy, archive)]
    if stored:
        _note_strays(stored, busy, archive, found)


def _note_record(record: ImageRecord, known: set[int], stored: set[int], found: Survey) -> None:
    listed = {made.key for made in record.renditions.values()}
    lost = tuple(sorted(key for key in listed if _number(key) not in stored))
    stored.difference_update(map(_number, listed))
    if not record.key.startswith(found.wanted.prefix):
        return
    found.records += 1
    has_original = _number(record.id) in known
    if not has_original and record.status not in {"deleted", "pending"}:
        found.due.append(DueImage(record.key, Reason.GONE, record.revision))
    elif has_original and lost and record.status == "ready":
        size = record.original.bytes if record.original else 0
        ms = found.pace.ms(size, megapixels(record))
        found.due.append(DueImage(record.key, Reason.DAMAGED, record.revision, size, ms, lost))


def _is_still_so(due: DueImage, busy: set[str], archive: StackScan) -> bool:
    """Pass over what came after the originals were listed, and what will be made anyway."""
    if due.why is Reason.GONE:
        return not archive.has_original(due.key)
    return due.why is not Reason.DAMAGED or due.key not in busy


def _note_strays(stored: set[int], busy: set[str], archive: StackScan, found: Survey) -> None:
    """Go through the renditions once more for those whose numbers are left.

    Those that stand where an image, which is to be made, will have its own are none.
    """
    for page in archive.renditions():
        strays = [item for item in page if _number(item.key) in stored]
        owners = archive.records_of(list({_owner(item.key) for item in strays}))
        for item in strays:
            _note_stray(item, owners.get(_owner(item.key)), busy, found)


def _note_stray(
    item: StoredObject, record: ImageRecord | None, busy: set[str], found: Survey
) -> None:
    key = record.key if record else _key_of(item.key)
    if key is None or not key.startswith(found.wanted.prefix) or _lists(record, item.key):
        return
    if not is_rendition_of(item.key, key):
        return
    preset = item.key.partition("/")[0].removeprefix(_ID_PRESET)
    if key not in busy or preset not in found.wanted.presets:
        revision = record.revision if record else 0
        found.due.append(DueImage(key, Reason.STRAY, revision, item.bytes, renditions=(item.key,)))


def _lists(record: ImageRecord | None, key: str) -> bool:
    return record is not None and key in {made.key for made in record.renditions.values()}


def _owner(rendition: str) -> str:
    """Return the id of the image that a rendition's key tells of."""
    preset, _, rest = rendition.partition("/")
    return rest if preset.startswith(_ID_PRESET) else image_id(rest)


def _key_of(rendition: str) -> str | None:
    """Return the original's key, which a rendition with a long name does not tell."""
    preset, _, rest = rendition.partition("/")
    return None if preset.startswith(_ID_PRESET) or not rest else rest


def _number(text: str) -> int:
    """Return a number for a text: far smaller to keep, and as good as never the same for two."""
    return hash(text)
