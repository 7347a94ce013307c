"""The weather: chance that decides which request meets which trouble, and the counts of them."""

import threading
import time
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from enum import StrEnum
from random import Random
from urllib.parse import unquote, urlsplit
from zlib import crc32

_PAUSES_S = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2)
_CURSED_ONE_IN = 150
_SQUALL_EVERY_S = 12.0
_SQUALL_S = 2.0
STALL_S = (20.5, 24.0)
"""Beyond the 20 s that the resizer's clients wait for an answer."""
DEFER_S = (0.3, 12.0)


class Trouble(StrEnum):
    """What may happen to one request."""

    SLOW_DOWN = "slow_down"
    """Told to slow down; nothing was done."""
    INTERNAL = "internal"
    """An internal error; nothing was done."""
    REFUSED = "refused"
    """The connection is reset before anything was done."""
    DENIED = "denied"
    """It is done, and the answer is an internal error."""
    CUT_BEFORE_HEAD = "cut_before_head"
    """It is done, and the connection ends before the answer."""
    CUT_IN_HEAD = "cut_in_head"
    """It is done, and the connection ends within the status line or the headers."""
    CUT_AFTER_HEAD = "cut_after_head"
    """It is done, and the connection ends right after the headers."""
    CUT_IN_BODY = "cut_in_body"
    """It is done, and the connection ends within the body."""
    CUT_LAST_BYTE = "cut_last_byte"
    """It is done, and only the last byte of the answer is missing."""
    LATE = "late"
    """It is done and answered after a while, whether or not its sender is still there."""
    STALLED = "stalled"
    """Nothing happens until its sender has given up; then it is done."""
    DEFERRED = "deferred"
    """The connection is reset at once; seconds later it is done, when a retry may have been."""
    CURSED = "cursed"
    """An internal error, as ever; nothing was done."""


_WEIGHTS = {
    Trouble.SLOW_DOWN: 4,
    Trouble.INTERNAL: 3,
    Trouble.REFUSED: 2,
    Trouble.DENIED: 2,
    Trouble.CUT_BEFORE_HEAD: 2,
    Trouble.CUT_IN_HEAD: 1,
    Trouble.CUT_AFTER_HEAD: 1,
    Trouble.CUT_IN_BODY: 1,
    Trouble.CUT_LAST_BYTE: 1,
    Trouble.LATE: 4,
    Trouble.STALLED: 0.1,
    Trouble.DEFERRED: 2,
}
"""How often each trouble is met; a curse is on paths, not on requests.

A stall is rare: the emulator hands out no further messages while one request waits 20 s. A request
that is deferred is applied as late, and costs no wait.
"""
EVERY_TROUBLE = frozenset(Trouble)


class Weather:
    """Chance: which request meets what. Squalls come and go until it is calm.

    A few paths are cursed: whatever is asked of them fails until then, again and again, so that
    some work is tried in vain to the last, and begins again from the point that it got to.
    `troubles` are those that may be met.
    """

    def __init__(
        self,
        random: Random,
        rate: float = 0.1,
        squall_rate: float = 0.5,
        troubles: Collection[Trouble] = EVERY_TROUBLE,
    ) -> None:
        self.met: Counter[str] = Counter()
        """Troubles by name; where a connection was cut, with `_fin` or `_rst` behind it."""
        self.late: set[str] = set()
        """Keys of objects that a request was applied to after its sender had given up."""
        self.is_calm = True
        self._random = random
        self._rate = rate
        self._squall_rate = squall_rate
        self._weights = {name: weight for name, weight in _WEIGHTS.items() if name in troubles}
        self._asked_at = time.monotonic()
        is_cursed = Trouble.CURSED in troubles
        self._curse = random.randrange(_CURSED_ONE_IN) if is_cursed else None
        self._pending = 0
        self._lock = threading.Lock()

    def draw(self, path: str) -> Trouble | None:
        """Return the trouble of the next request."""
        with self._lock:
            self._asked_at = time.monotonic()
            if not self.is_calm and path != "/" and self._is_cursed(path):
                self.met[Trouble.CURSED] += 1
                return Trouble.CURSED
            squall = time.monotonic() % _SQUALL_EVERY_S < _SQUALL_S
            rate = self._squall_rate if squall else self._rate
            if self.is_calm or not self._weights or self._random.random() > rate:
                return None
            [trouble] = self._random.choices(list(self._weights), list(self._weights.values()))
            if not trouble.startswith("cut"):
                self.met[trouble] += 1
            return trouble

    def cut(self, trouble: Trouble, head: int, whole: int) -> tuple[int, bool]:
        """Return after how many bytes an answer is cut, and whether by RST.

        `head` and `whole` are its bytes; one without a body is cut within its head.
        """
        with self._lock:
            is_reset = self._random.random() < 0.5
            self.met[f"{trouble}_{'rst' if is_reset else 'fin'}"] += 1
            inside = range(1, head) if whole == head else range(head + 1, whole)
            match trouble:
                case Trouble.CUT_BEFORE_HEAD:
                    count = 0
                case Trouble.CUT_IN_HEAD:
                    count = self._random.randrange(1, head)
                case Trouble.CUT_AFTER_HEAD if whole > head:
                    count = head
                case Trouble.CUT_IN_BODY if inside:
                    count = self._random.choice(inside)
                case _:
                    count = whole - 1
            return count, is_reset

    def silence_s(self) -> float:
        """Return for how long nobody has asked for anything and nothing was under way."""
        with self._lock:
            return 0.0 if self._pending else time.monotonic() - self._asked_at

    @contextmanager
    def pending(self, address: str) -> Iterator[None]:
        """Count a request that is applied after its sender has given up, until it is."""
        with self._lock:
            self._pending += 1
            key = unquote(urlsplit(address).path).lstrip("/").partition("/")[2]
            self.late |= {key} if key else set()
        try:
            yield
        finally:
            with self._lock:
                self._pending -= 1
                self._asked_at = time.monotonic()

    def pause_s(self) -> float:
        """Return how long a request that is late has to wait: mostly little, seldom long."""
        with self._lock:
            return self._random.choice(_PAUSES_S)

    def stall_s(self) -> float:
        """Return how long a request is held, so that its sender gives up."""
        with self._lock:
            return self._random.uniform(*STALL_S)

    def defer_s(self) -> float:
        """Return after how long a request is applied whose sender has been cut off."""
        with self._lock:
            return self._random.uniform(*DEFER_S)

    def _is_cursed(self, path: str) -> bool:
        return crc32(path.encode()) % _CURSED_ONE_IN == self._curse
