"""A record as the world sees it: plain values, ready to become JSON."""

from dataclasses import asdict
from typing import Any

from imagemill.catalog.record import ImageRecord

_OURS_ALONE = {"leftovers", "revision", "expires_at"}


def report(record: ImageRecord) -> dict[str, Any]:
    """Return the record's facts by name; what is not known is null, renditions stand by preset."""
    facts = asdict(record)
    return {name: value for name, value in facts.items() if name not in _OURS_ALONE}
