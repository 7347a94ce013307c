"""How a task ends."""

from enum import StrEnum


class Outcome(StrEnum):
    """What became of a task."""

    READY = "ready"
    REJECTED = "rejected"
    FAILED = "failed"
    """The original cannot be read, and trying again would not help; the record says why."""
    DELETED = "deleted"
    DUPLICATE = "duplicate"
    """The work was done before; nothing was decoded or written."""
    SUPERSEDED = "superseded"
    """A newer event has decided, or the bytes of this one are gone; nothing of it is left."""
