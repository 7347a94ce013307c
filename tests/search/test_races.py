"""Every way in which one worker can interrupt another, with and without a crash.

RACES=all tests all of them; by default a ninth of the reconciliations is tested.
"""

import os
from collections.abc import Callable, Iterator
from itertools import product
from typing import NamedTuple

import pytest

from search.world import ALL, Killed, World

MOST_CALLS = 30
Act = Callable[[World], None]
TWO = b"good two"
ACTS: dict[str, Act] = {
    "put": lambda world: world.put("a.jpg", b"good one"),
    "put another": lambda world: world.put("a.jpg", b"good two"),
    "put no image": lambda world: world.put("a.jpg", b"bad"),
    "hide": lambda world: world.hide("a.jpg"),
    "erase": lambda world: world.erase("a.jpg", -1),
}
LOOKS: dict[str, Act] = {
    "look": lambda world: world.look("a.jpg", listed=False),
    "list": lambda world: world.look("a.jpg", listed=True),
    "new recipe": lambda world: looked_at(world, lambda: world.change_recipe("p=10, q=20")),
}
# Changes without an event; a reconciliation follows.
UNHEARD: dict[str, Act] = {
    "come unheard": lambda world: looked_at(world, lambda: world.put("a.jpg", TWO, heard=False)),
    "go unheard": lambda world: looked_at(world, lambda: world.hide("a.jpg", heard=False)),
    "erase unheard": lambda world: looked_at(world, lambda: world.erase("a.jpg", -1, heard=False)),
    "expire": lambda world: world.expire("a.jpg"),
    "forget": lambda world: looked_at(world, lambda: world.forget("a.jpg")),
}


def can_not_be(first: str, second: str) -> bool:
    """Return whether there would be no version left to delete."""
    return first.startswith("erase") and second.startswith("erase")


HISTORIES = {
    "of nothing": [],
    "of an image": ["put"],
    "of a deleted image": ["put", "hide"],
}


class Stretches(NamedTuple):
    """The worker that starts, the number of its calls, and the number of the other one's calls."""

    leader: int
    calls: int
    others_calls: int


RACES = [
    (history, first, second)
    for history, first, second in product(HISTORIES, ACTS, ACTS)
    if [first, second].count("erase") <= len(HISTORIES[history]) + (first != "erase")
]

EVERY_ACT = ACTS | LOOKS | UNHEARD
PAIRS = [
    *product(ACTS, LOOKS),
    *product(["list"], ACTS),
    *product(UNHEARD, [*ACTS, "look", *UNHEARD]),
    *product(["list", "new recipe"], UNHEARD),
    *product(["look"], LOOKS),
    ("new recipe", "new recipe"),
]
# Races with a reconciliation; a change without an event follows settled events.
EVERY_LOOK = [
    *(("of an image", first, second) for first, second in PAIRS if not can_not_be(first, second)),
    *(("of nothing", "come unheard", second) for second in ("put", "look", *list(UNHEARD)[:2])),
]
# A ninth of them by default, because all take minutes.
LOOKED_AT = EVERY_LOOK[:: 1 if os.environ.get("RACES") == "all" else 9]
# Deleting a version makes older bytes current; their renditions may be missing for a moment.
NOTHING_COMES_BACK = [
    race for race in RACES + LOOKED_AT if not {"erase", "erase unheard"} & set(race)
]


@pytest.mark.parametrize(("history", "first", "second"), RACES + LOOKED_AT)
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
def test_in_every_race_readers_see_only_complete_versions(
    history: str, first: str, second: str
) -> None:
    halves = [
        (stretches, world.halves)
        for stretches, world in every_race([*HISTORIES[history], first, second], unlike)
        if world.halves
    ]

    assert halves[:1] == []


@pytest.mark.parametrize(("history", "first", "second"), RACES + LOOKED_AT)
def test_at_every_crash_the_newest_event_wins(history: str, first: str, second: str) -> None:
    complaints = [
        (stretches, world.complaints())
        for stretches, world in every_race([*HISTORIES[history], first, second], deadly=True)
        if world.complaints()
    ]

    assert complaints[:1] == []


@pytest.mark.parametrize(
    ("first", "second"),
    [pair for pair in product(EVERY_ACT, ACTS) if not can_not_be(*pair)],
)
def test_after_every_change_during_a_worker_the_newest_event_wins(first: str, second: str) -> None:
    ends = every_interruption(["put", first, second])

    complaints = [(calls, world.complaints()) for calls, world in ends if world.complaints()]

    assert complaints[:1] == []


def looked_at(world: World, change: Callable[[], None]) -> None:
    """Change something without an event, then reconcile."""
    change()
    world.look("a.jpg", listed=False)


def unlike() -> World:
    """Return a stack in which no image is stored twice."""
    return World(unlike=True)


def every_race(
    acts: list[str], world: Callable[[], World] = World, *, deadly: bool = False
) -> Iterator[tuple[Stretches, World]]:
    """Yield the end of every race in which one worker interrupts the other, twice at most.

    One worker makes some calls, then the other makes some; then the first continues to its end, or
    is killed, and the other follows.
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


def every_interruption(
    acts: list[str], world: Callable[[], World] = World
) -> Iterator[tuple[int, World]]:
    """Yield the end for every moment at which the last act happens while a worker runs.

    The worker makes some calls; then the act happens, and its message is handled to the end.
    """
    for calls in range(MOST_CALLS):
        end = world()
        for act in acts[:-2]:
            EVERY_ACT[act](end)
            end.settle()
        EVERY_ACT[acts[-2]](end)
        worker = end.start(end.queue[0])
        end.go_on_with(worker, calls)
        ended = worker not in end.workers
        EVERY_ACT[acts[-1]](end)
        end.go_on_with(end.start(end.queue[-1]), ALL)
        end.settle()
        yield calls, end
        if ended:
            return


def run(
    acts: list[str], world: World, stretches: Stretches, *, deadly: bool
) -> tuple[World, list[bool]]:
    """Run one race; also return which worker had ended before the last stretch."""
    for act in acts[:-2]:
        EVERY_ACT[act](world)
        world.settle()
    for act in acts[-2:]:
        EVERY_ACT[act](world)
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
