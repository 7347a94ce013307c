"""Every way in which one of two workers interrupts the other, without repeating equal ways.

Neighbouring calls of two workers commute if they have the same results, and show readers the same
states, in both orders: if both read, or if one reads another bucket or table than the other writes
to. Of all orders that differ only in such calls, one is run (partial-order reduction: P. Godefroid,
Partial-Order Methods for the Verification of Concurrent Systems, 1996).
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import count, takewhile
from typing import NamedTuple

from search.world import ALL, PAUSE, Call, Killed, Worker, World

# Returns a stack with two workers that have just started; the first one is interrupted.
Start = Callable[[], tuple[World, Worker, Worker]]


class Race(NamedTuple):
    """The end of a race, and how many calls both workers made before the first one went on.

    If the second worker was killed, the number of its calls is that of its writes.
    """

    calls: int
    others_calls: int
    world: World


def every_overtaking(start: Start) -> Iterator[Race]:
    """Yield every race in which the second worker interrupts the first one.

    The first worker makes some calls, then the second one; then the first continues to its end, and
    the second follows.
    """
    # For each race that was run, or equals one that was: whether the second worker had ended.
    ended: dict[tuple[int, int], bool] = {}
    for calls in range(_calls_of_first(start) + 1):
        for others_calls in count():
            if (calls, others_calls) not in ended:
                yield _run_overtaking(start, calls, others_calls, ended)
            if ended[calls, others_calls]:
                break


def _run_overtaking(
    start: Start, calls: int, others_calls: int, ended: dict[tuple[int, int], bool]
) -> Race:
    """Run a race, and add it to `ended` with those that equal it."""
    world, first, second = start()
    world.go_on_with(first, calls)
    world.go_on_with(second, others_calls)
    made = list(second.calls)
    world.go_on_with(first, ALL)
    world.settle()
    rest, later = first.calls[calls:], second.calls[len(made) :]
    for more in range(_commuting(later, rest) + 1):
        ended[calls, others_calls + more] = more == len(later)
    for more in range(_commuting(rest, made) + 1):
        ended[calls + more, others_calls] = not later
    return Race(calls, others_calls, world)


def every_crash(start: Start) -> Iterator[Race]:
    """Yield every race in which the second worker interrupts the first one and is killed.

    It is killed after each of its writes: reads change nothing. Then the first one continues to its
    end, and the message of the second one is delivered again.
    """
    known: set[tuple[int, int]] = set()
    for calls in range(_calls_of_first(start) + 1):
        for writes in count():
            if (calls, writes) in known:
                continue
            world, first, second = start()
            world.go_on_with(first, calls)
            world.go_on_past_writes(second, writes)
            if second not in world.workers:
                break
            world.strike(second, Killed())
            world.go_on_with(first, ALL)
            world.settle()
            same = _commuting(first.calls[calls:], second.calls)
            known |= {(calls + more, writes) for more in range(same + 1)}
            yield Race(calls, writes, world)


def _calls_of_first(start: Start) -> int:
    """Return the number of calls of the first worker without an interruption."""
    world, first, _ = start()
    world.go_on_with(first, ALL)
    return len(first.calls)


def _commuting(calls: Sequence[Call], others: Sequence[Call]) -> int:
    """Return how many of the first calls commute with all others."""
    return sum(1 for _ in takewhile(lambda call: all(_commute(call, o) for o in others), calls))


def _commute(call: Call, other: Call) -> bool:
    """Return whether the order of two calls makes no difference; a pause moves the clock of all."""
    if PAUSE in {call, other}:
        return False
    writes = call.is_write + other.is_write
    return writes == 0 or (writes == 1 and call.place != other.place)
