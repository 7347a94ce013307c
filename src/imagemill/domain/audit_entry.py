"""An entry of the audit log, as the commands read it."""

import json
from collections.abc import Mapping
from typing import Any

from imagemill.dataclass import dataclass

# The message of every entry in the functions' log.
MESSAGE = "audit"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """An act and its actor: `at` is ISO 8601 in UTC.

    `target` is the key of an image or the name of an API key, `image` the id of an image or empty.
    """

    at: str
    action: str
    actor: str
    target: str
    image: str = ""


def entry_of(line: str, at: str) -> AuditEntry | None:
    """Return the entry in a line of the log; None for any other line."""
    try:
        facts = json.loads(line)
    except ValueError:
        return None
    if not isinstance(facts, dict) or facts.get("message") != MESSAGE:
        return None
    return AuditEntry(
        at,
        _text(facts, "action"),
        _text(facts, "actor"),
        _text(facts, "key"),
        _text(facts, "image"),
    )


def line_of(action: str, actor: str, target: str) -> str:
    """Return the line of a change that a command made."""
    return json.dumps({"message": MESSAGE, "action": action, "actor": actor, "key": target})


def _text(facts: Mapping[str, Any], name: str) -> str:
    value = facts.get(name)
    return value if isinstance(value, str) else ""
