"""How fast the embedded AWS is on this machine, for the estimates of backfills."""

import time
from concurrent.futures import ThreadPoolExecutor

from imagemill.aws.queues import WorkQueue

# Requests that are timed on the embedded AWS for an estimate, those before, and threads. A single
# request at a time waits more than it works: on a busy machine its time varied fourfold.
_SAMPLES = 150
_WARM_UP = 30
_THREADS = 4
# Time of the embedded AWS for one message of a backfill, as a multiple of that for a request to
# SQS. It was 8.7 to 10 with 9.3 requests for an image (600 and 15,000 small images), of which 7.3
# are left: 7.2 in proportion. On a busy machine 500 images of `benchmarks/existing_bucket.py` took
# 11.9 by CPU time with that of the idle processes. This value lies between; it is not calibrated.
_REQUESTS_A_MESSAGE = 8.0


def message_s(queue: WorkQueue) -> float:
    """Measure how long the embedded AWS takes for the requests of one message, s."""
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(lambda _: queue.depth(), range(_WARM_UP)))
        start = time.perf_counter()
        list(pool.map(lambda _: queue.depth(), range(_SAMPLES)))
        elapsed_s = time.perf_counter() - start
    return _REQUESTS_A_MESSAGE * elapsed_s / _SAMPLES
