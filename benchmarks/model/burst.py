"""Simulation of a burst of uploads: the queue and Lambda's workers, batch by batch.

Deterministic. Messages arrive at a steady rate, or all at the start. Lambda starts with a few
workers and adds more up to a limit. Each worker takes the waiting messages, at most a full batch,
works for the duration of such a batch, and takes the next. Nothing fails.
"""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ramp:
    """Concurrent batches: `first` at the start, then `per_minute` more, up to `most`."""

    first: int
    per_minute: float
    most: int

    def starts(self) -> list[float]:
        """Return the start time of each worker, in s."""
        late = max(0, self.most - self.first)
        at_once = min(self.first, self.most)
        return [0.0] * at_once + [60 * (at + 1) / self.per_minute for at in range(late)]


@dataclass(frozen=True, slots=True)
class Burst:
    """A number of images that arrive at `rate` a second; infinity means all at the start."""

    images: int
    rate: float = math.inf

    def arrived(self, moment: float) -> int:
        """Return the number of images that have arrived by a time in s."""
        if math.isinf(self.rate):
            return self.images
        return min(self.images, 1 + math.floor(moment * self.rate + 1e-9))

    def moment(self, number: int) -> float:
        """Return the arrival time in s of the image with this index, counted from 0."""
        return 0.0 if math.isinf(self.rate) else number / self.rate


@dataclass(frozen=True, slots=True)
class Drain:
    """The result: each batch with its start and end in s and its number of images."""

    burst: Burst
    batches: tuple[tuple[float, float, int], ...]

    @property
    def seconds(self) -> float:
        """Seconds until the last image is done."""
        return max((done for _, done, _ in self.batches), default=0.0)

    @property
    def billed_ms(self) -> float:
        """Total duration of all batches, in ms."""
        return 1000 * sum(done - taken for taken, done, _ in self.batches)

    @property
    def workers(self) -> int:
        """Largest number of concurrent batches."""
        ends: list[float] = []
        most = 0
        for taken, done, _ in self.batches:
            while ends and ends[0] <= taken:
                heapq.heappop(ends)
            heapq.heappush(ends, done)
            most = max(most, len(ends))
        return most

    def depths(self, moments: list[float]) -> list[int]:
        """Return the number of waiting messages at each of the moments, which are in order."""
        found, taken, at = [], 0, 0
        for moment in moments:
            while at < len(self.batches) and self.batches[at][0] <= moment:
                taken += self.batches[at][2]
                at += 1
            found.append(self.burst.arrived(moment) - taken)
        return found

    def done(self, moments: list[float]) -> list[int]:
        """Return the number of images done by each of the moments, which are in order."""
        ends = sorted((done, size) for _, done, size in self.batches)
        found, ready, at = [], 0, 0
        for moment in moments:
            while at < len(ends) and ends[at][0] <= moment:
                ready += ends[at][1]
                at += 1
            found.append(ready)
        return found


def drain(burst: Burst, ramp: Ramp, most: int, batch_ms: Callable[[int], float]) -> Drain:
    """Simulate a burst with batches of at most `most` images that take `batch_ms(images)` each."""
    free = ramp.starts()
    heapq.heapify(free)
    taken, batches = 0, []
    while taken < burst.images:
        moment = max(heapq.heappop(free), burst.moment(taken))
        size = min(most, burst.arrived(moment) - taken)
        done = moment + batch_ms(size) / 1000
        batches.append((moment, done, size))
        heapq.heappush(free, done)
        taken += size
    batches.sort()
    return Drain(burst, tuple(batches))
