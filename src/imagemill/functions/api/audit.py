"""The audit log: one line for each upload, change, deletion and share link, with its actor."""

import logging
from functools import cache
from typing import TYPE_CHECKING, Literal

from imagemill.functions.logs import logger

if TYPE_CHECKING:
    from imagemill.domain.caller import Caller
    from imagemill.domain.record import ImageRecord
    from imagemill.domain.share import Share

Action = Literal["upload", "announce", "focus", "move", "reprocess", "delete"]
ShareAction = Literal["share", "revoke share"]


def audit(action: Action, caller: "Caller", record: "ImageRecord", **more: str) -> None:
    """Log the action of a caller on an image, at every level of the log.

    `more` are facts of this action.
    """
    _log(action, caller, image=record.id, key=record.key, owner=record.owner or None, **more)


def audit_share(action: ShareAction, caller: "Caller", share: "Share") -> None:
    """Log that a caller has made or revoked a share link; its token is in no log."""
    grant = share.grant
    target = {"image": grant.image or None, "key": share.key or grant.prefix}
    _log(action, caller, **target, share=share.id, originals=grant.originals, until=grant.until)


def _log(action: str, caller: "Caller", **facts: object) -> None:
    _auditor().info("audit", extra={"action": action, "actor": caller.actor, **facts})


@cache
def _auditor() -> logging.Logger:
    """Return a logger with a level of its own, which writes with the handler of all others."""
    own = logger().getChild("audit")
    own.setLevel(logging.INFO)
    return own
