"""Race everybody: writes docs/performance.md, its drawings, and benchmarks/baseline.json.

    python -m benchmarks
    python -m benchmarks --files ../photos --rounds 9

Peers are installed into `benchmarks/.peers` at the first run. Photos come from a folder: `--files`,
or `../shared/corpus` beside the checkout, or else they are drawn. One core does all the work. The
pipeline goes to a thousand images; `python -m benchmarks.pipeline` goes to ten thousand and keeps
the figures for the page.
"""

import argparse
import os
import tempfile
from pathlib import Path

from benchmarks import cold, engine, function, memory, page, parallel, pipeline

_ENGINE_ROUNDS = 3
"""Times as many for single images, whose figures a clock that changes its pace moves most."""
_ROOT = Path(__file__).parents[1]
_CORPUS = _ROOT.parent / "shared" / "corpus"


def main() -> None:
    """Read the options, run every part, write the page."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--files", type=Path, help="folder of photos")
    parser.add_argument("--rounds", type=int, default=3, help="times that everybody takes a turn")
    parser.add_argument("--core", type=int, default=max(os.sched_getaffinity(0)))
    parser.add_argument("--pictures", type=int, default=1_000, help="most images put at once")
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
