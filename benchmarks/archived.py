"""JPEG files packed as JPEG XL: bytes saved, CPU time, and proof that all come back bit for bit.

`python -m benchmarks.archived [DIR]` prints a table of the JPEGs of a folder, or else of the
packages of `corpus.py`. Ends with an error if a file does not come back.
"""

import argparse
import hashlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PIL import Image

from benchmarks.corpus import gather
from benchmarks.page import figure, table
from imagemill.imaging.jxl.sandbox import prepare
from imagemill.imaging.jxl.transcoding import pack_jpeg, unpack_jpeg

_SECONDS = 60.0
_MB = 1_000_000
# EXIF 2.32: the maker of the camera.
_MAKE = 0x010F
_Result = TypeVar("_Result")
_HEAD = ("", "files", "packed", "MB", "bytes saved", "packing, s per MB", "unpacking, s per MB")


@dataclass(frozen=True, slots=True)
class Measured:
    """A file, and its packed size: its own size if it is not packed. Times are s of CPU."""

    path: Path
    kind: str
    size: int
    packed_size: int
    packing_s: float
    unpacking_s: float = 0.0
    is_same: bool = True

    @property
    def is_packed(self) -> bool:
        """True if the file became smaller."""
        return self.packed_size < self.size


def measure(path: Path) -> Measured:
    """Pack a file and unpack it again."""
    jpeg, kind = path.read_bytes(), _kind(path)
    packed, packing_s = _timed(lambda: pack_jpeg(jpeg, seconds=_SECONDS))
    if packed is None:
        return Measured(path, kind, len(jpeg), len(jpeg), packing_s)
    unpacked, unpacking_s = _timed(lambda: unpack_jpeg(packed, seconds=_SECONDS))
    is_same = hashlib.sha256(unpacked).digest() == hashlib.sha256(jpeg).digest()
    return Measured(path, kind, len(jpeg), len(packed), packing_s, unpacking_s, is_same)


def report(files: Sequence[Measured]) -> str:
    """Return a table with a row for each kind and one for all files, and the files kept as JPEG."""
    kinds = sorted({each.kind for each in files})
    rows = [_row(kind, [each for each in files if each.kind == kind]) for kind in kinds]
    kept = [f"* not packed: {each.path.name}" for each in files if not each.is_packed]
    return "\n".join([table(_HEAD, [*rows, _row("all", files)]), "", *kept])


def _row(name: str, files: Sequence[Measured]) -> list[str]:
    packed = [each for each in files if each.is_packed]
    size, packed_size = (sum(each.size for each in some) for some in (files, packed))
    saved = sum(each.size - each.packed_size for each in files)
    times = (
        sum(each.packing_s for each in files) / size,
        sum(each.unpacking_s for each in packed) / max(packed_size, 1),
    )
    counts = (str(len(files)), str(len(packed)), figure(size / _MB, 1), f"{saved / size:.1%}")
    return [name, *counts, *(figure(_MB * each) for each in times)]


def _timed(work: Callable[[], _Result]) -> tuple[_Result, float]:
    start = time.process_time()
    return work(), time.process_time() - start


def _kind(path: Path) -> str:
    with Image.open(path) as image:
        return "cameras" if image.getexif().get(_MAKE) else "others"


def _distinct(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files without copies."""
    seen = set()
    for path in paths:
        digest = hashlib.sha256(path.read_bytes()).digest()
        if digest not in seen:
            yield path
        seen.add(digest)


def main() -> None:
    """Measure all files and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    folder = parser.parse_args().folder
    prepare()
    with tempfile.TemporaryDirectory() as scratch:
        photos = gather(folder, Path(scratch)).photos
        jpegs = [photo.path for photo in photos if photo.format in ("JPEG", "MPO")]
        paths = [path for path in jpegs if Path(scratch) not in path.parents]
        files = [measure(path) for path in _distinct(paths)]
    print(report(files))  # noqa: T201 - a command
    if different := [each.path.name for each in files if not each.is_same]:
        sys.exit(f"these files did not come back: {', '.join(different)}")


if __name__ == "__main__":
    main()
