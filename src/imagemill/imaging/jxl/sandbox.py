"""The sandbox that runs libjxl: its limits, its machine code, and its exported calls.

It works as the sandbox of the JPEG decoder, whose classes it uses. Its module is much larger:
compiling it takes many seconds. So its machine code is kept beside wasmtime too, where every copy
of this package finds it that uses the same wasmtime.
"""

import threading
from importlib.util import find_spec
from pathlib import Path

from imagemill.imaging.fastjpeg import machine_code, wasmtime
from imagemill.imaging.fastjpeg.sandbox import Module, Refused, Sandbox
from imagemill.imaging.fastjpeg.wasmtime import is_available

_HERE, _NAME = Path(__file__).parent, "jxl"
# Folder beside the package wasmtime that holds the machine code.
_SHARED_FOLDER = "imagemill_machine_code"


class JxlSandbox(Sandbox):
    """One instance of libjxl, for one file."""

    most_functions = 10_000
    exports = (
        *("reserve", "result", "result_bytes"),
        *("open", "next", "frames", "fact", "pixels", "pixel_bytes", "black", "black_bytes"),
        *("begin", "room", "add", "unpack_box", "pack_jpeg", "unpack_jpeg"),
    )

    def __init__(self, module: Module, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        super().__init__(module)

    def put(self, data: bytes) -> None:
        """Copy a file into the sandbox; what was there before is gone. Raises Refused."""
        self.write(self.call("reserve", len(data)), data)

    def run(self, name: str, *numbers: int) -> None:
        """Call a function that returns a status; raises Refused for any but OK."""
        self.check_status(self.call(name, *numbers))

    def result(self) -> bytes:
        """Return what the last call made."""
        return self.read(self.call("result"), self.call("result_bytes"))


def source() -> bytes:
    """Return the WebAssembly module."""
    return (_HERE / f"{_NAME}.wasm").read_bytes()


def take(fuel: int, most_bytes: int) -> JxlSandbox:
    """Return a new sandbox with `fuel` instructions and at most so much memory.

    Raises Refused if libjxl cannot be run here: without wasmtime, and in a worker process without
    machine code.
    """
    module = _loaded.module()
    if module is None:
        raise Refused("unavailable")
    sandbox = JxlSandbox(module, most_bytes)
    sandbox.grant(fuel)
    return sandbox


def prepare() -> bool:
    """Load the module, compiled first if it must be; return False if that is not possible."""
    return _loaded.module() is not None


def is_prepared() -> bool:
    """Return whether machine code is kept, so that worker processes can use the module."""
    return _kept(source()) is not None


def forget() -> None:
    """Load the module anew at its next use: in a fork that has closed inherited files."""
    _loaded.forget()


def paths() -> tuple[Path, ...]:
    """Return the paths at which machine code is looked for."""
    own = machine_code.path_of(_HERE, name=_NAME)
    spec = find_spec("wasmtime")
    if spec is None or spec.origin is None:
        return (own,)
    return own, Path(spec.origin).parent.parent / _SHARED_FOLDER / own.name


def _kept(code: bytes) -> Path | None:
    """Return the first path with machine code of the module `code`; None without any."""
    return next((path for path in paths() if machine_code.read(code, path) is not None), None)


class _Loaded:
    """The module of this process, loaded at its first use."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._module: Module | None = None
        self._was_tried = False

    def module(self) -> Module | None:
        with self._lock:
            if not self._was_tried:
                self._module, self._was_tried = self._load(), True
        return self._module

    def forget(self) -> None:
        self._lock = threading.Lock()
        self._module, self._was_tried = None, False

    def _load(self) -> Module | None:
        library = wasmtime.load() if is_available() else None
        if library is None:
            return None
        code = source()
        kept = _kept(code)
        if kept is None and not machine_code.may_keep():
            return None
        try:
            return Module(library, code, kept or paths()[-1])
        except Refused:
            return None


_loaded = _Loaded()
