"""CPU times of several tools: each makes the same images in every round, in shuffled order.

All tools therefore run under the same load of the machine, and only ratios within a round count.
"""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import geometric_mean, median

from benchmarks.contender import Contender, Worker
from benchmarks.targets import Target

# CPU time for the images of one file, ms, from which a tool has one round only.
SLOW_MS = 2_000


@dataclass(frozen=True, slots=True)
class Timings:
    """CPU times in ms by contender and path, one per round, and the bytes of all images made.

    Both are missing if the tool fails.
    """

    cpu_ms: dict[tuple[str, str], list[float]]
    bytes: dict[tuple[str, str], int] = field(default_factory=dict)

    def typical_ms(self, contender: str, file: str) -> float | None:
        """Return the median over the rounds, in ms."""
        found = self.cpu_ms.get((contender, file))
        return median(found) if found else None

    def mean_ms(self, contender: str, files: Iterable[str]) -> float | None:
        """Return the geometric mean of the medians, in ms; None if the tool fails at a file."""
        found = [self.typical_ms(contender, file) for file in files]
        known = [ms for ms in found if ms]
        return geometric_mean(known) if known and len(known) == len(found) else None

    def ratios(self, contender: str, to: str, files: Iterable[str]) -> list[float]:
        """Return the CPU time of `contender` relative to `to` for each file that both can read.

        Each is the median over the rounds of the ratio within a round; if a tool had fewer rounds,
        the ratio of the medians.
        """
        found = []
        for file in files:
            one, other = (self.cpu_ms.get((name, file)) for name in (contender, to))
            if one and other:
                found.append(_ratio(one, other))
        return found

    def ratio(self, contender: str, to: str, files: Iterable[str]) -> float | None:
        """Return the geometric mean of the ratios; None without a common file."""
        found = self.ratios(contender, to, files)
        return geometric_mean(found) if found else None


def race(
    contenders: Sequence[Contender], files: Sequence[Path], targets: Sequence[Target], rounds: int
) -> Timings:
    """Let all tools make the targets of all files, `rounds` times after a warm-up.

    The warm-up is the only round of a tool that takes `SLOW_MS` or more for a file.
    """
    timings = Timings({})
    random = Random(1)  # noqa: S311 - the same order every time
    with ExitStack() as stack:
        workers = {each.name: stack.enter_context(Worker(each)) for each in contenders}
        wanted = {each.name: each.targets or targets for each in contenders}
        for path in files:
            asked = {name: worker.ask(path, wanted[name]) for name, worker in workers.items()}
            first = {name: answer for name, answer in asked.items() if answer}
            for name, answer in first.items():
                timings.bytes[name, str(path)] = sum(answer.bytes)
            able = [name for name, answer in first.items() if answer.cpu_ms < SLOW_MS]
            for name in first.keys() - able:
                timings.cpu_ms[name, str(path)] = [first[name].cpu_ms]
            turns = [name for _ in range(rounds) for name in random.sample(able, len(able))]
            for name in turns:
                again = workers[name].ask(path, wanted[name])
                taken = timings.cpu_ms.setdefault((name, str(path)), [])
                taken.append(again.cpu_ms if again else 0.0)
    return timings


def _ratio(one: Sequence[float], other: Sequence[float]) -> float:
    if len(one) != len(other):
        return median(one) / median(other)
    return median(a / b for a, b in zip(one, other, strict=True))
