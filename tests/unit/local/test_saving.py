"""Periodic saving of the embedded AWS's state."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest

from imagemill.local.saving import Saver, saving


class TimeIsOver(Exception):
    """The simulated time of a test has passed."""


@dataclass
class CountingSaver:
    """A saver under a simulated clock that records the time of each save, and writes nothing."""

    is_due: bool = False
    every_s: float = 60.0
    takes_s: float = 0.0
    changes_always: bool = False
    now_s: float = 0.0
    saves: list[float] = field(default_factory=list)

    def run(self, seconds: float) -> None:
        """Keep saving for a number of simulated seconds."""

        async def pause(wait_s: float) -> None:
            self.now_s += wait_s
            if self.now_s > seconds:
                raise TimeIsOver

        saver = Saver(None, is_due=self.is_due, every_s=self.every_s, pause=pause, clock=self.clock)

        def save() -> None:
            saver.is_due = self.changes_always
            self.saves.append(self.now_s)
            self.now_s += self.takes_s

        saver.save = save  # type: ignore[method-assign]  # it writes nothing
        with pytest.raises(TimeIsOver):
            asyncio.run(saver.keep_saving())

    def clock(self) -> float:
        """Return the simulated time."""
        return self.now_s


def test_a_change_is_saved_once() -> None:
    saver = CountingSaver(is_due=True)

    saver.run(600)

    assert saver.saves == [60]


def test_nothing_is_saved_while_nothing_changes() -> None:
    saver = CountingSaver()

    saver.run(600)

    assert saver.saves == []


def test_changes_are_saved_at_regular_intervals() -> None:
    saver = CountingSaver(is_due=True, changes_always=True)

    saver.run(200)

    assert saver.saves == [60, 120, 180]


def test_a_state_that_takes_long_is_saved_less_often() -> None:
    saver = CountingSaver(is_due=True, changes_always=True, takes_s=2)

    saver.run(300)

    # After a save of 2 s, the next one starts fifty times its duration later.
    assert saver.saves == [60, 162, 264]


@pytest.mark.parametrize(("method", "due"), [("PUT", True), ("POST", True), ("GET", False)])
def test_a_request_that_may_change_something_makes_a_save_due(method: str, *, due: bool) -> None:
    saver = Saver(None)

    async def app(*_: Any) -> None:  # noqa: ANN401  # an ASGI application
        """Send no response."""

    async def ask() -> None:
        scope = {"type": "http", "method": method}
        await saving(app, saver)(scope, app, app)  # type: ignore[arg-type]  # it is not called

    asyncio.run(ask())

    assert saver.is_due is due
