"""Enumerated histories with delayed writes, double deliveries and deployments.

Each function yields every end of a short history: one for each call at which a worker is overtaken,
and for each write at which it is delayed or killed. Between two writes, these make no difference.
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
    """Delay one write of the worker of the last act of `first`; apply it after all others.

    The worker's client sends the request again, or the worker gives up, or it is killed, with the
    write or before it. Its message is delivered again before the acts of `then`, or after them and
    their messages.
    """
    for trouble, at_once in [
        ("resent", True),
        *product(["lost", "fatal", "killed"], [True, False]),
    ]:
        for number in range(MOST_CALLS):
            world = make()
            worker = _last_of(first, world)
            world.go_on_to_write(worker, number)
            if worker not in world.workers:
                break
            if trouble != "killed" and not world.stall(worker, retried=trouble == "resent"):
                continue
            if trouble in {"fatal", "killed"} and worker in world.workers:
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
    """Deliver one message twice at once; the slower worker is killed after everything else.

    The faster worker deletes the message, so no worker finishes the work of the slower one.
    """
    for calls in range(MOST_CALLS):
        for writes in range(MOST_CALLS):
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
            world.go_on_past_writes(slow, writes)
            ended = slow not in world.workers
            if not ended:
                world.strike(slow, Killed())
            world.settle()
            yield world
            if ended:
                break


def deployed(first: Sequence[str], recipe: str, make: Make = World) -> Iterator[World]:
    """Deploy another recipe while a worker runs; it continues afterwards and is killed.

    In between, the new deployment handles a copy of its message.
    """
    for calls in range(MOST_CALLS):
        for writes in range(MOST_CALLS):
            world = make()
            slow = _last_of(first, world)
            world.go_on_with(slow, calls)
            if slow not in world.workers:
                return
            world.change_recipe(recipe)
            world.go_on_with(world.start(world.queue[-1], attempt=1), ALL)
            world.go_on_past_writes(slow, writes)
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
    assert not world.queue, "a message is delivered again and again"


def _last_of(acts: Sequence[str], world: World) -> Worker:
    """Do all acts, and return the worker that has just started on the last one."""
    for act in acts[:-1]:
        ACTS[act](world)
        world.settle()
    ACTS[acts[-1]](world)
    return world.start(world.queue[-1])


def _work_without(slow: Worker, world: World) -> None:
    """Handle every message in the queue, without running one worker."""
    while world.queue:
        world.go_on_with(world.start(world.queue[0]), ALL)
    assert slow in world.workers, "the slower worker has not ended"
