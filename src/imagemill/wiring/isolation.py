"""The worker processes in which a function renders."""

import gc
from functools import cache

from imagemill.imaging.malloc import share_memory_of_threads
from imagemill.imaging.worker.hidden_memory import hide_memory
from imagemill.imaging.worker_process import fork_worker


@cache
def isolate() -> None:
    """Start the first worker process, which may not read the memory of this one; once."""
    hide_memory()
    share_memory_of_threads()
    # Modules stay loaded. If the collector of one process looked at them, it would write to the
    # memory that both share, and so copy it.
    gc.freeze()
    fork_worker()
