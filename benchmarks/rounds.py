"""Who takes how long: every contender makes every image in every round, in shuffled order.

Contenders meet the same noise of the machine that way, and only ratios within a round are used.
"""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from random import Random
from statistics import geometric_mean, median

from benchmarks.contender import Contender, Worker


@dataclass(frozen=True, slots=True)
class Timings:
    """CPU time by contender and image, ms: one figure a round; none where a tool cannot."""

    cpu_ms: dict[tuple[str, str], list[float]]

    def typical_ms(self, contender: str, image: str) -> float | None:
        """Return the median over the rounds."""
        found = self.cpu_ms.get((contender, image))
        return median(found) if found else None

    def ratio(self, contender: str, to: str, images: Iterable[str]) -> float | None:
        """Return how many times as long `contender` takes as `to`.

        The geometric mean over those images that both can make of the median over rounds of the
        ratio within a round.
        """
        ratios = []
        for image in images:
            one, other = (self.cpu_ms.get((name, image)) for name in (contender, to))
            if one and other:
                ratios.append(median(a / b for a, b in zip(one, other, strict=True)))
        return geometric_mean(ratios) if ratios else None


def race(contenders: Sequence[Contender], images: Sequence[Path], to: str, rounds: int) -> Timings:
    """Let all make all images as `to`, `rounds` times after a round to warm up."""
    taken: dict[tuple[str, str], list[float]] = {}
    random = Random(1)  # noqa: S311 - the same order every time
    with ExitStack() as stack:
        workers = {each.name: stack.enter_context(Worker(each)) for each in contenders}
        for path in images:
            able = [name for name, worker in workers.items() if worker.ask(path, to)]
            for _ in range(rounds):
                for name in random.sample(able, len(able)):
                    answer = workers[name].ask(path, to)
                    taken.setdefault((name, path.name), []).append(answer.cpu_ms if answer else 0.0)
    return Timings(taken)
