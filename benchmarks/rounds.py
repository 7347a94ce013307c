"""CPU times of several tools: each resizes each image in every round, in shuffled order.

All tools therefore run under the same load of the machine, and only ratios within a round count.
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
    """CPU times in ms by contender and image, one per round; missing if the tool fails."""

    cpu_ms: dict[tuple[str, str], list[float]]

    def typical_ms(self, contender: str, image: str) -> float | None:
        """Return the median over the rounds, in ms."""
        found = self.cpu_ms.get((contender, image))
        return median(found) if found else None

    def ratio(self, contender: str, to: str, images: Iterable[str]) -> float | None:
        """Return the CPU time of `contender` relative to `to`.

        For each image the median over the rounds of the ratio within a round; then the geometric
        mean over the images that both can resize.
        """
        ratios = []
        for image in images:
            one, other = (self.cpu_ms.get((name, image)) for name in (contender, to))
            if one and other:
                ratios.append(median(a / b for a, b in zip(one, other, strict=True)))
        return geometric_mean(ratios) if ratios else None


def race(contenders: Sequence[Contender], images: Sequence[Path], to: str, rounds: int) -> Timings:
    """Resize all images with all tools to format `to`, `rounds` times after a warm-up."""
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
