"""Measure kept gain maps: error in stops, bytes and CPU time against renditions without them.

    python -m benchmarks.gain_maps [FILE...]

The files are JPEGs with `hdrgm` in their XMP; by default, photos of `corpus.py` with maps made from
them. The error is that of decoders that are not ours: gainmap-js reads the metadata and sharp the
pixels, of the original's map at the rendition's size and of the rendition's map. Each row has means
over its files; the CPU time and the error of the worst file stand in brackets.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import geometric_mean, mean, median
from time import process_time

from PIL import Image

from benchmarks.copies import write_ultra_hdr
from benchmarks.corpus import CAMERA, gather
from imagemill.imaging import render
from imagemill.recipe import Recipe

_SIZES = (500, 1600)
_ROUNDS = 9
_PACKAGES = ("sharp@0.35.5", "@monogrid/gainmap-js@3.7.3", "three@0.180.0")
_SCRIPT = Path(__file__).with_suffix(".mjs")
_ORIENTATION = 0x0112
# Photos by kind, and the maps made for each: mode, the photo's sides relative to the map's, and
# whether it is smooth. The others have every detail of the photo, more than those of phones.
_PHOTOS = {CAMERA: 4, "JPEG 2.5–5 MP": 2}
_MAPS = {
    "grey, a quarter of the sides": ("L", 4, False),
    "grey, half of the sides": ("L", 2, False),
    "grey and smooth, half of the sides": ("L", 2, True),
    "grey, as large as the photo": ("L", 1, False),
    "colour, half of the sides": ("RGB", 2, False),
}


@dataclass(frozen=True, slots=True)
class _Kept:
    """Bytes and CPU time of a rendition relative to that without its map, and the error, stops."""

    bytes: float
    cpu: float
    error: float


def rows(groups: Mapping[str, Sequence[Path]], packages: Path) -> Iterator[str]:
    """Yield a row of Markdown for each group: bytes, CPU time and error at each size."""
    for name, files in groups.items():
        cells = [_cell([_measure(file, size, packages) for file in files]) for size in _SIZES]
        yield f"| {name} | {' | '.join(cells)} |"


def _cell(found: Sequence[_Kept | None]) -> str:
    kept = [each for each in found if each]
    if not kept:
        return "not kept | – | –"
    more = 100 * (geometric_mean(each.bytes for each in kept) - 1)
    cpu, worst = geometric_mean(each.cpu for each in kept), max(each.cpu for each in kept)
    error, largest = mean(each.error for each in kept), max(each.error for each in kept)
    return f"+{more:.0f}% | {cpu:.2f} ({worst:.2f}) | {error:.3f} ({largest:.3f})"


def _measure(file: Path, size: int, packages: Path) -> _Kept | None:
    """Return the figures of one file; None if the rendition has no map."""
    data = file.read_bytes()
    kept, plain = (Recipe.parse(f"{size}:jpeg:hdr={word}") for word in ("keep", "off"))
    made, without = (render(data, each).renditions[0] for each in (kept, plain))
    if not made.hdr:
        return None
    pairs = [(_cpu_s(data, kept), _cpu_s(data, plain)) for _ in range(_ROUNDS)]
    time = median(with_map / alone for with_map, alone in pairs)
    rendition = packages / "rendition.jpg"
    rendition.write_bytes(made.data)
    turn = Image.open(BytesIO(data)).getexif().get(_ORIENTATION, 1)
    sides = (str(made.width), str(made.height), str(turn))
    error = float(_run("node", str(_SCRIPT), str(packages), str(file), str(rendition), *sides))
    return _Kept(len(made.data) / len(without.data), time, error)


def _with_maps(folder: Path) -> dict[str, list[Path]]:
    """Return photos with a map of each kind."""
    corpus = gather(None, folder)
    photos = [path for kind, most in _PHOTOS.items() for path in corpus.of_kind(kind, most)]
    made: dict[str, list[Path]] = {name: [] for name in _MAPS}
    for number, path in enumerate(photos):
        with Image.open(path) as opened:
            image = opened.convert("RGB")
        for at, (name, (mode, by, is_smooth)) in enumerate(_MAPS.items()):
            out = folder / f"{number}-{at}.jpg"
            write_ultra_hdr(image, out, mode, by, is_smooth=is_smooth)
            made[name].append(out)
    return made


def _cpu_s(data: bytes, recipe: Recipe) -> float:
    started = process_time()
    render(data, recipe)
    return process_time() - started


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 - own words
    return done.stdout


def main() -> None:
    """Print the table."""
    heads = " | ".join(f"{size} px: bytes | CPU | error" for size in _SIZES)
    with tempfile.TemporaryDirectory() as folder:
        files = {Path(name).stem: [Path(name).resolve()] for name in sys.argv[1:]}
        groups: Mapping[str, Sequence[Path]] = files or _with_maps(Path(folder))
        _run("npm", "install", "--silent", "--no-audit", "--prefix", folder, *_PACKAGES)
        sys.stdout.write(f"| map | {heads} |\n|---|{'---|' * 3 * len(_SIZES)}\n")
        for row in rows(groups, Path(folder)):
            sys.stdout.write(row + "\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
