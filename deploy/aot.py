# ruff: noqa: INP001 - scripts, not a package
"""Compile the decoders to machine code for the processors of Lambda, on any host.

aot.py make TOOLS     compile decoder.wasm and png.wasm for each processor, into this folder
aot.py check TOOLS    compile them again; report files that differ or decode otherwise than here

TOOLS holds the program aot.c for each processor, linked with wasmtime's library for it. A wheel of
wasmtime compiles only for its own processor, so QEMU emulates the other one.
"""

import subprocess
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from pathlib import Path
from random import Random
from shutil import which

from PIL import Image

from imagemill.imaging import fastpng
from imagemill.imaging.fastjpeg import machine_code, sandbox, wasmtime
from imagemill.imaging.fastpng import sandbox as png_sandbox

_HERE = Path(__file__).parent
_X86_64_V3 = ("sse3", "ssse3", "sse41", "sse42", "popcnt", "avx", "avx2", "fma", "bmi1", "bmi2")
# More WebAssembly instructions than any test image takes.
_INSTRUCTION_LIMIT = 1 << 40


class Missing(Exception):
    """A processor cannot be emulated here; the message names the missing package."""


@dataclass(frozen=True)
class Processor:
    """A processor architecture of Lambda.

    `features`: instruction set extensions of all its processors on Lambda, which the code may use.
    `emulated`: options that make QEMU emulate the oldest one. `package`: its libraries in Debian.
    """

    features: tuple[str, ...]
    emulated: tuple[str, ...]
    package: str


@dataclass(frozen=True)
class ResizeCase:
    """A JPEG, the sizes to decode its planes to, the part to use and the size to resize it to."""

    image: bytes
    planes: tuple[int, int, int, int]
    part: tuple[int, int, int, int]
    size: tuple[int, int]
    channels: int = 4

    @property
    def output_bytes(self) -> int:
        """Size of the pixels."""
        return self.size[0] * self.size[1] * self.channels

    def words(self, kept: Path) -> list[str]:
        """Return the arguments for aot.c."""
        numbers = (self.output_bytes, *self.planes, *self.part, *self.size)
        return ["draw", str(kept), *map(str, numbers)]

    def decoded_here(self) -> bytes:
        """Return what this machine decodes."""
        box = sandbox.take(_INSTRUCTION_LIMIT)
        box.decode(self.image, *self.planes)
        return box.draw((*self.part, *self.size), self.output_bytes)


@dataclass(frozen=True)
class RowsCase:
    """Compressed pixels of a PNG, their layout, and the reduction."""

    image: bytes
    layout: fastpng.Layout
    reduction: int

    def words(self, kept: Path) -> list[str]:
        """Return the arguments for aot.c."""
        of = self.layout
        numbers = (of.width, of.height, of.bits, of.colour_type, 0, self.reduction)
        return ["rows", str(kept), *map(str, numbers)]

    def decoded_here(self) -> bytes:
        """Return what this machine decodes."""
        return b"".join(fastpng.read_rows(self.layout, [memoryview(self.image)], self.reduction))


_PROCESSORS: Mapping[str, Processor] = {
    "aarch64": Processor((), ("-cpu", "neoverse-n1"), "libgcc-s1-arm64-cross"),
    "x86_64": Processor((*_X86_64_V3, "lzcnt"), (), "libgcc-s1-amd64-cross"),
}


def make(tools: Path, folder: Path = _HERE) -> list[str]:
    """Compile for each processor that can run here; return why the others were not changed."""
    faults = []
    for name, module in product(_PROCESSORS, _SOURCES):
        kept = folder / kept_as(name, module)
        try:
            kept.write_bytes(_sealed(tools, name, module))
        except Missing as missing:
            faults.append(f"{kept.name} is not changed: {missing}")
    return faults


def check(tools: Path, folder: Path = _HERE) -> list[str]:
    """Return a line for each file that differs from a new compilation or cannot be checked."""
    return [
        fault
        for name, module in product(_PROCESSORS, _SOURCES)
        for fault in _faults(tools, folder / kept_as(name, module), name, module)
    ]


def kept_as(name: str, module: str = "decoder") -> str:
    """Return the name of the file with the machine code of a module for a processor."""
    return machine_code.path_of(kind=f"linux-{name}", name=module).name


def _faults(tools: Path, kept: Path, name: str, module: str) -> Iterator[str]:
    try:
        if kept.read_bytes() != _sealed(tools, name, module):
            yield f"{kept.name} differs from what wasmtime compiles of {module}.wasm: run make wasm"
            return
        for at, case in enumerate(_CASES[module]()):
            if _run(tools, name, case.words(kept), case.image) != case.decoded_here():
                yield f"{kept.name} gives other pixels than this machine for image {at}"
    except Missing as missing:
        yield f"{kept.name} cannot be checked: {missing}"


def _sealed(tools: Path, name: str, module: str) -> bytes:
    source = _SOURCES[module]()
    features = [f"has_{feature}" for feature in _PROCESSORS[name].features]
    words = ["compile", f"{name}-unknown-linux-gnu", *features]
    return machine_code.sealed(source, _run(tools, name, words, source))


def _run(tools: Path, name: str, words: list[str], data: bytes) -> bytes:
    command = [*_emulator(name), str(tools / name / "aot"), *words]
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True)  # noqa: S603
    return done.stdout


def _emulator(name: str) -> list[str]:
    """Return the emulator command for a processor, empty for this machine's; raises Missing."""
    if sys.platform != "linux":
        raise Missing("needs Linux")
    if name == wasmtime.machine():
        return []
    emulator = which(f"qemu-{name}") or which(f"qemu-{name}-static")
    libraries = Path(f"/usr/{name}-linux-gnu")
    if emulator is None or not (libraries / "lib/libgcc_s.so.1").exists():
        packages = f"qemu-user {_PROCESSORS[name].package}"
        raise Missing(f"qemu-{name} is missing; on Debian: apt install {packages}")
    return [emulator, *_PROCESSORS[name].emulated, "-L", str(libraries)]


def _jpeg_cases() -> Iterator[ResizeCase]:
    whole = (0, 0, 801, 603)
    yield ResizeCase(_jpeg("RGB"), (150, 113, 150, 113), whole, (100, 75))
    yield ResizeCase(_jpeg("RGB"), (390, 290, 195, 145), (100, 50, 777, 600), (390, 290))
    yield ResizeCase(_jpeg("RGB", subsampling=0), (50, 38, 50, 38), whole, (50, 38))
    yield ResizeCase(_jpeg("RGB", subsampling=1, quality=97), (200, 150, 200, 150), whole, (199, 9))
    yield ResizeCase(_jpeg("RGB", progressive=True), (150, 113, 150, 113), whole, (200, 150))
    yield ResizeCase(_jpeg("L"), (300, 226, 1, 1), whole, (301, 227), 1)
    yield ResizeCase(_jpeg("L", progressive=True), (90, 70, 1, 1), whole, (99, 75), 1)


def _jpeg(mode: str, **options: object) -> bytes:
    """Return a JPEG of 801 x 603 pixels with large patches of colour and noise."""
    random, channels = Random(1), len(mode)  # noqa: S311 - reproducible
    patches = Image.frombytes(mode, (31, 23), random.randbytes(31 * 23 * channels))
    grain = Image.frombytes(mode, (801, 603), random.randbytes(801 * 603 * channels))
    file = BytesIO()
    Image.blend(patches.resize(grain.size), grain, 0.1).save(file, "JPEG", **options)
    return file.getvalue()


def _png_cases() -> Iterator[RowsCase]:
    for colour_type, samples in ((0, 1), (2, 3), (4, 2), (6, 4)):
        for bits in (8, 16):
            layout = fastpng.Layout(201, 103, bits, colour_type)
            pixels = _filtered(103, 201 * samples * bits // 8)
            yield RowsCase(zlib.compress(pixels), layout, 1)
            yield RowsCase(zlib.compress(pixels, 1), layout, 3)


def _filtered(height: int, row: int) -> bytes:
    """Return rows with every filter in turn, half of them flat."""
    random = Random(1)  # noqa: S311 - reproducible
    rows = (random.randbytes(row) if y % 2 else bytes(row) for y in range(height))
    return b"".join(bytes((y // 4 % 5,)) + content for y, content in enumerate(rows))


_SOURCES = {"decoder": sandbox.source, "png": png_sandbox.source}
_CASES: Mapping[str, Callable[[], Iterable[ResizeCase | RowsCase]]] = {
    "decoder": _jpeg_cases,
    "png": _png_cases,
}
_COMMANDS: Mapping[str, Callable[[Path], list[str]]] = {"make": make, "check": check}


def main(command: str, tools: str) -> int:
    """Run a command, print the faults and return the exit code; `make` always returns 0."""
    faults = _COMMANDS[command](Path(tools))
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201 - the output of a command
    return int(command == "check" and bool(faults))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
