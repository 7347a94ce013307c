"""Completion events that the server of the user did not accept: the dead letters of webhooks."""

import json
from typing import Any

from imagemill.dataclass import dataclass
from imagemill.domain.dead_letter import DeadLetter


@dataclass(frozen=True, slots=True)
class UnsentEvent:
    """A completion event in the dead-letter queue of the webhooks.

    `kind` is its detail-type, `time` is ISO 8601 in UTC. All but the dead letter are empty for a
    message of no known form.
    """

    dead_letter: DeadLetter
    kind: str = ""
    time: str = ""
    id: str = ""
    key: str = ""


def unsent_events(dead_letter: DeadLetter) -> list[UnsentEvent]:
    """Return the event of a dead letter."""
    event = _facts_in(dead_letter.body)
    image = _facts(_facts(event.get("detail")).get("image"))
    kind, time = _text(event, "detail-type"), _text(event, "time")
    return [UnsentEvent(dead_letter, kind, time, _text(image, "id"), _text(image, "key"))]


def _facts_in(body: str) -> dict[str, Any]:
    try:
        return _facts(json.loads(body))
    except ValueError:
        return {}


def _facts(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(facts: dict[str, Any], name: str) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) else ""
