"""The clock, an argument of every function that needs the time."""

import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """The time of day, and a monotonic time for durations."""

    def now(self) -> str:
        """Return the time as ISO 8601 UTC with milliseconds: `2026-05-04T10:20:30.123Z`."""

    def now_s(self) -> int:
        """Return the time in epoch seconds."""

    def monotonic_ms(self) -> int:
        """Return monotonic milliseconds."""


class SystemClock:
    """The clock of the operating system."""

    def now(self) -> str:
        """Return the time as ISO 8601 UTC with milliseconds."""
        text = datetime.now(UTC).isoformat(timespec="milliseconds")
        return text.replace("+00:00", "Z")

    def now_s(self) -> int:
        """Return the time in epoch seconds."""
        return int(time.time())

    def monotonic_ms(self) -> int:
        """Return monotonic milliseconds."""
        return time.monotonic_ns() // 1_000_000
