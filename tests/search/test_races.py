"""Every way in which one worker can interrupt another, with and without a crash.

RACES=all tests all of them; by default a part is tested.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, product

import pytest

from search.part import part
from search.races import Race, Start, every_crash, every_overtaking
from search.world import ALL, Worker, World

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
WITHOUT_EVENT: dict[str, Act] = {
    "put without event": lambda world: looked_at(
        world, lambda: world.put("a.jpg", TWO, has_event=False)
    ),
    "hide without event": lambda world: looked_at(
        world, lambda: world.hide("a.jpg", has_event=False)
    ),
    "erase without event": lambda world: looked_at(
        world, lambda: world.erase("a.jpg", -1, has_event=False)
    ),
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


RACES = [
    (history, first, second)
    for first, second, history in product(ACTS, ACTS, HISTORIES)
    if [first, second].count("erase") <= len(HISTORIES[history]) + (first != "erase")
]

EVERY_ACT = ACTS | LOOKS | WITHOUT_EVENT
PAIRS = [
    *product(ACTS, LOOKS),
    *product(["list"], ACTS),
    *product(WITHOUT_EVENT, [*ACTS, "look", *WITHOUT_EVENT]),
    *product(["list", "new recipe"], WITHOUT_EVENT),
    *product(["look"], LOOKS),
    ("new recipe", "new recipe"),
]
# Races with a reconciliation; a change without an event follows settled events.
EVERY_LOOK = [
    *(("of an image", first, second) for first, second in PAIRS if not can_not_be(first, second)),
    *(
        ("of nothing", "put without event", second)
        for second in ("put", "look", *list(WITHOUT_EVENT)[:2])
    ),
]
TESTED = [*part(RACES, 2), *part(EVERY_LOOK, 11)]
# Deleting a version makes older bytes current; their renditions may be missing for a moment.
NOTHING_COMES_BACK = [race for race in TESTED if not {"erase", "erase without event"} & set(race)]


@pytest.mark.parametrize(("history", "first", "second"), TESTED)
def test_however_two_workers_race_the_newest_event_wins(
    history: str, first: str, second: str
) -> None:
    assert violations(every_race([*HISTORIES[history], first, second])) == []


@pytest.mark.parametrize(("history", "first", "second"), NOTHING_COMES_BACK)
def test_in_every_race_readers_see_only_complete_versions(
    history: str, first: str, second: str
) -> None:
    races = every_race([*HISTORIES[history], first, second], unlike)

    assert [race for race in races if race.world.halves][:1] == []


@pytest.mark.parametrize(("history", "first", "second"), TESTED)
def test_at_every_crash_the_newest_event_wins(history: str, first: str, second: str) -> None:
    assert violations(every_deadly_race([*HISTORIES[history], first, second])) == []


@pytest.mark.parametrize(
    ("first", "second"),
    [pair for pair in product(EVERY_ACT, ACTS) if not can_not_be(*pair)],
)
def test_after_every_change_during_a_worker_the_newest_event_wins(first: str, second: str) -> None:
    ends = every_interruption(["put", first, second])

    complaints = [(calls, world.complaints()) for calls, world in ends if world.complaints()]

    assert complaints[:1] == []


def violations(races: Iterable[Race]) -> list[tuple[int, int, list[str]]]:
    """Return the first race with a wrong end, if there is one: calls of both, and faults."""
    found = ((one.calls, one.others_calls, one.world.complaints()) for one in races)
    return [one for one in found if one[-1]][:1]


def looked_at(world: World, change: Callable[[], None]) -> None:
    """Change something without an event, then reconcile."""
    change()
    world.look("a.jpg", listed=False)


def unlike() -> World:
    """Return a stack in which no image is stored twice."""
    return World(unlike=True)


def starts(acts: list[str], world: Callable[[], World] = World) -> list[Start]:
    """Return how to start workers on the last two acts, once with each of them as the first."""

    def start(first: int) -> tuple[World, Worker, Worker]:
        end = world()
        for act in acts[:-2]:
            EVERY_ACT[act](end)
            end.settle()
        for act in acts[-2:]:
            EVERY_ACT[act](end)
        racers = [end.start(message) for message in end.queue]
        return end, racers[first], racers[1 - first]

    return [partial(start, 0), partial(start, 1)]


def every_race(acts: list[str], world: Callable[[], World] = World) -> Iterator[Race]:
    """Yield the end of every race in which one worker interrupts the other, twice at most."""
    return chain.from_iterable(map(every_overtaking, starts(acts, world)))


def every_deadly_race(acts: list[str], world: Callable[[], World] = World) -> Iterator[Race]:
    """Yield the end of every race in which one worker interrupts the other and is killed."""
    return chain.from_iterable(map(every_crash, starts(acts, world)))


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
