"""Measure imagemill beside other tools; writes docs/performance.md and benchmarks/baseline.json.

    python -m benchmarks
    python -m benchmarks --files ../photos --rounds 9

The first run installs the other tools into `benchmarks/.peers`. Photos come from the folder of
`--files`, else from `../shared/corpus` beside the checkout, else they are synthetic. All work runs
on one core. The pipeline gets up to a thousand images; `python -m benchmarks.pipeline` measures ten
thousand and stores the figures for the page.
"""

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks import cold, engine, function, memory, page, parallel, pipeline

# Factor on the rounds for single images, whose figures vary most with the CPU's clock rate.
_ENGINE_ROUNDS = 3
_ROOT = Path(__file__).parents[1]
_CORPUS = _ROOT.parent / "shared" / "corpus"


def main() -> None:
    """Read the options, run every part, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=Path, help="folder of photos")
    parser.add_argument(
        "--rounds", type=int, default=3, help="rounds in which every tool takes a turn"
    )
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument(
        "--pictures", type=int, default=1_000, help="largest number of images uploaded together"
    )
    options = parser.parse_args()
    os.sched_setaffinity(0, {options.core})
    folder = options.files or (_CORPUS if _CORPUS.is_dir() else None)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        sections = [
            *engine.run(folder, place, _ENGINE_ROUNDS * options.rounds),
            *parallel.run(folder, place, options.rounds),
            *cold.run(place, options.rounds),
            *function.run(folder, place, options.rounds, options.core),
            *memory.run(folder, place, options.rounds, options.core),
            *pipeline.run(place, options.images),
        ]
    page.write(sections, _ROOT / "docs" / "performance.md", _ROOT / "benchmarks" / "baseline.json")


if __name__ == "__main__":
    main()
