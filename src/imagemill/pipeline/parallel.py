"""Calls in parallel, each with a key."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

# Requests of one task at once, for the variants of an image. Each is a HEAD and a PUT without data.
_KEYS_AT_ONCE = 16


def in_parallel(act: Callable[[str], object], keys: Sequence[str]) -> None:
    """Call a function with each key, in threads; raises the first error after all have ended."""
    if not keys:
        return
    with ThreadPoolExecutor(min(_KEYS_AT_ONCE, len(keys))) as pool:
        calls = [pool.submit(act, key) for key in keys]
    for call in calls:
        call.result()
