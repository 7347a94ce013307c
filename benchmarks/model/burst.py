"""Burst: what the queue does when many images come at once, played through batch by batch.

Everything is deterministic. Messages arrive at a steady rate, or all at the start. Lambda reads the
queue with a few workers at first and ever more after that, up to a limit; each takes what is there,
a full batch at most, works for as long as such a batch takes, and comes back. Nothing fails.
"""

import heapq
import math
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ramp:
    """How many batches Lambda has worked at once: `first`, then `per_minute` more, up to `most`."""

    first: int
    per_minute: float
    most: int

    def starts(self) -> list[float]:
        """Return when each of the workers joins in, s."""
        late = max(0, self.most - self.first)
        at_once = min(self.first, self.most)
        return [0.0] * at_once + [60 * (at + 1) / self.per_minute for at in range(late)]


@dataclass(frozen=True, slots=True)
class Burst:
    """So many images, `rate` of them a second; infinity is all at the start."""

    images: int
    rate: float = math.inf

    def arrived(self, moment: float) -> int:
        """Return how many have come by a moment, s."""
        if math.isinf(self.rate):
            return self.images
        return min(self.images, 1 + math.floor(moment * self.rate + 1e-9))

    def moment(self, number: int) -> float:
        """Return when the image of this number comes, counted from 0."""
        return 0.0 if math.isinf(self.rate) else number / self.rate


@dataclass(frozen=True, slots=True)
class Drain:
    """How it went: batches by when they were taken, done and how many images they had."""

    burst: Burst
    batches: tuple[tuple[float, float, int], ...]

    @property
    def seconds(self) -> float:
        """Until the last image is done."""
        return max((done for _, done, _ in self.batches), default=0.0)

    @property
    def billed_ms(self) -> float:
        """All that the batches take."""
        return 1000 * sum(done - taken for taken, done, _ in self.batches)

    @property
    def workers(self) -> int:
        """Most batches worked at once."""
        ends: list[float] = []
        most = 0
        for taken, done, _ in self.batches:
            while ends and ends[0] <= taken:
                heapq.heappop(ends)
            heapq.heappush(ends, done)
            most = max(most, len(ends))
        return most

    def depths(self, moments: list[float]) -> list[int]:
        """Return how many messages wait at each of the moments, in order, none of them taken."""
        found, taken, at = [], 0, 0
        for moment in moments:
            while at < len(self.batches) and self.batches[at][0] <= moment:
                taken += self.batches[at][2]
                at += 1
            found.append(self.burst.arrived(moment) - taken)
        return found

    def done(self, moments: list[float]) -> list[int]:
        """Return how many images are done by each of the moments, in order."""
        ends = sorted((done, size) for _, done, size in self.batches)
        found, ready, at = [], 0, 0
        for moment in moments:
            while at < len(ends) and ends[at][0] <= moment:
                ready += ends[at][1]
                at += 1
            found.append(ready)
        return found


def drain(burst: Burst, ramp: Ramp, most: int, batch_ms: Callable[[int], float]) -> Drain:
    """Play a burst through; a batch has `most` images at most and takes `batch_ms(images)`."""
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
