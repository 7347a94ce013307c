"""The public form of a record: plain values, ready for JSON."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from imagemill.domain.record import Fault, ImageRecord, Original, StoredRendition

_INTERNAL = {"leftovers", "revision", "expires_at", "deployed_at", "rejected_by"}
_PUBLIC = {field.name for field in fields(ImageRecord)} - _INTERNAL


def report(record: ImageRecord) -> dict[str, Any]:
    """Return the public fields of a record; unknown values are None, renditions are by preset."""
    facts = asdict(record)
    public = {name: value for name, value in facts.items() if name not in _INTERNAL}
    return {**public, "owner": record.owner or None}


def reported(facts: Mapping[str, Any]) -> ImageRecord:
    """Return the record from the result of `report`; other fields are ignored."""
    known = {name: value for name, value in facts.items() if name in _PUBLIC}
    nested = {
        "original": Original(**known["original"]) if known["original"] else None,
        "error": Fault(**known["error"]) if known["error"] else None,
        "warnings": tuple(known["warnings"]),
        "renditions": {name: StoredRendition(**one) for name, one in known["renditions"].items()},
    }
    return ImageRecord(**known | nested)
