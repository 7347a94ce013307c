"""The facts about an image that decisions use, and the rules of the worker."""

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import datetime

from imagemill.dataclass import dataclass
from imagemill.domain.deployment import Deployment
from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.keys import rendition_key
from imagemill.domain.record import EngineLimits, ImageRecord
from imagemill.domain.record_focus import is_archive, is_of_bytes, is_of_version
from imagemill.domain.rendition_metadata import Precedence, StoredState
from imagemill.domain.sequencer import base_of
from imagemill.recipe import Recipe
from imagemill.recipe_rules import RecipeRules

# Age from which an event may be older than an expired tombstone, s: without a record, the bucket
# then decides. It is far less than the lifetime of tombstones, and hours more than a message waits
# in the queue in normal operation.
LATE_EVENT_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Rules:
    """The settings that are the same for every task of a worker."""

    recipes: RecipeRules
    deployment: Deployment
    engine: EngineLimits
    max_attempts: int
    archives: bool = False
    """Whether the stack archives originals."""

    def precedence(self, event: ObjectEvent) -> Precedence:
        """Return the precedence of the renditions that this worker makes for an event."""
        return Precedence(event.sequencer, self.deployment.since, self.recipe_of(event).hash)

    def recipe_of(self, event: ObjectEvent) -> Recipe:
        """Return the recipe for the object of an event."""
        return self.recipes.recipe_of(event.key, event.rule)

    def current_recipe(self, key: str, record: ImageRecord | None) -> str | None:
        """Return the hash of the recipe that an image has now; None if it is ignored."""
        rule = self.recipes.rule_of(key, (record and record.rule) or "")
        return None if rule.ignores else rule.recipe.hash

    def preset_keys(self, key: str) -> frozenset[str]:
        """Return the rendition keys that workers of this deployment may write for an original."""
        return frozenset(rendition_key(name, key) for name in self.recipes.presets_of(key))

    def dropped_keys(self, key: str, now_ms: int) -> frozenset[str]:
        """Return the rendition keys that only workers of a former deployment may still write."""
        names = self.deployment.recently_dropped(now_ms) - self.recipes.presets_of(key)
        return frozenset(rendition_key(name, key) for name in names)

    def keys(self, key: str, now_ms: int) -> frozenset[str]:
        """Return the rendition keys that workers may write for an original at this time."""
        return self.preset_keys(key) | self.dropped_keys(key, now_ms)


@dataclass(frozen=True, slots=True)
class Reads:
    """The reads that a task needs besides the record."""

    stored: frozenset[str] = frozenset()
    """Rendition keys."""
    current: bool = False
    """Whether to read the current object of the bucket of originals, after everything else."""
    choices: bool = False
    """Whether to read the choices of the upload of the event's version."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts about an image; `event` is that of the task with the choices of its upload.

    `has_stored`: this attempt may have stored renditions. `has_acted`: the reconciliation has led
    to an action already.
    """

    record: ImageRecord | None
    now_s: int
    now: str
    attempt: int = 1
    has_stored: bool = False
    has_acted: bool = False
    stored: Mapping[str, StoredState | None] = field(default_factory=dict)
    current: ObjectEvent | None = None
    event: ObjectEvent | None = None


def listed_by(record: ImageRecord | None) -> frozenset[str]:
    """Return the keys of the renditions that a record lists."""
    return frozenset(made.key for made in record.renditions.values()) if record else frozenset()


def at_record(event: ObjectEvent, record: ImageRecord | None) -> ObjectEvent:
    """Return the event in the place of the record, if this is a later place of the same event.

    The version was made again meanwhile, or its focal point has given it the place. The event of an
    archived original gets the JPEG that the record knows.
    """
    if record is None or event.change is not Change.CREATED or record.status == "deleted":
        return event
    if event.packs is None and is_archive(record, event):
        event = replace(event, packs=record.packs)
    is_later = base_of(record.sequencer) == event.sequencer
    return (
        replace(event, sequencer=record.sequencer)
        if is_later and is_of_version(record, event)
        else event
    )


def is_overtaken(event: ObjectEvent, record: ImageRecord | None) -> bool:
    """Return whether the record is of a newer event."""
    return record is not None and record.place > event.sequencer


def has_same_bytes(record: ImageRecord, event: ObjectEvent) -> bool:
    """Return whether the record's renditions were made from the bytes that an event announces.

    ETag and size decide. A copy of an object onto itself, for example into another storage class,
    keeps both. An archived original names those of its JPEG.
    """
    return record.status == "ready" and is_of_bytes(record, event)


def may_be_archive(record: ImageRecord, event: ObjectEvent) -> bool:
    """Return whether an event may announce the archived original of a record.

    Only the metadata of the object says so. It is smaller than the JPEG.
    """
    original, is_newer = record.original, event.sequencer > record.place
    if record.status != "ready" or original is None or event.packs:
        return False
    return is_newer and original.format == "jpeg" and event.bytes < original.bytes


def is_replaced_by_archive(event: ObjectEvent, record: ImageRecord | None) -> bool:
    """Return whether an event says that the JPEG of an archived original was deleted.

    It was no current object, so nothing has changed.
    """
    held = record.archived if record else None
    return (
        event.change is Change.VERSION_DELETED
        and held is not None
        and bool(held.replaces)
        and held.replaces == event.version_id
    )


def is_readable_elsewhere(record: ImageRecord, event: ObjectEvent) -> bool:
    """Return whether the record's renditions were probably made from an unreadable original.

    Encrypting or archiving an object in place may change its ETag, but never its size. If it is
    another file of the same size, which is rare, keeping the renditions does less harm.
    """
    size = event.uploaded.bytes
    return bool(record.status == "ready" and record.original and record.original.bytes == size)


def whole_renditions(
    record: ImageRecord, stored: Mapping[str, StoredState | None]
) -> dict[str, StoredState] | None:
    """Return the states of the listed renditions by key; None unless all belong to the record."""
    found: dict[str, StoredState] = {}
    for key in listed_by(record):
        state = stored.get(key)
        if state is None or state.is_removed or not _belongs(state.precedence, record):
            return None
        found[key] = state
    return found


def _belongs(precedence: Precedence, record: ImageRecord) -> bool:
    return (precedence.sequencer, precedence.recipe) == (record.sequencer, record.recipe or "")


def is_rendition(state: StoredState | None) -> bool:
    """Return whether a key has a rendition, which a marker is not."""
    return state is not None and not state.is_removed


def is_current(event: ObjectEvent, current: ObjectEvent | None) -> bool:
    """Return whether the version that an event announced is the current one."""
    named = (event.version_id, event.etag)
    return current is not None and named == (current.version_id, current.etag)


def is_late(event: ObjectEvent, now_s: int) -> bool:
    """Return whether an event is so old that a tombstone newer than it may have expired."""
    happened_s = datetime.fromisoformat(event.happened_at).timestamp()
    return now_s - happened_s > LATE_EVENT_S
