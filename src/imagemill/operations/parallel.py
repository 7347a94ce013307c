"""Side by side: the same work on many things, several at once."""

import os
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

_Thing = TypeVar("_Thing")
_Result = TypeVar("_Result")
_MOST_IMAGES_AT_ONCE = 8
"""Each may need as much memory as the limits allow."""


def results(
    work: Callable[[_Thing], _Result], things: Iterable[_Thing], workers: int
) -> Generator[_Result, None, None]:
    """Yield the result of each work as it is done; leaving early starts no more of it."""
    pool = ThreadPoolExecutor(workers)
    try:
        for done in as_completed([pool.submit(work, thing) for thing in things]):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def default_workers() -> int:
    """Return how many images to have in memory at once on this machine."""
    return min(os.cpu_count() or 1, _MOST_IMAGES_AT_ONCE)
