"""Enumerated histories in which visitors request a variant while its original changes.

Each function yields every end of a short history: one for each call at which a visitor or a worker
is overtaken, delayed or killed.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import product

from imagemill.transform.recent_records import RecentRecords
from search.late import ACTS as LATE_ACTS
from search.late import MOST_CALLS
from search.races import every_crash, every_overtaking
from search.world import ALL, Killed, Worker, World

KEY = "a.jpg"
Act = Callable[[World], None]
Make = Callable[[], World]
# Changes of an image that is ready and has a variant.
ACTS: dict[str, Act] = LATE_ACTS | {
    "expire": lambda world: world.expire(KEY),
    "hide without event": lambda world: _without_event(
        world, lambda: world.hide(KEY, has_event=False)
    ),
    "put without event": lambda world: _without_event(
        world, lambda: world.put(KEY, b"good two", has_event=False)
    ),
    "deploy and look": lambda world: _without_event(
        world, lambda: world.change_recipe("p=10, q=20")
    ),
}
CHANGES = [
    *("put", "put another", "put no image", "hide", "erase"),
    *("expire", "hide without event", "put without event", "deploy and look"),
]
# Changes before the visit.
HISTORIES: dict[str, list[str]] = {
    "of an image": ["put"],
    "of an image with a variant": ["put", "visit"],
    "of an overwritten image": ["put", "visit", "put another"],
    "of a restored image": ["put", "visit", "hide", "put"],
}


def on_request() -> World:
    """Return a stack that makes variants on request."""
    return World(on_request=True)


def by_version() -> World:
    """Return a stack whose visitors name the version that they know of."""
    return World(on_request=True, names_versions=True)


def in_one_process() -> World:
    """Return a stack whose visitors know the records that others before them have read.

    They request different variants, because a registered one is not begun with such a record.
    """
    return World(on_request=True, recent=RecentRecords(), requested=2)


def overtaken(history: str, act: str, make: Make = on_request) -> Iterator[World]:
    """Interrupt a visitor by a worker of a change, and this worker by the visitor, twice at most.

    One of them makes some calls, then the other makes some and may be killed; then the first
    continues to its end, and the other follows.
    """
    for visitor_first, search in product([True, False], [every_overtaking, every_crash]):
        start = partial(_both, history, act, make, visitor_first=visitor_first)
        yield from (race.world for race in search(start))


def delayed(history: str, act: str, make: Make = on_request) -> Iterator[World]:
    """Delay one write of a visitor, and apply it after the change.

    The visitor's client sends the request again, or gives up, or is killed.
    """
    for retried, is_killed in [(True, False), (False, False), (False, True)]:
        for number in range(MOST_CALLS):
            world = make()
            _go_through(HISTORIES[history], world)
            visitor = world.visit(KEY)
            world.go_on_to_write(visitor, number)
            if visitor not in world.workers:
                break
            world.stall(visitor, retried=retried)
            if is_killed and visitor in world.workers:
                world.strike(visitor, Killed())
            ACTS[act](world)
            world.go_on_with(world.start(world.queue[-1]), ALL)
            _settled(world)
            while world.late:
                world.land(0)
            yield world


def two_visitors(history: str, act: str, make: Make = on_request) -> Iterator[World]:
    """Let a visitor of the former version and one of the new version store in any order.

    The worker of the change waits before it searches for variants.
    """
    for calls in range(MOST_CALLS):
        for others_calls in range(1, MOST_CALLS):
            world = make()
            _go_through(HISTORIES[history], world)
            former = world.visit(KEY)
            world.go_on_with(former, calls)
            ACTS[act](world)
            worker = _start_before_search(world)
            newer = world.visit(KEY)
            world.go_on_with(newer, others_calls)
            ended = [one not in world.workers for one in (former, newer)]
            for one in (former, worker, newer):
                world.go_on_with(one, ALL)
            yield _settled(world)
            if ended[1]:
                break
        if ended[0]:
            break


def delayed_replacement(history: str, act: str, make: Make = on_request) -> Iterator[World]:
    """Delay a visitor of new bytes who replaces a variant of the former ones.

    Its write is applied after another change and one more visit.
    """
    for is_killed in (False, True):
        for number in range(MOST_CALLS):
            world = make()
            _go_through([*HISTORIES[history], "visit"], world)
            world.put(KEY, b"good two")
            worker = _start_before_search(world)
            visitor = world.visit(KEY)
            world.go_on_to_write(visitor, number)
            if visitor not in world.workers:
                break
            world.stall(visitor, retried=False)
            if is_killed and visitor in world.workers:
                world.strike(visitor, Killed())
            world.go_on_with(worker, ALL)
            ACTS[act](world)
            _settled(world)
            world.go_on_with(world.visit(KEY), ALL)
            while world.late:
                world.land(0)
            yield world


def expired(history: str, act: str, make: Make = on_request) -> Iterator[World]:
    """Change an image when the registrations of its variants have expired."""
    world = make()
    _go_through(HISTORIES[history], world)
    world.go_on_with(world.visit(KEY), ALL)
    world.wait(2)
    ACTS[act](world)
    yield _settled(world)


def complaints(ends: Iterable[World]) -> Iterator[list[str]]:
    """Yield the differences of each end from the newest event, if there are any.

    They include those after one more visit, which stores the variant of the recorded version,
    unless the image is not ready.
    """
    for world in ends:
        found = world.complaints()
        world.go_on_with(world.visit(KEY), ALL)
        record = world.record(KEY)
        if bool(world.variants()) is not (record is not None and record.status == "ready"):
            found.append("the next visitor does not get what the record says")
        if found := found + world.complaints():
            yield found


def _start_before_search(world: World) -> Worker:
    """Start a worker on the newest message, and stop it before it searches for variants."""
    worker = world.start(world.queue[-1])
    while worker in world.workers and worker.next_call.name != "ListObjectsV2":
        world.go_on_with(worker, 1)
    return worker


def _both(
    history: str, act: str, make: Make, *, visitor_first: bool
) -> tuple[World, Worker, Worker]:
    """Start a visitor and a worker of the change; return the leading one first."""
    world = make()
    _go_through(HISTORIES[history], world)
    visitor = world.visit(KEY)
    ACTS[act](world)
    worker = world.start(world.queue[-1])
    return (world, visitor, worker) if visitor_first else (world, worker, visitor)


def _go_through(history: list[str], world: World) -> None:
    for act in history:
        if act == "visit":
            world.visit(KEY)
        else:
            ACTS[act](world)
        world.settle()


def _settled(world: World) -> World:
    world.settle()
    return world


def _without_event(world: World, change: Callable[[], None]) -> None:
    """Change something without an event, then reconcile."""
    change()
    world.look(KEY, listed=False)
