r"""CPU time to import a built function, with and without its bytecode.

`import_time.py DIR MODULE`, run with the Python version and machine that DIR was built for:

    python3.13 benchmarks/import_time.py .aws-sam/build/ResizeImageFunction \
        imagemill.functions.resize
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

_ROUNDS = 15
_PROGRAM = """
import sys, time
sys.path.insert(0, sys.argv[1])
before = time.process_time()
__import__(sys.argv[2])
print(time.process_time() - before)
"""


def _seconds(folder: Path, module: str) -> float:
    command = [sys.executable, "-I", "-S", "-B", "-c", _PROGRAM, str(folder), module]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603
    return float(done.stdout)


def main(folder: str, module: str) -> None:
    """Print the medians of alternating rounds, in milliseconds."""
    with tempfile.TemporaryDirectory() as scratch:
        bare = Path(scratch) / "bare"
        shutil.copytree(folder, bare, ignore=shutil.ignore_patterns("__pycache__"))
        places = {"with bytecode": Path(folder), "without": bare}
        taken: dict[str, list[float]] = {name: [] for name in places}
        for _ in range(_ROUNDS):
            for name, place in places.items():
                taken[name].append(_seconds(place, module))
    for name, seconds in taken.items():
        print(f"{module}  {name}: {statistics.median(seconds) * 1000:.0f} ms")  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
