"""The outcome of a task."""

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome of a task that is acknowledged."""

    READY = "ready"
    REJECTED = "rejected"
    FAILED = "failed"
    """The original cannot be read, and another attempt would not help; the record says why."""
    DELETED = "deleted"
    DUPLICATE = "duplicate"
    """The work was done before; nothing was decoded or written."""
    IGNORED = "ignored"
    """A rule says that the original is left alone; nothing was decoded or written."""
    SUPERSEDED = "superseded"
    """There is a newer event, or the bytes of this one are gone; its renditions are removed."""
