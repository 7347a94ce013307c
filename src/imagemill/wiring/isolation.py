"""The worker processes in which a function renders."""

from functools import cache

from imagemill.imaging.worker.hidden_memory import hide_memory
from imagemill.imaging.worker_process import fork_worker


@cache
def isolate() -> None:
    """Start the first worker process, which may not read the memory of this one; once."""
    hide_memory()
    fork_worker()
