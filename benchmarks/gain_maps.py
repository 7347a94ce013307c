"""Measure kept gain maps: error in stops, bytes and CPU time against renditions without them.

Usage: python -m benchmarks.gain_maps FILE...

The files are JPEGs with `hdrgm` in their XMP. The error is that of decoders that are not ours:
gainmap-js reads the metadata and sharp the pixels, of the original's map at the rendition's size
and of the rendition's map.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from statistics import median
from time import process_time

from PIL import Image

from imagemill.imaging import render
from imagemill.recipe import Recipe

_SIZES = (500, 1600)
_ROUNDS = 7
_PACKAGES = ("sharp@0.35.5", "@monogrid/gainmap-js@3.7.3", "three@0.180.0")
_SCRIPT = Path(__file__).with_suffix(".mjs")
_ORIENTATION = 0x0112


def rows(files: list[Path], packages: Path) -> Iterator[str]:
    """Yield a row of Markdown for each file: bytes, CPU time and error at each size."""
    for file in files:
        data = file.read_bytes()
        cells = [_cell(file, data, size, packages) for size in _SIZES]
        yield f"| {file.stem} | {' | '.join(cells)} |"


def _cell(file: Path, data: bytes, size: int, packages: Path) -> str:
    kept, plain = (Recipe.parse(f"{size}:jpeg:hdr={word}") for word in ("keep", "off"))
    pairs = [(_cpu_s(data, kept), _cpu_s(data, plain)) for _ in range(_ROUNDS)]
    time = median(with_map / without for with_map, without in pairs)
    made, without = (render(data, each).renditions[0] for each in (kept, plain))
    if not made.hdr:
        return "not kept"
    rendition = packages / "rendition.jpg"
    rendition.write_bytes(made.data)
    turn = Image.open(BytesIO(data)).getexif().get(_ORIENTATION, 1)
    sides = (str(made.width), str(made.height), str(turn))
    command = ("node", str(_SCRIPT), str(packages), str(file), str(rendition), *sides)
    error = float(_run(*command))
    more = 100 * (len(made.data) / len(without.data) - 1)
    return f"+{more:.0f}% | {time:.2f} | {error:.3f}"


def _cpu_s(data: bytes, recipe: Recipe) -> float:
    started = process_time()
    render(data, recipe)
    return process_time() - started


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - own words
    return done.stdout


def main() -> None:
    """Print the table."""
    files = [Path(argument).resolve() for argument in sys.argv[1:]]
    heads = " | ".join(f"{size} px: bytes | CPU | error" for size in _SIZES)
    with tempfile.TemporaryDirectory() as folder:
        _run("npm", "install", "--silent", "--no-audit", "--prefix", folder, *_PACKAGES)
        sys.stdout.write(f"| file | {heads} |\n|---|{'---|' * 3 * len(_SIZES)}\n")
        for row in rows(files, Path(folder)):
            sys.stdout.write(row + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
