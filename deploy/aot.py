# ruff: noqa: INP001 - scripts, not a package
"""The JPEG decoder's machine code for Lambda's processors, compiled ahead of time on any host.

aot.py make TOOLS     compiles decoder.wasm for each processor, into this folder
aot.py check TOOLS    says what is kept here and is not that, or draws otherwise than this machine

TOOLS holds aot.c's program for each processor, linked with wasmtime's library for it. wasmtime's
wheels hold a compiler for their own processor alone: another one is emulated, by QEMU.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from random import Random
from shutil import which

from PIL import Image

from imagemill.imaging.fastjpeg import machine_code, sandbox, wasmtime

_HERE = Path(__file__).parent
_X86_64_V3 = ("sse3", "ssse3", "sse41", "sse42", "popcnt", "avx", "avx2", "fma", "bmi1", "bmi2")
_PLENTY = 1 << 40
"""Instructions."""


class Missing(Exception):
    """No program for a processor runs here; says what that takes."""


@dataclass(frozen=True)
class Processor:
    """A kind of processor on AWS.

    `features` is what all of them have beyond the first of the kind, and code may use; `emulated`
    the emulator's options for one as old as AWS has; `package` Debian's, of libraries for it.
    """

    features: tuple[str, ...]
    emulated: tuple[str, ...]
    package: str


@dataclass(frozen=True)
class Drawing:
    """An image, the sizes of the planes that it is decoded to, and the part and size drawn."""

    image: bytes
    planes: tuple[int, int, int, int]
    part: tuple[int, int, int, int]
    size: tuple[int, int]
    channels: int = 4

    @property
    def bytes_(self) -> int:
        """What the pixels take."""
        return self.size[0] * self.size[1] * self.channels


_PROCESSORS: Mapping[str, Processor] = {
    "aarch64": Processor((), ("-cpu", "neoverse-n1"), "libgcc-s1-arm64-cross"),
    "x86_64": Processor((*_X86_64_V3, "lzcnt"), (), "libgcc-s1-amd64-cross"),
}


def make(tools: Path, folder: Path = _HERE) -> list[str]:
    """Compile for each processor that can be run here; returns why others are left as they were."""
    faults = []
    for name in _PROCESSORS:
        kept = folder / kept_as(name)
        try:
            kept.write_bytes(_sealed(tools, name))
        except Missing as missing:
            faults.append(f"{kept.name} is left as it was: {missing}")
    return faults


def check(tools: Path, folder: Path = _HERE) -> list[str]:
    """Return what differs by a bit from what decoder.wasm and wasmtime give, or cannot be told."""
    return [fault for name in _PROCESSORS for fault in _faults(tools, folder / kept_as(name), name)]


def kept_as(name: str) -> str:
    """Return the name of the file for a processor."""
    return machine_code.place(kind=f"linux-{name}").name


def _faults(tools: Path, kept: Path, name: str) -> Iterator[str]:
    try:
        if kept.read_bytes() != _sealed(tools, name):
            yield f"{kept.name} is not what decoder.wasm and wasmtime give: make wasm"
            return
        for at, drawing in enumerate(_drawings()):
            if _drawn(tools, name, kept, drawing) != _drawn_here(drawing):
                yield f"{kept.name} draws image {at} otherwise than this machine"
    except Missing as missing:
        yield f"{kept.name} cannot be checked: {missing}"


def _sealed(tools: Path, name: str) -> bytes:
    source = sandbox.source()
    features = [f"has_{feature}" for feature in _PROCESSORS[name].features]
    words = ["compile", f"{name}-unknown-linux-gnu", *features]
    return machine_code.sealed(source, _run(tools, name, words, source))


def _drawn(tools: Path, name: str, kept: Path, drawing: Drawing) -> bytes:
    numbers = (drawing.bytes_, *drawing.planes, *drawing.part, *drawing.size)
    words = ["draw", str(kept), *map(str, numbers)]
    return _run(tools, name, words, drawing.image)


def _drawn_here(drawing: Drawing) -> bytes:
    box = sandbox.take(_PLENTY)
    box.decode(drawing.image, *drawing.planes)
    return box.draw((*drawing.part, *drawing.size), drawing.bytes_)


def _run(tools: Path, name: str, words: list[str], data: bytes) -> bytes:
    command = [*_emulator(name), str(tools / name / "aot"), *words]
    done = subprocess.run(command, input=data, stdout=subprocess.PIPE, check=True)  # noqa: S603
    return done.stdout


def _emulator(name: str) -> list[str]:
    """Return what runs a processor's programs here, nothing for this one; raises Missing."""
    if sys.platform != "linux":
        raise Missing("it takes Linux")
    if name == wasmtime.machine():
        return []
    emulator = which(f"qemu-{name}") or which(f"qemu-{name}-static")
    libraries = Path(f"/usr/{name}-linux-gnu")
    if emulator is None or not (libraries / "lib/libgcc_s.so.1").exists():
        packages = f"qemu-user {_PROCESSORS[name].package}"
        raise Missing(f"it takes qemu-{name}; in Debian: apt install {packages}")
    return [emulator, *_PROCESSORS[name].emulated, "-L", str(libraries)]


def _drawings() -> Iterator[Drawing]:
    whole = (0, 0, 801, 603)
    yield Drawing(_image("RGB"), (150, 113, 150, 113), whole, (100, 75))
    yield Drawing(_image("RGB"), (390, 290, 195, 145), (100, 50, 777, 600), (390, 290))
    yield Drawing(_image("RGB", subsampling=0), (50, 38, 50, 38), whole, (50, 38))
    yield Drawing(_image("RGB", subsampling=1, quality=97), (200, 150, 200, 150), whole, (199, 9))
    yield Drawing(_image("RGB", progressive=True), (150, 113, 150, 113), whole, (200, 150))
    yield Drawing(_image("L"), (300, 226, 1, 1), whole, (301, 227), 1)
    yield Drawing(_image("L", progressive=True), (90, 70, 1, 1), whole, (99, 75), 1)


def _image(mode: str, **options: object) -> bytes:
    """Patches and grain, as JPEG."""
    chance, channels = Random(1), len(mode)  # noqa: S311 - the same every time
    patches = Image.frombytes(mode, (31, 23), chance.randbytes(31 * 23 * channels))
    grain = Image.frombytes(mode, (801, 603), chance.randbytes(801 * 603 * channels))
    file = BytesIO()
    Image.blend(patches.resize(grain.size), grain, 0.1).save(file, "JPEG", **options)
    return file.getvalue()


_COMMANDS: Mapping[str, Callable[[Path], list[str]]] = {"make": make, "check": check}


def main(command: str, tools: str) -> int:
    """Do what the command line asks and print the faults; what cannot be made is no failure."""
    faults = _COMMANDS[command](Path(tools))
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201 - a command's answer
    return int(command == "check" and bool(faults))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
