"""Functions that a worker process can render with: each misbehaves, or reports, in one way.

A report is a result whose warnings are its lines.
"""

import ctypes
import gc
import hashlib
import logging
import mmap
import os
import signal
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from imagemill.imaging import Facts, Limits, Rendered
from imagemill.imaging.fastjpeg import machine_code, sandbox
from imagemill.imaging.gzipped import render_stored
from imagemill.imaging.worker.messages import Answer, encode_answer
from imagemill.imaging.worker.shared_memory import MEMORY_FILE, map_to_read
from imagemill.recipe import Recipe

FACTS = Facts("jpeg", 1, 2, 3)
_kept: list[bytearray] = []


def report(*lines: str) -> Rendered:
    """Return a result that holds some lines."""
    return Rendered(FACTS, (), lines, "", "")


def nothing(data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool) -> Rendered:
    """Report the sizes of what was received."""
    return report(str(len(data)), str(recipe), str(limits.max_side), str(sandboxed))


def digest(data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool) -> Rendered:
    """Report the hash of what was received."""
    del recipe, limits, sandboxed
    return report(hashlib.sha256(data).hexdigest())


def remains(data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool) -> Rendered:
    """Report what the memory for originals holds besides zeros."""
    del data, recipe, limits, sandboxed
    return report(map_to_read()[:].strip(b"\0").decode())


def die(data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool) -> Rendered:
    """Kill the worker by SIGKILL for b"poison"; else render nothing."""
    if data == b"poison":
        os.kill(os.getpid(), signal.SIGKILL)
    return nothing(data, recipe, limits, sandboxed=sandboxed)


def hang(data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool) -> Rendered:
    """Tell the process id to the file named by `data`, then sleep as long as no test takes."""
    Path(os.fsdecode(data)).read_text()
    time.sleep(600)
    return nothing(data, recipe, limits, sandboxed=sandboxed)


def wait_for_file(
    data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool
) -> Rendered:
    """Wait until the file named by `data` exists."""
    while not Path(os.fsdecode(data)).exists():
        time.sleep(0.01)
    return nothing(data, recipe, limits, sandboxed=sandboxed)


def divide_by_zero(
    data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool
) -> Rendered:
    """Raise an error that is no rejection."""
    raise ZeroDivisionError(len(data), recipe, limits, sandboxed)


def grow(data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool) -> Rendered:
    """Keep as many bytes as `data` says for good."""
    _kept.append(bytearray(os.urandom(1)) * int(data))
    return nothing(data, recipe, limits, sandboxed=sandboxed)


def babble(data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool) -> Rendered:
    """Send `data` instead of an answer."""
    os.write(0, data)
    return nothing(data, recipe, limits, sandboxed=sandboxed)


def chatter(data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool) -> Rendered:
    """Send an answer and `data` in one piece, then sleep as long as no test takes."""
    rendered = nothing(data, recipe, limits, sandboxed=sandboxed)
    os.write(0, b"".join([*encode_answer(Answer(rendered)), data]))
    time.sleep(600)
    return rendered


def loaded(data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool) -> Rendered:
    """Render, and report the modules that this has loaded."""
    before = set(sys.modules)
    render_stored(data, recipe, limits, sandboxed=sandboxed)
    return report(*sorted(set(sys.modules) - before))


def all_modules(
    data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool
) -> Rendered:
    """Render, and report all modules of the process."""
    render_stored(data, recipe, limits, sandboxed=sandboxed)
    return report(*sorted(sys.modules))


def compile_decoder(
    data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **named: bool
) -> Rendered:
    """Load the JPEG decoder as often as `data` says, as in a process without its machine code."""
    vars(machine_code)["read"] = lambda *_: None
    for _ in range(int(data)):
        sandbox.forget()
        sandbox.prepare()
    return nothing(data, recipe, limits, sandboxed=sandboxed, **named)


def warn(
    data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **named: bool
) -> Rendered:
    """Warn and log, as a library does that finds something wrong with an image."""
    warnings.warn("wrong", stacklevel=1)
    logging.getLogger("library").warning("wrong")
    return nothing(data, recipe, limits, sandboxed=sandboxed, **named)


def collector(
    data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool
) -> Rendered:
    """Report whether the garbage collector is on."""
    del data, recipe, limits, sandboxed
    return report(str(gc.isenabled()))


def environment(
    data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool
) -> Rendered:
    """Report the names of the environment variables, and the open files."""
    del data, recipe, limits, sandboxed
    return report(*sorted(os.environ), *sorted(map(str, Path("/proc/self/fd").iterdir())))


def trespass(
    data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool
) -> Rendered:
    """Report the errors of doing what a renderer has no need of; `data` names a file."""
    del recipe, limits, sandboxed
    path = Path(os.fsdecode(data))
    attempts: dict[str, Callable[[], object]] = {
        "socket": socket.socket,
        "program": lambda: subprocess.run([sys.executable, "-c", ""], check=False),
        "fork": os.fork,
        "signal": lambda: os.kill(os.getppid(), 0),
        "new file": path.with_suffix(".new").touch,
        "append": lambda: path.open("ab"),
        "unlink": path.unlink,
        "rename": lambda: path.rename(path.with_suffix(".moved")),
        "folder": path.with_suffix(".folder").mkdir,
        "permissions": lambda: path.chmod(0o777),
        "read": path.read_bytes,
    }
    return report(*(f"{name}: {_outcome(attempt)}" for name, attempt in attempts.items()))


def tamper(data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool) -> Rendered:
    """Report the errors of changing the memory in which this process receives originals."""
    del data, recipe, limits, sandboxed
    maps = Path("/proc/self/maps").read_text().splitlines()
    [start] = [int(line.split("-")[0], 16) for line in maps if "memfd:original" in line]
    attempts: dict[str, Callable[[], object]] = {
        "write": lambda: os.pwrite(MEMORY_FILE, b"0", 0),
        "shrink": lambda: os.truncate(MEMORY_FILE, 0),
        "grow": lambda: os.truncate(MEMORY_FILE, 1 << 30),
        "map": lambda: mmap.mmap(MEMORY_FILE, mmap.PAGESIZE),
        "unprotect": lambda: _make_writable(start),
    }
    return report(*(f"{name}: {_outcome(attempt)}" for name, attempt in attempts.items()))


def _make_writable(start: int) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    prot = mmap.PROT_READ | mmap.PROT_WRITE
    if library.mprotect(ctypes.c_void_p(start), mmap.PAGESIZE, prot):
        raise OSError(ctypes.get_errno(), "mprotect")


def spy(data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool) -> Rendered:
    """Report what comes of reading the memory and the environment of the parent."""
    del data, recipe, limits, sandboxed
    parent = Path(f"/proc/{os.getppid()}")
    return report(*(_outcome((parent / name).read_bytes) for name in ("environ", "mem", "maps")))


def remember(
    data: bytes, recipe: Recipe, limits: Limits, *, sandboxed: bool, **_: bool
) -> Rendered:
    """Report whether the reverse of `data` is anywhere in the memory that this process can write.

    The search is for `data` in the reversed memory, so that it does not find itself.
    """
    del recipe, limits, sandboxed
    regions = [
        [int(end, 16) for end in line.split()[0].split("-")]
        for line in Path("/proc/self/maps").read_text().splitlines()
        if line.split()[1].startswith("rw") and "[v" not in line
    ]
    found = any(data in ctypes.string_at(start, end - start)[::-1] for start, end in regions)
    return report(str(found))


def _outcome(attempt: Callable[[], object]) -> str:
    try:
        attempt()
    except OSError as fault:
        return type(fault).__name__
    return "done"
