"""Random choice of the fault that the proxy applies to a request, and a count of each kind."""

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
_PERSISTENT_ONE_IN = 150
_BURST_EVERY_S = 12.0
_BURST_S = 2.0
# Least and greatest delay, s; longer than the 20 s timeout of the resize function's clients.
STALL_S = (20.5, 24.0)
# Least and greatest delay, s; the client's retry comes before or after it.
DEFER_S = (0.3, 12.0)


class FaultKind(StrEnum):
    """Fault applied to one request."""

    SLOW_DOWN = "slow_down"
    """Throttling error; the request is not applied."""
    INTERNAL = "internal"
    """Internal error; the request is not applied."""
    RESET = "reset"
    """The connection is reset; the request is not applied."""
    ERROR_AFTER = "error_after"
    """The request is applied, and the answer is an internal error."""
    CUT_BEFORE_HEAD = "cut_before_head"
    """The request is applied, and the connection ends before the answer."""
    CUT_IN_HEAD = "cut_in_head"
    """The request is applied, and the connection ends within the status line or the headers."""
    CUT_AFTER_HEAD = "cut_after_head"
    """The request is applied, and the connection ends right after the headers."""
    CUT_IN_BODY = "cut_in_body"
    """The request is applied, and the connection ends within the body."""
    CUT_LAST_BYTE = "cut_last_byte"
    """The request is applied, and only the last byte of the answer is missing."""
    LATE = "late"
    """The request is applied and answered after a delay, even if the client has gone."""
    STALLED = "stalled"
    """The request is applied after the client's timeout."""
    DEFERRED = "deferred"
    """The connection is reset; the request is applied seconds later, perhaps after its retry."""
    PERSISTENT = "persistent"
    """Internal error for every request to this path; none of them is applied."""


# Relative frequency of each fault. PERSISTENT is chosen by path, not at random.  STALLED is rare,
# because the embedded AWS delivers no further messages while one request waits 20 s. DEFERRED
# applies a request as late, without that wait.
_WEIGHTS = {
    FaultKind.SLOW_DOWN: 4,
    FaultKind.INTERNAL: 3,
    FaultKind.RESET: 2,
    FaultKind.ERROR_AFTER: 2,
    FaultKind.CUT_BEFORE_HEAD: 2,
    FaultKind.CUT_IN_HEAD: 1,
    FaultKind.CUT_AFTER_HEAD: 1,
    FaultKind.CUT_IN_BODY: 1,
    FaultKind.CUT_LAST_BYTE: 1,
    FaultKind.LATE: 4,
    FaultKind.STALLED: 0.1,
    FaultKind.DEFERRED: 2,
}
ALL_FAULTS = frozenset(FaultKind)


class FaultInjector:
    """Chooses the fault of each request, until it is paused.

    `rate` is the share of requests with a fault, `burst_rate` the share during a burst (2 s of
    every 12 s), `kinds` the faults to choose from. With PERSISTENT one path in 150 fails every
    time, so that some messages use up their attempts and are processed again from a partial state.
    """

    def __init__(
        self,
        random: Random,
        rate: float = 0.1,
        burst_rate: float = 0.5,
        kinds: Collection[FaultKind] = ALL_FAULTS,
    ) -> None:
        self.counts: Counter[str] = Counter()
        """Number of faults by name; the names of cut answers end in `_fin` or `_rst`."""
        self.late_keys: set[str] = set()
        """Keys of objects that received a request after its client had given up."""
        self.is_paused = True
        self._random = random
        self._rate = rate
        self._burst_rate = burst_rate
        self._weights = {name: weight for name, weight in _WEIGHTS.items() if name in kinds}
        self._asked_at = time.monotonic()
        has_persistent = FaultKind.PERSISTENT in kinds
        self._persistent_path = random.randrange(_PERSISTENT_ONE_IN) if has_persistent else None
        self._pending = 0
        self._lock = threading.Lock()

    def next_fault(self, path: str) -> FaultKind | None:
        """Return the fault of the next request, or None."""
        with self._lock:
            self._asked_at = time.monotonic()
            if not self.is_paused and path != "/" and self._is_persistent(path):
                self.counts[FaultKind.PERSISTENT] += 1
                return FaultKind.PERSISTENT
            is_burst = time.monotonic() % _BURST_EVERY_S < _BURST_S
            rate = self._burst_rate if is_burst else self._rate
            if self.is_paused or not self._weights or self._random.random() > rate:
                return None
            [fault] = self._random.choices(list(self._weights), list(self._weights.values()))
            if not fault.startswith("cut"):
                self.counts[fault] += 1
            return fault

    def cut(self, fault: FaultKind, head: int, whole: int) -> tuple[int, bool]:
        """Return after how many bytes to cut an answer, and whether to reset the connection.

        `head` and `whole` are byte counts; an answer without a body is cut within its head.
        """
        with self._lock:
            is_reset = self._random.random() < 0.5
            self.counts[f"{fault}_{'rst' if is_reset else 'fin'}"] += 1
            inside = range(1, head) if whole == head else range(head + 1, whole)
            match fault:
                case FaultKind.CUT_BEFORE_HEAD:
                    count = 0
                case FaultKind.CUT_IN_HEAD:
                    count = self._random.randrange(1, head)
                case FaultKind.CUT_AFTER_HEAD if whole > head:
                    count = head
                case FaultKind.CUT_IN_BODY if inside:
                    count = self._random.choice(inside)
                case _:
                    count = whole - 1
            return count, is_reset

    def idle_s(self) -> float:
        """Return the seconds since the last request; 0 while a late request is pending."""
        with self._lock:
            return 0.0 if self._pending else time.monotonic() - self._asked_at

    @contextmanager
    def pending(self, address: str) -> Iterator[None]:
        """Register a pending request that is applied after its client has given up."""
        with self._lock:
            self._pending += 1
            key = unquote(urlsplit(address).path).lstrip("/").partition("/")[2]
            self.late_keys |= {key} if key else set()
        try:
            yield
        finally:
            with self._lock:
                self._pending -= 1
                self._asked_at = time.monotonic()

    def pause_s(self) -> float:
        """Return the delay of a LATE request, s."""
        with self._lock:
            return self._random.choice(_PAUSES_S)

    def stall_s(self) -> float:
        """Return the delay of a STALLED request, s."""
        with self._lock:
            return self._random.uniform(*STALL_S)

    def defer_s(self) -> float:
        """Return the delay of a DEFERRED request, s."""
        with self._lock:
            return self._random.uniform(*DEFER_S)

    def _is_persistent(self, path: str) -> bool:
        return crc32(path.encode()) % _PERSISTENT_ONE_IN == self._persistent_path
