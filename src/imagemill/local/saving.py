"""MiniStack's state on disk: written as it changes, and known to be unwritten."""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imagemill.local.guard import App, Receive, Send
from imagemill.local.request import Message

_SAVE_EVERY_S = 60.0
# Saving blocks everything else: after a save of 2 s the next one is 100 s later at the earliest.
_SAVE_SHARE = 50
_SAVE_TRIES = 3
_LOGGER = logging.getLogger("imagemill.saving")


@dataclass
class Saver:
    """Writes the state of MiniStack's services, and remembers which it could not write."""

    app: Any
    unsaved: set[str] = field(default_factory=set)
    is_due: bool = False
    """True if a request may have changed something since the last time."""
    every_s: float = _SAVE_EVERY_S

    def save_all(self, services: dict[str, Callable[[], Any]]) -> None:
        """Write each service's state; one that fails keeps the file it had."""
        self.is_due = False
        for name, get_state in services.items():
            if self._is_saved(name, get_state):
                self.unsaved.discard(name)
            else:
                self.unsaved.add(name)

    def save(self) -> None:
        """Write the state of all services that are in use."""
        self.save_all(self.app._build_persistence_save_dict())

    async def keep_saving(self) -> None:
        """Save what has changed once a minute, and spend at most a fiftieth of the time on it."""
        pause = self.every_s
        while True:
            await asyncio.sleep(pause)
            began = time.monotonic()
            if self.is_due:
                self.save()
            pause = max(self.every_s, (time.monotonic() - began) * _SAVE_SHARE)

    def _is_saved(self, name: str, get_state: Callable[[], Any]) -> bool:
        from ministack.core import persistence  # noqa: PLC0415

        path = Path(persistence.STATE_DIR) / f"{name}.json"
        for _ in range(_SAVE_TRIES):
            before = _stamp(path)
            try:
                state = get_state()
            except Exception:
                # A thread changed its tables meanwhile, or a file of its own cannot be written.
                _LOGGER.exception("the state of %s could not be read", name)
                continue
            if state is None:
                return True
            persistence.save_state(name, state)
            if _stamp(path) != before:
                return True
        return False


def _stamp(path: Path) -> tuple[int, int]:
    """Return what differs after a file was replaced: its inode and the time it was written."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return status.st_ino, status.st_mtime_ns


def saving(app: App, saver: Saver) -> App:
    """Return MiniStack's application, whose state is written as it changes."""
    running: list[asyncio.Task[None]] = []

    async def saved(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            running.append(asyncio.create_task(saver.keep_saving()))
        elif scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
            saver.is_due = True
        await app(scope, receive, send)

    return saved
