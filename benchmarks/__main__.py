"""Measure imagemill beside other tools; writes docs/performance.md and benchmarks/baseline.json.

    python -m benchmarks
    python -m benchmarks --files ../photos --rounds 9
    python -m benchmarks --rows web,sets --rounds 3      only these tables, on the terminal

The first run installs the other tools and downloads photos into `benchmarks/.peers`. Photos come
from the folder of `--files`, else from packages of Debian. All work runs on one core. The pipeline
gets up to a thousand images; `python -m benchmarks.pipeline` measures ten thousand and stores the
figures for the page.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks import (
    api,
    cold,
    engine,
    equal_quality,
    function,
    memory,
    on_request,
    page,
    parallel,
    pipeline,
    with_peers,
)
from benchmarks.corpus import Corpus, gather
from benchmarks.page import Section
from benchmarks.rows import GROUPS, ROWS, select

_ROOT = Path(__file__).parents[1]
# Names for `--rows`.
_GROUPS = (*GROUPS, equal_quality.GROUP, on_request.GROUP)


def main() -> None:
    """Read the options; measure the rows asked for, or every part, and write the page."""
    options = _options()
    os.sched_setaffinity(0, {options.core})
    with tempfile.TemporaryDirectory() as folder:
        scratch = Path(folder)
        corpus = gather(options.files, scratch)
        if options.rows:
            for text in _tables(options, corpus, scratch):
                print(text, end="\n\n", flush=True)  # noqa: T201 - a command
            return
        sections = list(_sections(options, corpus, scratch))
    page.write(sections, _ROOT / "docs" / "performance.md", _ROOT / "benchmarks" / "baseline.json")


def _tables(options: argparse.Namespace, corpus: Corpus, scratch: Path) -> Iterator[str]:
    """Yield the texts of the groups that the options name."""
    rows = select(options.rows)
    if rows:
        yield from with_peers.show(corpus, rows, options.rounds, options.scored)
    if equal_quality.GROUP in options.rows:
        yield from (section.text for section in equal_quality.run(corpus, scratch))
    if on_request.GROUP in options.rows:
        yield from (section.text for section in _on_request(options, corpus, scratch))


def _on_request(options: argparse.Namespace, corpus: Corpus, scratch: Path) -> Iterator[Section]:
    return on_request.run(corpus, scratch, options.rounds, options.core, options.scored)


def _sections(options: argparse.Namespace, corpus: Corpus, scratch: Path) -> Iterator[Section]:
    folder, rounds = corpus.linked(), options.rounds
    yield from with_peers.run(corpus, ROWS, rounds, options.scored)
    yield from equal_quality.run(corpus, scratch)
    yield from engine.run(folder, scratch, rounds)
    yield from parallel.run(folder, scratch, rounds)
    yield from cold.run(scratch, rounds)
    yield from api.run(rounds)
    yield from function.run(folder, scratch, rounds, options.core)
    yield from _on_request(options, corpus, scratch)
    yield from memory.run(folder, scratch, rounds, options.core)
    yield from pipeline.run(scratch, options.images)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=Path, help="folder of photos")
    parser.add_argument(
        "--rows",
        type=_groups,
        help=f"only these groups, on the terminal: {','.join(_GROUPS)}",
    )
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds in which every tool takes a turn"
    )
    parser.add_argument(
        "--scored", type=int, default=1, help="files of a row whose images are scored; 0 is fast"
    )
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument(
        "--images", type=int, default=1_000, help="largest number of images uploaded together"
    )
    return parser.parse_args()


def _groups(text: str) -> list[str]:
    found = text.split(",")
    if unknown := set(found) - set(_GROUPS):
        raise argparse.ArgumentTypeError(f"unknown: {', '.join(sorted(unknown))}")
    return found


if __name__ == "__main__":
    main()
