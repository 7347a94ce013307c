"""The decoder's sandbox. Its limits are those of the JPEG decoder, whose loader it shares."""

import threading
from functools import cache
from pathlib import Path

from imagemill.imaging.fastjpeg import machine_code, wasmtime
from imagemill.imaging.fastjpeg.sandbox import Module, Refused, Sandbox

# Bytes: an instance of a wider image is not used again, because its memory never shrinks.
_KEPT_MEMORY = 4 << 20


class PngSandbox(Sandbox):
    """One instance of the decoder, for one thread at a time."""

    exports = (
        *("begin", "palette", "set_key", "room", "add", "read", "reduced", "reduced_bytes"),
        *("begin_filtering", "given_rows", "filter_rows", "filtered_rows"),
    )


class _Own(threading.local):
    sandbox: PngSandbox | None = None


_own = _Own()


def source() -> bytes:
    """Return the decoder's WebAssembly module."""
    return Path(__file__).with_name("png.wasm").read_bytes()


def place(kind: str = "") -> Path:
    """Return the path of the cached machine code for a platform, by default this machine's."""
    return machine_code.place(Path(__file__).parent, kind, "png")


def is_available() -> bool:
    """Return True if a usable wasmtime is installed; nothing is compiled yet."""
    return wasmtime.load() is not None


@cache
def prepare() -> Module | None:
    """Load or compile the decoder once per process; forks inherit it. None without wasmtime."""
    library = wasmtime.load()
    if library is None:
        return None
    try:
        return Module(library, source(), place())
    except Refused:
        return None


def forget() -> None:
    """Load the decoder anew when it is next used: in a fork whose inherited files are closed."""
    prepare.cache_clear()
    _own.sandbox = None


def take(fuel: int) -> PngSandbox:
    """Return a sandbox with `fuel` instructions for this thread alone; raises Refused.

    It is this thread's last one if `give_back` returned it, else a new one.
    """
    module = prepare()
    if module is None:
        raise Refused("unavailable")
    sandbox, _own.sandbox = _own.sandbox, None
    sandbox = sandbox or PngSandbox(module)
    sandbox.grant(fuel)
    return sandbox


def give_back(sandbox: PngSandbox) -> None:
    """Keep a sandbox for this thread's next image. Call it only if no call failed."""
    if sandbox.memory_bytes <= _KEPT_MEMORY:
        _own.sandbox = sandbox
