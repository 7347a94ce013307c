"""Enumerated histories with late writes, double deliveries and deployments.

Each function yields every end of a short history: one for every call at which a worker is stalled,
overtaken or killed.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from search.world import ALL, Killed, Worker, World

MOST_CALLS = 30
KEY = "a.jpg"
Act = Callable[[World], None]
Make = Callable[[], World]
ACTS: dict[str, Act] = {
    "put": lambda world: world.put(KEY, b"good one"),
    "put another": lambda world: world.put(KEY, b"good two"),
    "put no image": lambda world: world.put(KEY, b"bad"),
    "hide": lambda world: world.hide(KEY),
    "erase": lambda world: world.erase(KEY, -1),
    "deploy": lambda world: world.change_recipe("p=10"),
    "deploy another": lambda world: world.change_recipe("r=30"),
    "look": lambda world: world.look(KEY, listed=False),
}
TWO_PRESETS = "p=10, q=20"


def stalled(first: Sequence[str], then: Sequence[str], make: Make = World) -> Iterator[World]:
    """Stall one write of the worker of the last of the first acts; apply it after all the others.

    The worker's client sends the request again, or the worker gives up, or it is killed. Its
    message comes again before the other acts, or after them and after their messages.
    """
    ways = [(True, False, True), *product([False], [True, False], [True, False])]
    for retried, killed, at_once in ways:
        for calls in range(MOST_CALLS):
            world = make()
            worker = _last_of(first, world)
            world.go_on_with(worker, calls)
            if worker not in world.workers:
                break
            world.stall(worker, retried=retried)
            if killed and worker in world.workers:
                world.strike(worker, Killed())
            if at_once:
                world.settle()
            for act in then:
                ACTS[act](world)
                _work_newest_first(world)
            world.settle()
            while world.late:
                world.land(0)
            yield world


def delivered_twice(
    first: Sequence[str], then: Sequence[str], make: Make = World
) -> Iterator[World]:
    """Deliver one message twice at once; the slower copy is killed after everything else.

    The message is deleted by the faster copy, so nobody follows up on the slower one.
    """
    for calls in range(MOST_CALLS):
        for more in range(1, MOST_CALLS):
            world = make()
            slow = _last_of(first, world)
            world.go_on_with(slow, calls)
            if slow not in world.workers:
                return
            message = world.queue[-1]
            world.go_on_with(world.start(message, attempt=1), ALL)
            for act in then:
                ACTS[act](world)
                _work_without(slow, world)
            world.go_on_with(slow, more)
            ended = slow not in world.workers
            if not ended:
                world.strike(slow, Killed())
            world.settle()
            yield world
            if ended:
                break


def deployed(first: Sequence[str], recipe: str, make: Make = World) -> Iterator[World]:
    """Deploy another recipe while a worker is under way, which goes on afterwards and is killed.

    A copy of its message is worked on by the new deployment in between.
    """
    for calls in range(MOST_CALLS):
        for more in range(1, MOST_CALLS):
            world = make()
            slow = _last_of(first, world)
            world.go_on_with(slow, calls)
            if slow not in world.workers:
                return
            world.change_recipe(recipe)
            world.go_on_with(world.start(world.queue[-1], attempt=1), ALL)
            world.go_on_with(slow, more)
            ended = slow not in world.workers
            if not ended:
                world.strike(slow, Killed())
            world.settle()
            yield world
            if ended:
                break


def _work_newest_first(world: World) -> None:
    while world.workers:
        world.go_on(0, ALL)
    for _ in range(MOST_CALLS):
        if world.queue:
            world.deliver(-1, ALL)
    assert not world.queue, "a message comes back again and again"


def _last_of(acts: Sequence[str], world: World) -> Worker:
    """Do all of this, and return the worker that has just begun on the last of it."""
    for act in acts[:-1]:
        ACTS[act](world)
        world.settle()
    ACTS[acts[-1]](world)
    return world.start(world.queue[-1])


def _work_without(slow: Worker, world: World) -> None:
    """Work on every message in the queue, with one worker left as it is."""
    while world.queue:
        world.go_on_with(world.start(world.queue[0]), ALL)
    assert slow in world.workers, "the slower copy is still under way"
