"""Records as DynamoDB items, both ways."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, TypeVar

from imagemill.domain.record import Fault, ImageRecord, Judge, Original, StoredRendition

FEED_SHARDS = 8
_Part = TypeVar("_Part", Original, StoredRendition, Fault, Judge)
_FIELDS = {field.name for field in fields(ImageRecord)}


def feed_of(image_id: str) -> str:
    """Return the shard of the newest-first index that an image belongs to: "0" to "7"."""
    return str(hashlib.sha256(image_id.encode()).digest()[0] % FEED_SHARDS)


def to_item(record: ImageRecord) -> dict[str, Any]:
    """Return the item of a record: facts that are not known are left out.

    A tombstone has no place in the newest-first index, so its item lacks the index's keys.
    """
    facts = {name: value for name, value in asdict(record).items() if value not in (None, (), {})}
    facts["warnings"] = list(record.warnings)
    facts["leftovers"] = list(record.leftovers)
    if record.original:
        facts["original"] = _known(facts["original"])
    if record.status != "deleted":
        facts["feed"] = feed_of(record.id)
        facts["feed_at"] = f"{record.uploaded_at}#{record.id}"
    return {name: _serialise(value) for name, value in facts.items()}


def from_item(item: Mapping[str, Any]) -> ImageRecord:
    """Return the record that an item holds; what a later version added to it is ignored."""
    known = item.keys() & _FIELDS
    facts = {name: _deserialise(item[name]) for name in known}
    renditions = facts.pop("renditions", {})
    return ImageRecord(
        **facts
        | {
            "original": _read(Original, facts["original"]) if "original" in facts else None,
            "error": _read(Fault, facts["error"]) if "error" in facts else None,
            "rejected_by": _read(Judge, facts["rejected_by"]) if "rejected_by" in facts else None,
            "warnings": tuple(facts.get("warnings", ())),
            "leftovers": tuple(facts.get("leftovers", ())),
            "renditions": {n: _read(StoredRendition, made) for n, made in renditions.items()},
        }
    )


def _read(kind: type[_Part], facts: Mapping[str, Any]) -> _Part:
    known = facts.keys() & {field.name for field in fields(kind)}
    return kind(**{name: facts[name] for name in known})


def _known(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value is not None}


def _serialise(value: Any) -> dict[str, Any]:  # noqa: ANN401  # of whatever a record holds
    """Return DynamoDB's form of texts, whole numbers, lists and maps.

    boto3 has it for every type there is, and takes longer to load than an image takes to resize.
    """
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


def _deserialise(typed: Mapping[str, Any]) -> Any:  # noqa: ANN401  # as above
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
