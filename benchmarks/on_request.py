"""The first request for a size of an image: TransformFunction beside sharp, ipx and thumbor.

    python -m benchmarks.on_request --files ../photos
    python -m benchmarks.on_request --tools sharp --formats jpg,webp --scored 0

Prints the tables for docs/performance.md; the second command takes two minutes. Every request is
for a size that is not stored yet.
"""

import argparse
import os
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median, quantiles
from typing import Any, NamedTuple

from benchmarks import corpus, on_request_quality
from benchmarks.corpus import CAMERA, Corpus
from benchmarks.function import Cloud, Worker, cloud, python_worker
from benchmarks.on_request_tools import Offer, Tool, offers
from benchmarks.page import Section, figure, table
from benchmarks.rounds import Timings

# The name of this section among the groups of rows.
GROUP = "on-request"
TITLE = "Images on request"


class Case(NamedTuple):
    """Width and format that are asked for, in the default quality of each tool.

    `before` is a width that is asked for at once before, in a request that is not measured.
    """

    width: int
    extension: str
    before: int | None = None


CASES: Mapping[str, Case] = {
    "320 px, JPEG": Case(320, "jpg"),
    "640 px, JPEG": Case(640, "jpg"),
    "1280 px, JPEG": Case(1280, "jpg"),
    "960 px, JPEG, after 800 px": Case(960, "jpg", before=800),
    "640 px, WebP": Case(640, "webp"),
    "640 px, AVIF": Case(640, "avif"),
}
# Number of photos in cases that take seconds.
_FEW = {"640 px, AVIF": 1}
OURS, RIVAL = "imagemill", "sharp"
# Photos of each kind.
_PHOTOS = {CAMERA: 4, "JPEG 20–48 MP": 1}
_SLOW = "behind a proxy with AWS's latencies (GET 20 ms and 75 MB/s, PUT 30 ms, DynamoDB 6 ms)"
_FAST = "which answers without AWS's latencies"
# First requests for the same size that are sent at once.
_CROWD = 100
_HOW = """\
The first request for a size of {count} JPEGs of 8 MP and more (AVIF: of one), one after the other:
read the original, render, store, answer. The photos take turns, so no tool has the original of a
request in memory, except where another size of the photo was asked for at once before. Original,
record and result are in the embedded AWS, {latencies}.

CPU is that of the process and its children, on one core; {rounds} rounds, in turns. Ratios of CPU
time are taken within a round: the median, then the geometric mean over the photos. The load average
of the machine was {load:.1f} before the run; above its {cores} cores, the durations say little.

* `imagemill` is TransformFunction's handler, which also reads the record, takes a lease against a
  second rendering, checks limits, renders in a worker process and stores conditionally.
* `sharp` is a handler on Node that does what AWS's sample for image optimization does: get, resize
  with sharp's defaults, put, answer.
* `ipx` is its server with unstorage's driver for S3. It stores nothing.
* `thumbor` is its server with its loader for HTTP and signed URLs. It stores nothing.

The handlers are called in their process, as Lambda calls them, the servers are asked by HTTP."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The tools and the cases to measure, with AWS's latencies if `is_slow`."""

    tools: Collection[str] | None = None
    cases: Mapping[str, Case] = field(default_factory=lambda: CASES)
    is_slow: bool = True

    def offers(self) -> dict[str, Offer]:
        """Return the chosen tools; the others are not installed."""
        return {name: one for name, one in offers().items() if not self.tools or name in self.tools}


def run(  # noqa: PLR0913, PLR0917 - the options of the command
    photos: Corpus,
    scratch: Path,
    rounds: int,
    core: int,
    scored: int,
    choice: Choice = Choice(),
) -> Iterator[Section]:
    """Give all tools the same requests in turns, and yield the section of the page."""
    load = os.getloadavg()[0]
    paths = [path for kind, most in _PHOTOS.items() for path in photos.of_kind(kind, most)]
    files, cpu, wall = [path.read_bytes() for path in paths], Timings({}), Timings({})
    with cloud(core, is_slow=choice.is_slow) as place, ExitStack() as stack:
        resize = stack.enter_context(Worker(python_worker(OURS), place.environment, {core}))
        offered = choice.offers()
        tools = {
            name: stack.enter_context(offer.start(place, core)) for name, offer in offered.items()
        }
        for at in range(rounds + 1):
            timings = (cpu, wall) if at else (Timings({}), Timings({}))
            records = _uploaded(place, resize, files)
            _race(tools, choice.cases, records, Random(at), timings)  # noqa: S311 - repeatable
        texts = [_table(case, list(tools), cpu, wall) for case in choice.cases]
        if choice.is_slow:
            texts.append(_crowd(place, tools, offered, _uploaded(place, resize, files[:1])))
        if scored:
            records = _uploaded(place, resize, files[:scored])
            texts.append(on_request_quality.compare(tools, records, paths[:scored], scratch))
    how = _HOW.format(
        count=len(files),
        rounds=rounds,
        load=load,
        cores=os.cpu_count() or 1,
        latencies=_SLOW if choice.is_slow else _FAST,
    )
    yield Section(TITLE, "\n\n".join((how, *texts)))


def _uploaded(place: Cloud, resize: Worker, files: Sequence[bytes]) -> list[dict[str, Any]]:
    """Upload the photos under new keys, and make their records."""
    records = place.put(files)
    if records:
        resize.work(records)
    return records


def _race(
    tools: Mapping[str, Tool],
    cases: Mapping[str, Case],
    records: Sequence[dict[str, Any]],
    random: Random,
    timings: tuple[Timings, Timings],
) -> None:
    """Ask all tools for all cases of all photos, in turns; add CPU and wall times by request."""
    for case, (width, extension, before) in cases.items():
        for number, record in enumerate(records[: _FEW.get(case)]):
            asked = {**record, "width": width, "extension": extension}
            for name in random.sample(list(tools), len(tools)):
                if before:
                    tools[name].work([{**asked, "width": before}])
                turn, request = tools[name].work([asked]), (name, f"{case} {number}")
                cpu, wall = timings
                cpu.cpu_ms.setdefault(request, []).append(turn.cpu_ms)
                wall.cpu_ms.setdefault(request, []).append(turn.wall_ms)


def _renders(place: Cloud, tool: Tool, offer: Offer, records: list[dict[str, Any]]) -> int:
    """Return how often a tool renders a size that a crowd asks for at once."""
    width, extension, _ = CASES["640 px, JPEG"]
    place.requests.clear()
    tool.work([{**records[0], "width": width, "extension": extension}] * _CROWD)
    return sum(bool(re.fullmatch(offer.renders, request)) for request in place.requests)


def _table(case: str, tools: Sequence[str], cpu: Timings, wall: Timings) -> str:
    requests = [name for tool, name in cpu.cpu_ms if tool == OURS and name.startswith(f"{case} ")]
    durations = {tool: [ms for one in requests for ms in wall.cpu_ms[tool, one]] for tool in tools}
    rows = [
        [
            tool,
            figure(cpu.mean_ms(tool, requests), 0),
            figure(cpu.ratio(tool, RIVAL, requests)),
            figure(median(durations[tool]), 0),
            figure(median(durations[tool]) / median(durations[RIVAL])),
            figure(quantiles(durations[tool], n=100, method="inclusive")[-1], 0),
        ]
        for tool in tools
    ]
    head = ["", "CPU, ms", f"÷ {RIVAL}", "p50, ms", f"÷ {RIVAL}", "p99, ms"]
    return f"### {case}\n\n{table(head, rows)}"


def _crowd(
    place: Cloud,
    tools: Mapping[str, Tool],
    offered: Mapping[str, Offer],
    records: list[dict[str, Any]],
) -> str:
    counts = {name: _renders(place, tools[name], one, records) for name, one in offered.items()}
    rows = [[tool, str(count)] for tool, count in counts.items()]
    return (
        f"### Renderings for {_CROWD} first requests at once\n\n"
        "Counted by the variants that are written to S3; for ipx and thumbor, which write none, by "
        f"the originals that are read.\n\n{table(['', 'renderings'], rows)}"
    )


def _names(text: str) -> set[str]:
    return {OURS, RIVAL, *text.split(",")}


def _in_formats(text: str) -> dict[str, Case]:
    wanted = text.split(",")
    return {name: case for name, case in CASES.items() if case.extension in wanted}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print the section."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=Path, help="folder of photos")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--tools", type=_names, help="only these of ipx,thumbor besides sharp; all by default"
    )
    parser.add_argument(
        "--formats",
        type=_in_formats,
        dest="cases",
        default=CASES,
        help="only these of jpg,webp,avif",
    )
    parser.add_argument("--fast", action="store_true", help="without the latencies of AWS")
    parser.add_argument("--scored", type=int, default=1, help="photos whose results are scored")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        photos = corpus.gather(options.files, scratch)
        choice = Choice(options.tools, options.cases, not options.fast)
        for section in run(photos, scratch, options.rounds, options.core, options.scored, choice):
            print(f"## {section.title}\n\n{section.text}")  # noqa: T201 - a command


if __name__ == "__main__":
    main()
