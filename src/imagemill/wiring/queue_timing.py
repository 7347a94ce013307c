"""How fast the embedded AWS is on this machine, for the estimates of backfills."""

import time
from concurrent.futures import ThreadPoolExecutor

from imagemill.aws.queues import WorkQueue

# Requests that are timed on the embedded AWS for an estimate, those before, and threads. A single
# request at a time waits more than it works: on a busy machine its time varied fourfold.
_SAMPLES = 150
_WARM_UP = 30
_THREADS = 4
# Time from one message of a backfill to the next, as a multiple of that for a request to SQS. With
# nothing else on two cores, `benchmarks/existing_bucket.py` took 12.2 (3,000 objects), 12.4
# (10,000) and 13.2 (100,000), of which 7.3 are requests; on a busy machine 500 images took 11.9.
_REQUESTS_A_MESSAGE = 12.8


def message_s(queue: WorkQueue) -> float:
    """Measure how long the embedded AWS takes for the requests of one message, s."""
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda _: queue.depth(), range(_WARM_UP)))
        start = time.perf_counter()
        list(pool.map(lambda _: queue.depth(), range(_SAMPLES)))
        elapsed_s = time.perf_counter() - start
    return _REQUESTS_A_MESSAGE * elapsed_s / _SAMPLES
