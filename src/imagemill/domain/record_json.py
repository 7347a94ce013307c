"""The public form of a record: plain values, ready for JSON."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from imagemill.domain.event import Focus, FocusChange
from imagemill.domain.record import (
    Archived,
    Fault,
    ImageRecord,
    Original,
    StateChange,
    StoredRendition,
)

_INTERNAL = {"leftovers", "revision", "expires_at", "deployed_at", "rejected_by", "focus_change"}
_IN_DETAIL = {"history"}
# Place of a change that the renditions do not show yet: later than every other place.
_LATER = "~"
_PUBLIC = {field.name for field in fields(ImageRecord)} - _INTERNAL


def report(record: ImageRecord) -> dict[str, Any]:
    """Return the public fields of a record; unknown values are None, renditions are by preset.

    `focus` is the focal point, and `focus_applied` whether the renditions show it.
    """
    facts = asdict(record)
    hidden = _INTERNAL | _IN_DETAIL
    public = {name: value for name, value in facts.items() if name not in hidden}
    focus = record.wanted_focus
    if record.archived:
        public["archived"].pop("place")
    return {
        **public,
        "owner": record.owner or None,
        "focus": asdict(focus) if focus else None,
        "focus_applied": record.is_focus_applied,
    }


def report_in_detail(record: ImageRecord) -> dict[str, Any]:
    """Return the public fields of a record and its history, oldest state first."""
    history = [asdict(state) | {"code": state.code or None} for state in record.states]
    return report(record) | {"history": history}


def reported(facts: Mapping[str, Any]) -> ImageRecord:
    """Return the record from the result of `report`; other fields are ignored."""
    known = {name: value for name, value in facts.items() if name in _PUBLIC}
    focus = Focus(**facts["focus"]) if facts.get("focus") else None
    is_applied = facts.get("focus_applied", True)
    nested = {
        "focus": focus if is_applied else None,
        "focus_change": None if is_applied else FocusChange(_LATER, focus),
        "original": Original(**_known(Original, known["original"])) if known["original"] else None,
        "archived": _archived(facts.get("archived")),
        "error": Fault(**known["error"]) if known["error"] else None,
        "warnings": tuple(known["warnings"]),
        "history": tuple(map(_state, facts.get("history", ()))),
        "renditions": {
            name: StoredRendition(**_known(StoredRendition, one))
            for name, one in known["renditions"].items()
        },
    }
    return ImageRecord(**known | nested)


def _archived(facts: Mapping[str, Any] | None) -> Archived | None:
    return Archived(**{"place": ""} | _known(Archived, facts)) if facts else None


def _state(entry: Mapping[str, Any]) -> StateChange:
    return StateChange(entry["status"], entry["at"], entry["attempt"], entry["code"] or "")


def _known(
    kind: type[Original | StoredRendition | Archived], facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the facts that this version knows; a later one may report more."""
    names = {field.name for field in fields(kind)}
    return {name: value for name, value in facts.items() if name in names}
