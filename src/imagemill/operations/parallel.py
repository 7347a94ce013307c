"""Parallel execution of the same function for many items."""

import os
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
# Most images in memory at once; each may need as much as the limits allow.
_MOST_IMAGES_AT_ONCE = 8


def results(
    work: Callable[[_Item], _Result], items: Iterable[_Item], workers: int
) -> Generator[_Result, None, None]:
    """Yield each result when it is done; if the caller stops early, no more work is started."""
    pool = ThreadPoolExecutor(workers)
    try:
        for done in as_completed([pool.submit(work, item) for item in items]):
            yield done.result()
    finally:
        pool.shutdown(cancel_futures=True)


def default_workers() -> int:
    """Return the number of images to process at once on this machine."""
    return min(os.cpu_count() or 1, _MOST_IMAGES_AT_ONCE)
