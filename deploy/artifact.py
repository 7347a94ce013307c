# ruff: noqa: INP001 - scripts, not a package
"""A function's folder on its way to Lambda: what it never uses taken out, what would fail found.

artifact.py finish DIR      takes out what Lambda never reads
artifact.py decoder DIR ARCHITECTURE    adds the JPEG decoder's machine code
artifact.py date DIR        makes the folder the same whenever it was made
artifact.py check DIR ARCHITECTURE PYTHON MIB    says what would fail there, or size and hash
"""

import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from imagemill.imaging.fastjpeg import machine_code

_MACHINES = {"arm64": 183, "x86_64": 62}
"""EM_AARCH64 and EM_X86_64 of the ELF header, by Lambda's names."""
_KINDS = {"arm64": "linux-aarch64", "x86_64": "linux-x86_64"}
"""As machine code calls the same."""
_NEWEST_GLIBC = (2, 34)
"""Of Amazon Linux 2023, which Lambda's Python 3.12 and later run on."""
_USELESS = ("**/__pycache__", "**/*.pyi", "**/*.pyx", "**/*.pxd", "**/tests", "bin", ".lock")
_USELESS_FACTS = {
    "INSTALLER",
    "RECORD",
    "REQUESTED",
    "direct_url.json",
    "top_level.txt",
    "zip-safe",
}
"""Of a wheel's dist-info; licences, the name, the version and what it says of itself stay."""
_DECODER = "imagemill/imaging/fastjpeg"
_SANDBOX = ("wasmtime/linux-*/_libwasmtime.so", f"{_DECODER}/decoder.wasm")
"""What the sandbox consists of: without one of them every JPEG would be decoded outside of it."""
_EPOCH_S = 315_619_200
"""1980-01-02 UTC: no zip can hold an earlier day, in whatever time zone it is made."""
_TAG = re.compile(r"\.cpython-(?P<python>\d+)-(?P<machine>\w+)-linux-gnu\.so$")
_GLIBC = re.compile(rb"GLIBC_(\d+)\.(\d+)")
_MIB = 1 << 20
_MODELS = "imagemill/aws/models.json"
"""What botocore is to know of the services."""


def finish(folder: Path) -> None:
    """Remove what Lambda never reads; raises ValueError if it cannot tell."""
    if (folder / "botocore").is_dir():
        _require_own_models(folder)
        shutil.rmtree(folder / "botocore" / "data")
    else:
        (folder / _MODELS).unlink()
    useless = [path for pattern in _USELESS for path in folder.glob(pattern)]
    useless += [p for p in folder.glob("*.dist-info/*") if p.name in _USELESS_FACTS]
    for path in useless:
        _remove(path)


def add_machine_code(folder: Path, architecture: str) -> Path:
    """Add what aot.py has compiled of the decoder, so that no cold start does; returns where."""
    path = machine_code.place(folder / _DECODER, _KINDS[architecture])
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(__file__).with_name(path.name), path)
    return path


def date(folder: Path) -> None:
    """Give every file one time and one mode, so that equal contents make equal archives."""
    for path in sorted(folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (_EPOCH_S, _EPOCH_S))


def faults(folder: Path, architecture: str, python: str, budget_mib: float) -> list[str]:
    """Return everything for which Lambda would refuse the folder, or we do; empty if it is well.

    `python` is a version such as 3.13, `architecture` one of Lambda's names.
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
    """Return what the files of a folder weigh, in MiB."""
    return sum(path.stat().st_size for path in _files(folder)) / _MIB


def digest(folder: Path) -> str:
    """Return the SHA-256 of the folder's files, their names, times and modes."""
    whole = hashlib.sha256()
    for path in _files(folder):
        facts = path.stat()
        name = path.relative_to(folder).as_posix()
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        whole.update(f"{name}\0{facts.st_mtime_ns}\0{facts.st_mode:o}\0{content}\n".encode())
    return whole.hexdigest()


def _require_own_models(folder: Path) -> None:
    """Botocore's data may go where it reads ours instead: `models.json` says for which version."""
    ours = json.loads((folder / _MODELS).read_text())["botocore"]
    if not (folder / f"botocore-{ours}.dist-info").is_dir():
        raise ValueError(f"models.json is of botocore {ours}, which is not locked: make lock")


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
    """Machine code that does not fit would be passed over, and made at every cold start."""
    missing = [f"{part} is missing" for part in _SANDBOX if not any(folder.glob(part))]
    if missing:
        return missing
    path = machine_code.place(folder / _DECODER, _KINDS[architecture])
    if not path.exists():
        return [f"{path.relative_to(folder)} is missing"]
    source = (folder / _DECODER / "decoder.wasm").read_bytes()
    code = machine_code.unsealed(source, path.read_bytes())
    if code is None:
        return [f"{path.name} is not of this decoder.wasm: make wasm"]
    return [f"{path.name}: {fault}" for fault in _elf_faults(code, architecture)]


def _elf_faults(data: bytes, architecture: str) -> Iterator[str]:
    machine = int.from_bytes(data[18:20], "little")
    if machine != _MACHINES[architecture]:
        yield f"is for machine {machine}, expected {_MACHINES[architecture]} ({architecture})"
    newest = max(((int(a), int(b)) for a, b in _GLIBC.findall(data)), default=(0, 0))
    if newest > _NEWEST_GLIBC:
        yield f"needs glibc {newest}, Lambda has {_NEWEST_GLIBC}"


def _finish(folder: str) -> str:
    finish(Path(folder))
    return ""


def _decoder(folder: str, architecture: str) -> str:
    path = Path(folder)
    if any(path.glob("wasmtime-*.dist-info")):
        add_machine_code(path, architecture)
    return ""


def _date(folder: str) -> str:
    date(Path(folder))
    return ""


def _check(folder: str, architecture: str, python: str, budget_mib: str) -> str:
    path = Path(folder)
    if found := faults(path, architecture, python, float(budget_mib)):
        raise ValueError("\n".join(found))
    size = f"{size_mib(path):.1f} of {budget_mib} MiB"
    return f"{path.name}  {architecture}  Python {python}  {size}  sha256 {digest(path)}"


_COMMANDS: Mapping[str, Callable[..., str]] = {
    "finish": _finish,
    "decoder": _decoder,
    "date": _date,
    "check": _check,
}


def main(command: str, *arguments: str) -> str:
    """Do what the command line asks and return what to print; raises ValueError with all faults."""
    return _COMMANDS[command](*arguments)


if __name__ == "__main__":
    try:
        print(main(*sys.argv[1:]))  # noqa: T201 - a command's answer
    except ValueError as fault:
        sys.exit(str(fault))
