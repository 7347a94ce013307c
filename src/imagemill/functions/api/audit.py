"""The audit log: one line for each upload, change and deletion, with its actor."""

import logging
from functools import cache
from typing import TYPE_CHECKING, Literal

from imagemill.functions.logs import logger

if TYPE_CHECKING:
    from imagemill.domain.caller import Caller
    from imagemill.domain.record import ImageRecord

Action = Literal["upload", "announce", "focus", "reprocess", "delete"]


def audit(action: Action, caller: "Caller", record: "ImageRecord") -> None:
    """Log what a caller has done with an image, at every level of the log."""
    _auditor().info(
        "audit",
        extra={
            "action": action,
            "actor": caller.actor,
            "image": record.id,
            "key": record.key,
            "owner": record.owner or None,
        },
    )


@cache
def _auditor() -> logging.Logger:
    """Return a logger with a level of its own, which writes with the handler of all others."""
    own = logger().getChild("audit")
    own.setLevel(logging.INFO)
    return own
