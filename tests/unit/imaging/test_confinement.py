"""What a worker process cannot do, and the filter on system calls that keeps it from it."""

import os
import secrets
import struct
import subprocess
import sys
from contextlib import closing
from errno import ENOSYS, EPERM
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from imagemill.imaging import DEFAULT_LIMITS
from imagemill.imaging.worker.seccomp import program
from imagemill.imaging.worker_process import WorkerPool
from imagemill.recipe import DEFAULT_RECIPE

if TYPE_CHECKING:
    from collections.abc import Callable

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="seccomp and /proc are Linux's")
TESTS = Path(__file__).parents[2]
ALLOWED = 0x7FFF0000
REFUSED, UNSUPPORTED = 0x00050000 | EPERM, 0x00050000 | ENOSYS
X86, ARM = 0xC000003E, 0xC00000B7
THREAD, PROCESS = 0x3D0F00, 0x1200011
WRITE, CREATE, READ = os.O_WRONLY, os.O_RDWR | os.O_CREAT, os.O_RDONLY | os.O_CLOEXEC
# Machine, architecture, number of the call, its arguments, and the decision. 42 is the own process.
CALLS = {
    "x86 read": ("x86_64", X86, 0, (), ALLOWED),
    "x86 write": ("x86_64", X86, 1, (), ALLOWED),
    "x86 mmap": ("x86_64", X86, 9, (), ALLOWED),
    "x86 socket": ("x86_64", X86, 41, (), REFUSED),
    "x86 execve": ("x86_64", X86, 59, (), REFUSED),
    "x86 fork": ("x86_64", X86, 57, (), REFUSED),
    "x86 lchown": ("x86_64", X86, 94, (), REFUSED),
    "x86 keyctl": ("x86_64", X86, 250, (), REFUSED),
    "x86 open for reading": ("x86_64", X86, 2, (0, READ), ALLOWED),
    "x86 open for writing": ("x86_64", X86, 2, (0, WRITE), REFUSED),
    "x86 openat for reading": ("x86_64", X86, 257, (0, 0, READ), ALLOWED),
    "x86 openat for creating": ("x86_64", X86, 257, (0, 0, CREATE), REFUSED),
    "x86 clone of a thread": ("x86_64", X86, 56, (THREAD,), ALLOWED),
    "x86 clone of a process": ("x86_64", X86, 56, (PROCESS,), REFUSED),
    "x86 clone3": ("x86_64", X86, 435, (), UNSUPPORTED),
    "x86 kill itself": ("x86_64", X86, 62, (42,), ALLOWED),
    "x86 kill another": ("x86_64", X86, 62, (1,), REFUSED),
    "x86 tgkill another": ("x86_64", X86, 234, (1,), REFUSED),
    "x32 socket": ("x86_64", X86, 0x40000000 + 41, (), REFUSED),
    "i386 read": ("x86_64", 0x40000003, 3, (), REFUSED),
    "arm read": ("aarch64", ARM, 63, (), ALLOWED),
    "arm write": ("aarch64", ARM, 64, (), ALLOWED),
    "arm fstat": ("aarch64", ARM, 80, (), ALLOWED),
    "arm socket": ("aarch64", ARM, 198, (), REFUSED),
    "arm execve": ("aarch64", ARM, 221, (), REFUSED),
    "arm ptrace": ("aarch64", ARM, 117, (), REFUSED),
    "arm openat for reading": ("aarch64", ARM, 56, (0, 0, READ), ALLOWED),
    "arm openat for writing": ("aarch64", ARM, 56, (0, 0, WRITE), REFUSED),
    "arm clone of a thread": ("aarch64", ARM, 220, (THREAD,), ALLOWED),
    "arm clone of a process": ("aarch64", ARM, 220, (PROCESS,), REFUSED),
    "arm openat2": ("aarch64", ARM, 437, (), UNSUPPORTED),
    "arm kill itself": ("aarch64", ARM, 129, (42,), ALLOWED),
    "arm tgkill another": ("aarch64", ARM, 131, (1,), REFUSED),
}


@linux_only
def test_a_worker_reaches_no_network_no_process_and_changes_no_file(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")

    results = reported("trespass", os.fsencode(file))

    assert results.pop("read") == "done"
    assert set(results.values()) == {"PermissionError"}
    assert list(tmp_path.iterdir()) == [file]


@linux_only
def test_a_worker_gets_no_credentials_and_no_open_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    reading, writing = os.pipe()
    os.set_inheritable(writing, True)  # noqa: FBT003 - it takes no keywords

    found = set(lines("environment"))
    os.close(reading)
    os.close(writing)

    # The standard files, the shared memory and its mapping, and the listed folder.
    files = {f"/proc/self/fd/{number}" for number in range(6)}
    assert {line for line in found if line.startswith("/")} == files
    assert found - files <= {"LANG", "LC_ALL", "LC_CTYPE", "TZ"}


@linux_only
def test_a_worker_cannot_change_the_memory_of_originals() -> None:
    results = reported("tamper", b"original")

    assert set(results) == {"write", "shrink", "grow", "map", "unprotect"}
    assert set(results.values()) == {"PermissionError"}


@linux_only
@pytest.mark.parametrize("secret", ["AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"])
def test_a_forked_worker_has_no_credentials_in_its_memory(secret: str) -> None:
    value = secrets.token_hex(20)
    program = (
        "import sys\n"
        "import imagemill.functions.resize\n"
        "from imagemill.imaging import DEFAULT_LIMITS\n"
        "from imagemill.imaging.worker_process import WorkerPool\n"
        "from imagemill.recipe import DEFAULT_RECIPE\n"
        "pool = WorkerPool('fakes.renderers:remember')\n"
        "pool.fork()\n"
        "backwards = sys.argv[1].encode()\n"
        "rendered = pool.render(backwards, DEFAULT_RECIPE, DEFAULT_LIMITS, 120, sandboxed=True)\n"
        "print(*rendered.warnings)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, value[::-1]],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS), secret: value},
    )

    assert done.stdout == "False\n"


@linux_only
def test_a_worker_cannot_read_the_memory_of_its_parent() -> None:
    program = (
        "import ctypes, os, sys\n"
        # Root may read any process by its capabilities, so give them up: PR_CAPBSET_DROP.
        "if os.getuid() == 0 and len(sys.argv) == 2:\n"
        "    for capability in range(41):\n"
        "        ctypes.CDLL(None).prctl(24, capability, 0, 0, 0)\n"
        "    os.execv(sys.executable, [sys.executable, '-c', sys.argv[1]])\n"
        "from imagemill.imaging import DEFAULT_LIMITS\n"
        "from imagemill.imaging.worker.hidden_memory import hide_memory\n"
        "from imagemill.imaging.worker_process import WorkerPool\n"
        "from imagemill.recipe import DEFAULT_RECIPE\n"
        "assert hide_memory()\n"
        "pool = WorkerPool('fakes.renderers:spy')\n"
        "rendered = pool.render(b'', DEFAULT_RECIPE, DEFAULT_LIMITS, 120, sandboxed=True)\n"
        "print(*rendered.warnings)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, program],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(TESTS), "SECRET": "in the environment"},
    )

    assert done.stdout == "PermissionError PermissionError PermissionError\n"


@pytest.mark.parametrize("call", CALLS)
def test_the_filter_decides_by_machine_call_and_argument(call: str) -> None:
    machine, architecture, number, arguments, decision = CALLS[call]

    found = run(program(machine, 42), architecture, number, arguments)

    assert found == decision


def lines(renderer: str, data: bytes = b"") -> tuple[str, ...]:
    with closing(WorkerPool(f"fakes.renderers:{renderer}")) as pool:
        return pool.render(data, DEFAULT_RECIPE, DEFAULT_LIMITS, 120, sandboxed=True).warnings


def reported(renderer: str, data: bytes) -> dict[str, str]:
    return dict(line.split(": ") for line in lines(renderer, data))


def run(code: bytes, architecture: int, number: int, arguments: tuple[int, ...]) -> int:
    """Run a filter as the kernel does, and return its decision."""
    padded = (*arguments, *(0,) * (6 - len(arguments)))
    data = struct.pack("<IIQ6Q", number, architecture, 0, *padded)
    instructions = list(struct.iter_unpack("=HBBI", code))
    conditions: dict[int, Callable[[int, int], bool]] = {
        0x15: lambda value, operand: value == operand,
        0x35: lambda value, operand: value >= operand,
        0x45: lambda value, operand: bool(value & operand),
    }
    at = value = 0
    while True:
        operation, if_true, if_false, operand = instructions[at]
        if operation == 0x06:
            return int(operand)
        if operation == 0x20:
            (value,) = struct.unpack_from("<I", data, operand)
        else:
            at += if_true if conditions[operation](value, operand) else if_false
        at += 1
