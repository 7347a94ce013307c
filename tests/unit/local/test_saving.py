"""Periodic saving of the embedded AWS's state."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

import pytest

from imagemill.local.saving import Saver, saving


@dataclass
class CountingSaver(Saver):
    """A saver that counts its saves; each takes a given time and writes nothing."""

    takes_s: float = 0.0
    saves: list[float] = field(default_factory=list)

    def save(self) -> None:
        self.is_due = self.takes_s > 0
        self.saves.append(time.monotonic())
        time.sleep(self.takes_s)


def run(saver: CountingSaver, seconds: float) -> None:
    async def whole() -> None:
        await asyncio.wait_for(saver.keep_saving(), seconds)

    with pytest.raises(TimeoutError):
        asyncio.run(whole())


def test_a_change_is_saved_once() -> None:
    saver = CountingSaver(None, is_due=True, every_s=0.01)

    run(saver, 0.3)

    assert len(saver.saves) == 1


def test_nothing_is_saved_while_nothing_changes() -> None:
    saver = CountingSaver(None, every_s=0.01)

    run(saver, 0.2)

    assert saver.saves == []


def test_a_state_that_takes_long_is_saved_less_often() -> None:
    saver = CountingSaver(None, is_due=True, every_s=0.01, takes_s=0.02)

    run(saver, 1.5)

    # One save immediately, and one after fifty times its duration.
    assert len(saver.saves) == 2


@pytest.mark.parametrize(("method", "due"), [("PUT", True), ("POST", True), ("GET", False)])
def test_a_request_that_may_change_something_makes_a_save_due(method: str, *, due: bool) -> None:
    saver = CountingSaver(None)

    async def app(*_: Any) -> None:  # noqa: ANN401  # an ASGI application
        """Send no response."""

    async def ask() -> None:
        scope = {"type": "http", "method": method}
        await saving(app, saver)(scope, app, app)  # type: ignore[arg-type]  # it is not called

    asyncio.run(ask())

    assert saver.is_due is due
