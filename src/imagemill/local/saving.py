"""Save MiniStack's state to disk after changes, and track failed saves."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from imagemill.local.guard import App, Receive, Send
from imagemill.local.request import Message

# Shortest interval between two saves, in seconds.
_SAVE_EVERY_S = 60.0
# Saving blocks all requests, so it may use one fiftieth of the time: after a save of 2 s, the
# next one starts 100 s later at the earliest.
_SAVE_SHARE = 50
_SAVE_TRIES = 3
_LOGGER = logging.getLogger("imagemill.saving")


@dataclass
class Saver:
    """Writes the state of MiniStack's services; `unsaved` has those whose last save failed."""

    app: Any
    unsaved: set[str] = field(default_factory=set)
    is_due: bool = False
    """True if a request may have changed the state since the last save."""
    every_s: float = _SAVE_EVERY_S
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    """Waits for a number of seconds."""
    clock: Callable[[], float] = time.monotonic
    """Returns the time in seconds from any fixed point."""

    def save_all(self, services: dict[str, Callable[[], Any]]) -> None:
        """Write each service's state; if that fails, its old file stays."""
        self.is_due = False
        for name, get_state in services.items():
            if self._is_saved(name, get_state):
                self.unsaved.discard(name)
            else:
                self.unsaved.add(name)

    def save(self) -> None:
        """Write the state of all loaded services."""
        self.save_all(self.app._build_persistence_save_dict())

    async def keep_saving(self) -> None:
        """Save changes every `every_s` seconds, or less often if saving is slow."""
        wait_s = self.every_s
        while True:
            await self.pause(wait_s)
            began = self.clock()
            if self.is_due:
                self.save()
            wait_s = max(self.every_s, (self.clock() - began) * _SAVE_SHARE)

    def _is_saved(self, name: str, get_state: Callable[[], Any]) -> bool:
        from ministack.core import persistence  # noqa: PLC0415

        path = Path(persistence.STATE_DIR) / f"{name}.json"
        for _ in range(_SAVE_TRIES):
            before = _file_identity(path)
            try:
                state = get_state()
            except Exception:
                # Another thread changed its tables, or one of its own files cannot be written.
                _LOGGER.exception("the state of %s could not be read", name)
                continue
            if state is None:
                return True
            persistence.save_state(name, state)
            if _file_identity(path) != before:
                return True
        return False


def _file_identity(path: Path) -> tuple[int, int]:
    """Return the inode and the modification time of a file, which change when it is replaced."""
    try:
        status = path.stat()
    except OSError:
        return (0, 0)
    return status.st_ino, status.st_mtime_ns


def saving(app: App, saver: Saver) -> App:
    """Return MiniStack's application with the saver attached."""
    running: list[asyncio.Task[None]] = []

    async def saved(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            running.append(asyncio.create_task(saver.keep_saving()))
        elif scope["method"] not in {"GET", "HEAD", "OPTIONS"}:
            saver.is_due = True
        await app(scope, receive, send)

    return saved
