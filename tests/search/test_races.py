"""Every way that one worker can interrupt another, with and without a crash, tried out."""

from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple

import pytest

from search.world import ALL, Killed, World

MOST_CALLS = 30
Act = Callable[[World], None]
ACTS: dict[str, Act] = {
    "put": lambda world: world.put("a.jpg", b"good one"),
    "put another": lambda world: world.put("a.jpg", b"good two"),
    "put no picture": lambda world: world.put("a.jpg", b"bad"),
    "hide": lambda world: world.hide("a.jpg"),
    "erase": lambda world: world.erase("a.jpg", -1),
}
HISTORIES = {
    "of nothing": [],
    "of a picture": ["put"],
    "of a deleted picture": ["put", "hide"],
}


class Stretches(NamedTuple):
    """Who goes first, how many calls it gets through, and how many the other one then."""

    leader: int
    calls: int
    others_calls: int


RACES = [
    (history, first, second)
    for history, first, second in product(HISTORIES, ACTS, ACTS)
    if [first, second].count("erase") <= len(HISTORIES[history]) + (first != "erase")
]

NOTHING_COMES_BACK = [race for race in RACES if "erase" not in race]
"""Erasing brings older bytes back; their renditions may be missing for a moment, until mended."""


@pytest.mark.parametrize(("history", "first", "second"), RACES)
def test_however_two_workers_race_the_newest_event_wins(
    history: str, first: str, second: str
) -> None:
    complaints = [
        (stretches, world.complaints())
        for stretches, world in every_race([*HISTORIES[history], first, second])
        if world.complaints()
    ]

    assert complaints[:1] == []


@pytest.mark.parametrize(("history", "first", "second"), NOTHING_COMES_BACK)
def test_however_two_workers_race_readers_never_see_half(
    history: str, first: str, second: str
) -> None:
    halves = [
        (stretches, world.halves)
        for stretches, world in every_race([*HISTORIES[history], first, second], unlike)
        if world.halves
    ]

    assert halves[:1] == []


@pytest.mark.parametrize(("history", "first", "second"), RACES)
def test_wherever_a_worker_dies_the_newest_event_wins(
    history: str, first: str, second: str
) -> None:
    complaints = [
        (stretches, world.complaints())
        for stretches, world in every_race([*HISTORIES[history], first, second], deadly=True)
        if world.complaints()
    ]

    assert complaints[:1] == []


def unlike() -> World:
    """Return a world where no picture is put twice."""
    return World(unlike=True)


def every_race(
    acts: list[str], world: Callable[[], World] = World, *, deadly: bool = False
) -> Iterator[tuple[Stretches, World]]:
    """Yield how the world ends for every way of one worker interrupting the other, twice at most.

    One worker gets through some calls, then the other through some; then the first goes on to its
    end, or dies, and the other follows.
    """
    for leader in (0, 1):
        for calls in range(MOST_CALLS):
            for others_calls in range(MOST_CALLS):
                end, ended = run(
                    acts, world(), Stretches(leader, calls, others_calls), deadly=deadly
                )
                yield Stretches(leader, calls, others_calls), end
                if ended[1 - leader]:
                    break
            if ended[leader]:
                break


def run(
    acts: list[str], world: World, stretches: Stretches, *, deadly: bool
) -> tuple[World, list[bool]]:
    """Race once; also tell which worker had ended before the last stretch."""
    for act in acts[:-2]:
        ACTS[act](world)
        world.settle()
    for act in acts[-2:]:
        ACTS[act](world)
    racers = [world.start(message) for message in world.queue]
    leader, follower = racers[stretches.leader], racers[1 - stretches.leader]
    world.go_on_with(leader, stretches.calls)
    world.go_on_with(follower, stretches.others_calls)
    ended = [racer not in world.workers for racer in racers]
    if deadly and leader in world.workers:
        world.strike(leader, Killed())
    world.go_on_with(leader, ALL)
    world.settle()
    return world, ended
