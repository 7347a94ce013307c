"""A record as the world sees it: plain values, ready to become JSON."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from imagemill.domain.record import Fault, ImageRecord, Original, StoredRendition

_OURS_ALONE = {"leftovers", "revision", "expires_at", "deployed_at", "rejected_by"}
_SHOWN = {field.name for field in fields(ImageRecord)} - _OURS_ALONE


def report(record: ImageRecord) -> dict[str, Any]:
    """Return the record's facts by name; what is not known is null, renditions stand by preset."""
    facts = asdict(record)
    return {name: value for name, value in facts.items() if name not in _OURS_ALONE}


def reported(facts: Mapping[str, Any]) -> ImageRecord:
    """Return the record that `report` told of; what else stands there is passed over."""
    known = {name: value for name, value in facts.items() if name in _SHOWN}
    nested = {
        "original": Original(**known["original"]) if known["original"] else None,
        "error": Fault(**known["error"]) if known["error"] else None,
        "warnings": tuple(known["warnings"]),
        "renditions": {name: StoredRendition(**one) for name, one in known["renditions"].items()},
    }
    return ImageRecord(**known | nested)
