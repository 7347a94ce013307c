"""Prepare the folder of a function for Lambda, and check it before it is uploaded."""

import hashlib
import lzma
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from imagemill.imaging.fastjpeg import machine_code

# The field e_machine of the ELF header (EM_AARCH64, EM_X86_64), by the architecture of Lambda.
_MACHINES = {"arm64": 183, "x86_64": 62}
# The platform name in the file names of the machine code, by the architecture of Lambda.
_KINDS = {"arm64": "linux-aarch64", "x86_64": "linux-x86_64"}
# The glibc of Amazon Linux 2023, which runs Python 3.12 and later on Lambda.
_NEWEST_GLIBC = (2, 34)
_UNUSED = ("**/__pycache__", "**/*.pyi", "**/*.pyx", "**/*.pxd", "**/tests", "bin", ".lock")
# Packages of the commands and the laptop, which no function imports; an import contract says so.
LEFT_OUT = (
    "backfill",
    "building",
    "cli",
    "client",
    "contrib",
    "costs",
    "local",
    "operations",
    "rest",
    "testing",
)
# The parts of pillow-avif-plugin beside its shared library, which is used without them.
_AVIF_PLUGIN = ("pillow_avif/_avif.*", "pillow_avif/AvifImagePlugin.py")
# Generates openapi.json, which the API returns as a file.
_GENERATOR = ("imagemill/functions/api/openapi", "imagemill/functions/api/__main__.py")
# Sources and texts in imagemill that nothing reads at run time.
_TEXTS = (
    "imagemill/**/*.c",
    "imagemill/**/*.cc",
    "imagemill/**/*.h",
    "imagemill/**/*.md",
    "imagemill/py.typed",
)
# Files of a wheel's dist-info. Its licences, METADATA and SBOMs stay.
_UNUSED_METADATA = {
    "INSTALLER",
    "RECORD",
    "REQUESTED",
    "direct_url.json",
    "top_level.txt",
    "zip-safe",
}
# The decoders: folder and name of each WebAssembly module.
_DECODERS = (("imagemill/imaging/fastjpeg", "decoder"), ("imagemill/imaging/fastpng", "png"))
# The module of JPEG XL, whose machine code is compressed in the repository.
_JPEG_XL = ("imagemill/imaging/jxl", "jxl")
# The files of the sandbox. If one is missing, the function decodes every image without it.
_SANDBOX = (
    "wasmtime/linux-*/_libwasmtime.so",
    *(f"{folder}/{name}.wasm" for folder, name in _DECODERS),
)
# 1980-01-02 UTC, in seconds. A zip archive holds no date before 1980-01-01, in local time.
_EPOCH_S = 315_619_200
_TAG = re.compile(r"\.cpython-(?P<python>\d+)-(?P<machine>\w+)-linux-gnu\.so$")
_GLIBC = re.compile(rb"GLIBC_(\d+)\.(\d+)")
_MIB = 1 << 20


def prune(folder: Path) -> None:
    """Remove unused files."""
    patterns = (
        *_UNUSED,
        *_TEXTS,
        *_AVIF_PLUGIN,
        *_GENERATOR,
        *(f"imagemill/{package}" for package in LEFT_OUT),
    )
    unused = [path for pattern in patterns for path in folder.glob(pattern)]
    unused += [p for p in folder.glob("*.dist-info/*") if p.name in _UNUSED_METADATA]
    if not (folder / "wasmtime").is_dir():
        # They are larger than all other code of the API, which decodes nothing.
        unused += [_module(folder, *decoder) for decoder in (*_DECODERS, _JPEG_XL)]
    for path in unused:
        _remove(path)


def has_sandbox(folder: Path) -> bool:
    """Return whether the packages of the folder include the sandbox of the decoders."""
    return any(folder.glob("wasmtime-*.dist-info"))


def add_machine_code(folder: Path, source: Path, architecture: str) -> list[Path]:
    """Copy the decoders' machine code from `source`; return its paths in the folder."""
    paths = [
        machine_code.path_of(folder / package, _KINDS[architecture], name)
        for package, name in _DECODERS
    ]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source / path.name, path)
    if _module(folder, *_JPEG_XL).exists():
        paths.append(_unpack_jpeg_xl(folder, source, architecture))
    return paths


def _unpack_jpeg_xl(folder: Path, source: Path, architecture: str) -> Path:
    package, name = _JPEG_XL
    path = machine_code.path_of(folder / package, _KINDS[architecture], name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(lzma.decompress((source / f"{path.name}.xz").read_bytes()))
    return path


def _module(folder: Path, package: str, name: str) -> Path:
    return folder / package / f"{name}.wasm"


def normalize(folder: Path) -> None:
    """Set one time and one mode on all files, so that equal contents make equal archives."""
    for path in sorted(folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (_EPOCH_S, _EPOCH_S))


def faults(folder: Path, architecture: str, python: str, budget_mib: float) -> list[str]:
    """Return why the folder would fail on Lambda, or that it is too large; empty if it is valid.

    `python` is a version such as 3.13; `architecture` is `arm64` or `x86_64`.
    """
    found = [
        f"{path.relative_to(folder)}: {fault}"
        for path in _files(folder)
        for fault in _faults_of(path, architecture, python)
    ]
    if (folder / "wasmtime").is_dir():
        found += _sandbox_faults(folder, architecture)
    size = size_mib(folder)
    if size > budget_mib:
        found.append(f"{size:.1f} MiB unzipped, {budget_mib:g} MiB allowed")
    return found


def size_mib(folder: Path) -> float:
    """Return the size of all files of the folder, in MiB."""
    return sum(path.stat().st_size for path in _files(folder)) / _MIB


def digest(folder: Path) -> str:
    """Return one SHA-256 over the names, times, modes and contents of all files."""
    whole = hashlib.sha256()
    for path in _files(folder):
        facts = path.stat()
        name = path.relative_to(folder).as_posix()
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{name}\0{facts.st_mtime_ns}\0{facts.st_mode:o}\0{content}\n".encode())
    return whole.hexdigest()


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.is_file())


def _faults_of(path: Path, architecture: str, python: str) -> Iterator[str]:
    with path.open("rb") as file:
        header = file.read(20)
    if header.startswith(b"\x7fELF"):
        yield from _elf_faults(path.read_bytes(), architecture)
    if tag := _TAG.search(path.name):
        wanted = python.replace(".", "")
        if tag["python"] != wanted:
            yield f"is for Python {tag['python']}, expected {wanted}"
    if path.suffix in {".pyd", ".dll", ".dylib"}:
        yield "is not for Linux"


def _sandbox_faults(folder: Path, architecture: str) -> list[str]:
    """Return faults of the sandbox; without machine code every cold start would compile."""
    missing = [f"{part} is missing" for part in _SANDBOX if not any(folder.glob(part))]
    if missing:
        return missing
    return [
        fault
        for package, name in (*_DECODERS, _JPEG_XL)
        if _module(folder, package, name).exists()
        for fault in _machine_code_faults(folder, folder / package, name, architecture)
    ]


def _machine_code_faults(folder: Path, package: Path, name: str, architecture: str) -> list[str]:
    path = machine_code.path_of(package, _KINDS[architecture], name)
    if not path.exists():
        return [f"{path.relative_to(folder)} is missing"]
    code = machine_code.unsealed((package / f"{name}.wasm").read_bytes(), path.read_bytes())
    if code is None:
        return [f"{path.name} was not compiled from this {name}.wasm: run make wasm"]
    return [f"{path.name}: {fault}" for fault in _elf_faults(code, architecture)]


def _elf_faults(data: bytes, architecture: str) -> Iterator[str]:
    machine = int.from_bytes(data[18:20], "little")
    if machine != _MACHINES[architecture]:
        yield f"is for machine {machine}, expected {_MACHINES[architecture]} ({architecture})"
    newest = max(((int(a), int(b)) for a, b in _GLIBC.findall(data)), default=(0, 0))
    if newest > _NEWEST_GLIBC:
        yield f"needs glibc {newest}, Lambda has {_NEWEST_GLIBC}"
