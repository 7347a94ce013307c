"""Records as DynamoDB items, in both directions."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar, get_args

from imagemill.domain.event import Focus, FocusChange
from imagemill.domain.record import (
    Archived,
    EngineLimits,
    Fault,
    ImageRecord,
    Original,
    StateChange,
    Status,
    StoredRendition,
)

if TYPE_CHECKING:
    from imagemill.aws.item_clients import Item

# Shards of the newest-first index: more would make a page dearer, fewer would limit the writes.
FEED_SHARDS = 8
_Part = TypeVar("_Part", Original, StoredRendition, Fault, EngineLimits, Archived)
_STATUSES: dict[str, Status] = {status: status for status in get_args(Status)}
# Facts of an original that are texts in the item.
_FRACTIONS = frozenset({"exposure_time_s", "f_number", "focal_length_mm"})
_FIELDS_OF: Mapping[type, Mapping[str, None]] = {
    kind: dict.fromkeys(field.name for field in fields(kind))
    for kind in (ImageRecord, Original, StoredRendition, Fault, EngineLimits, Archived)
}


def feed_of(image_id: str) -> str:
    """Return the shard of the newest-first index that an image belongs to: "0" to "7"."""
    return str(hashlib.sha256(image_id.encode()).digest()[0] % FEED_SHARDS)


def to_item(record: ImageRecord) -> dict[str, dict[str, Any]]:
    """Return the item of a record, without the facts that are unknown.

    The item of a deleted image lacks the keys of the newest-first indexes, so it is not listed.
    """
    facts = {name: value for name, value in _known(record).items() if value not in ((), {})}
    facts["warnings"] = list(record.warnings)
    facts["leftovers"] = list(record.leftovers)
    if record.history:
        facts["history"] = [_of_state(state) for state in record.history]
    if record.original:
        facts["original"] = _of_original(record.original)
    for name, part in _parts(record).items():
        facts[name] = _known(part)
    if record.focus:
        facts["focus"] = str(record.focus)
    if record.focus_change:
        facts["focus_change"] = _of_change(record.focus_change)
    if record.renditions:
        facts["renditions"] = {name: _known(one) for name, one in record.renditions.items()}
    if record.status != "deleted":
        facts["feed"] = feed_of(record.id)
        facts["feed_at"] = f"{record.uploaded_at}#{record.id}"
        if record.owner:
            facts["owner"] = record.owner
    return {name: _serialise(value) for name, value in facts.items()}


def _parts(record: ImageRecord) -> dict[str, object]:
    """Return the parts of a record that consist of texts and whole numbers, by name."""
    parts = {
        "archived": record.archived,
        "error": record.error,
        "rejected_by": record.rejected_by,
    }
    return {name: part for name, part in parts.items() if part}


def from_item(item: "Item") -> ImageRecord:
    """Return the record of an item; attributes that a later version added are ignored."""
    known = item.keys() & _FIELDS_OF[ImageRecord].keys()
    facts = {name: _deserialise(item[name]) for name in known}
    renditions = facts.pop("renditions", {})
    return ImageRecord(
        **facts
        | {
            "original": _original(facts["original"]) if "original" in facts else None,
            "archived": _read(Archived, facts["archived"]) if "archived" in facts else None,
            "error": _read(Fault, facts["error"]) if "error" in facts else None,
            "rejected_by": _read(EngineLimits, facts["rejected_by"])
            if "rejected_by" in facts
            else None,
            "warnings": tuple(facts.get("warnings", ())),
            "leftovers": tuple(facts.get("leftovers", ())),
            "history": _states(facts.get("history", ())),
            "focus": Focus.parse(facts.get("focus", "")),
            "focus_change": _change(facts.get("focus_change")),
            "renditions": {n: _read(StoredRendition, made) for n, made in renditions.items()},
        }
    )


def _read(kind: type[_Part], facts: Mapping[str, Any]) -> _Part:
    return kind(**{name: facts[name] for name in facts.keys() & _FIELDS_OF[kind].keys()})


def _of_change(change: FocusChange) -> dict[str, str]:
    """Return a change as texts, because items have no fractions; an empty one removes the point."""
    return {"place": change.place, "focus": str(change.focus or "")}


def _change(facts: Mapping[str, str] | None) -> FocusChange | None:
    return FocusChange(facts["place"], Focus.parse(facts["focus"])) if facts else None


def _of_original(original: Original) -> dict[str, Any]:
    """Return the known facts of an original, with fractions as texts.

    Former versions read every number as a whole one.
    """
    return {
        name: str(value) if isinstance(value, float) else value
        for name, value in _known(original).items()
    }


def _original(facts: Mapping[str, Any]) -> Original:
    fractions = {name: float(facts[name]) for name in _FRACTIONS & facts.keys()}
    return _read(Original, {**facts, **fractions})


def _of_state(state: StateChange) -> str:
    """Return a state of a history as one text, which is shorter than a map."""
    return f"{state.at} {state.status} {state.attempt} {state.code}".rstrip()


def _states(texts: Iterable[str]) -> tuple[StateChange, ...]:
    """Return the states of a history without those that only a later version knows."""
    parts = [(*text.split(" "), "")[:4] for text in texts]
    return tuple(
        StateChange(_STATUSES[status], at, int(attempt), code)
        for at, status, attempt, code in parts
        if status in _STATUSES
    )


def _known(part: object) -> dict[str, Any]:
    """Return the known facts of a record or of a part of it; `asdict` would copy each of them."""
    named = ((name, getattr(part, name)) for name in _FIELDS_OF[type(part)])
    return {name: value for name, value in named if value is not None}


# boto3's TypeSerializer supports every type, but takes longer to load than an image to resize.
def _serialise(value: object) -> dict[str, Any]:
    """Return DynamoDB's form of a text, whole number, list or map."""
    match value:
        case str():
            return {"S": value}
        case int():
            return {"N": str(value)}
        case dict():
            return {"M": {name: _serialise(inner) for name, inner in value.items()}}
        case list() | tuple():
            return {"L": [_serialise(inner) for inner in value]}
        case _:
            raise TypeError(f"expected text, number, list or map, got {type(value).__name__}")


def _deserialise(typed: Mapping[str, Any]) -> Any:  # noqa: ANN401  # the type is in the data
    [(kind, value)] = typed.items()
    match kind:
        case "N":
            return int(value)
        case "M":
            return {name: _deserialise(inner) for name, inner in value.items()}
        case "L":
            return [_deserialise(inner) for inner in value]
        case _:
            return value
