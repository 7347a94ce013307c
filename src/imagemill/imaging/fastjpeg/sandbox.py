"""The decoder's sandbox: bytes go in, pixels come out, and nothing else.

The WebAssembly module imports no functions, so it cannot call anything outside. Its memory is
limited. Its work is limited too, as a number of instructions ("fuel"): the same bytes end in the
same way on every machine, and no watchdog thread is needed.

The compiled module is shared by all threads and forks. An instance, with the memory that images are
decoded in, belongs to one thread, and is discarded after an error.
"""

import ctypes
import threading
from pathlib import Path
from typing import Generic, Literal, TypeVar

from . import machine_code, wasmtime

Reason = Literal["corrupt", "unsupported", "no_memory", "damaged", "trapped", "unavailable"]

# By the decoder's status: enum Status in jpeg.h.
_REASONS: dict[int, Reason] = {1: "corrupt", 2: "unsupported", 4: "no_memory", 5: "damaged"}
# Bytes that one instance may use; more ends in "no_memory".
_MEMORY = 256 << 20
# Bytes: a larger instance is not used again, because its memory never shrinks.
_KEPT_MEMORY = 64 << 20
_EXPORTS = (
    *("reserve", "decode", "check", "draw", "width", "height", "components", "kept"),
    *("reserve_planes", "reserve_band", "add_band", "correct_band", "encode", "encoded_bytes"),
    *("draw_planes", "narrow_planes", "begin_narrow", "made_narrow", "resizes_rgb"),
    *("begin_pixels", "room_for_rows", "resize_rows", "made_pixels"),
    *("room_for_scored", "take_reference", "compare_pixels", "add_planes", "show"),
)
# WASMTIME_EXTERN_FUNC and WASMTIME_EXTERN_MEMORY: wasmtime/extern.h.
_FUNCTION, _MEMORY_KIND = 0, 3
_LOW_HALF = 0xFFFFFFFF


class Refused(Exception):
    """The sandbox did not decode the file; `reason` says why. Another decoder may succeed."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Module:
    """A compiled WebAssembly module, for any number of instances in any thread or fork.

    `path` is the file that keeps its machine code from one process to the next.
    """

    def __init__(self, library: ctypes.CDLL, code: bytes, path: Path) -> None:
        self.library = library
        self.engine = wasmtime.new_engine(library)
        self.pointer = wasmtime.Pointer()
        self.is_revived = self._revive(machine_code.read(code, path))
        if not self.is_revived:
            module = ctypes.byref(self.pointer)
            self.check(library.wasmtime_module_new(self.engine, code, len(code), module))
            machine_code.write(code, self._serialized(), path)

    def _revive(self, code: bytes | None) -> bool:
        """Load kept machine code; return False if it is for another wasmtime or processor."""
        if code is None:
            return False
        module = ctypes.byref(self.pointer)
        error = self.library.wasmtime_module_deserialize(self.engine, code, len(code), module)
        if error:
            self.library.wasmtime_error_delete(error)
        return not error

    def _serialized(self) -> bytes:
        code = wasmtime.Bytes()
        self.check(self.library.wasmtime_module_serialize(self.pointer, ctypes.byref(code)))
        try:
            return ctypes.string_at(code.data, code.size)
        finally:
            self.library.wasm_byte_vec_delete(ctypes.byref(code))

    def check(self, error: int | None, trap: wasmtime.Pointer | None = None) -> None:
        """Raise Refused for an error or a trap."""
        if error:
            self.library.wasmtime_error_delete(error)
        if trap:
            self.library.wasm_trap_delete(trap)
        if error or trap:
            raise Refused("trapped")


class Sandbox:
    """One instance of the decoder, for one thread at a time."""

    exports: tuple[str, ...] = _EXPORTS
    most_bytes: int = _MEMORY
    most_functions: int = 1
    """Length of the table of functions that are called by pointers."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._library = module.library
        self._store = self._library.wasmtime_store_new(module.engine, None, None)
        self._library.wasmtime_store_limiter(
            self._store, self.most_bytes, self.most_functions, 1, 1, 1
        )
        self._context = self._library.wasmtime_store_context(self._store)
        self._instance = wasmtime.Instance()
        self._instantiate()
        self._memory = self._export("memory", _MEMORY_KIND)
        self._functions = {name: self._export(name, _FUNCTION) for name in self.exports}

    def __del__(self) -> None:
        self._library.wasmtime_store_delete(self._store)

    def grant(self, fuel: int) -> None:
        """Allow the following calls `fuel` instructions in total; more ends in a trap."""
        self._module.check(self._library.wasmtime_context_set_fuel(self._context, fuel))

    def left(self) -> int:
        """Return how many of the granted instructions are left."""
        fuel = ctypes.c_uint64()
        left = self._library.wasmtime_context_get_fuel(self._context, ctypes.byref(fuel))
        self._module.check(left)
        return fuel.value

    def call(self, name: str, *numbers: int) -> int:
        """Call an exported function and return its result; raises Refused if it traps."""
        arguments = (wasmtime.Value * len(numbers))()
        for argument, number in zip(arguments, numbers, strict=True):
            argument.of[0] = number
        result, trap = wasmtime.Value(), wasmtime.Pointer()
        error = self._library.wasmtime_func_call(
            self._context,
            self._functions[name].of,
            arguments,
            len(numbers),
            ctypes.byref(result),
            1,
            ctypes.byref(trap),
        )
        self._module.check(error, trap)
        return int(result.of[0]) & _LOW_HALF

    def decode(
        self, data: bytes, *sizes: int, part: tuple[int, int, int, int] = (0, 0, 0, 0)
    ) -> None:
        """Decode a part of a file, by default all, to planes of at least these sizes.

        `sizes` are the widths and heights of luma and chroma of the whole image, px. The part is
        left, top, right and bottom, px. Raises Refused.
        """
        self._read("decode", data, *sizes, *part)

    def check(self, data: bytes) -> None:
        """Read all scans of a file; raises Refused, with the reason `damaged` for bad data."""
        self._read("check", data)

    def _read(self, name: str, data: bytes, *sizes: int) -> None:
        at = self.call("reserve", len(data))
        self.write(at, data)
        self.check_status(self.call(name, at, len(data), *sizes))

    def check_status(self, status: int) -> None:
        """Raise Refused for a status other than OK: enum Status in jpeg.h."""
        if status:
            raise Refused(_REASONS.get(status, "trapped"))

    def draw(self, numbers: tuple[int, ...], size: int) -> bytes:
        """Resize a part of the decoded image; return `size` bytes of pixels, or raise Refused.

        `numbers` are the box (left, top, right, bottom) and the width and height, px.
        """
        return self.read(self.call("draw", *numbers), size)

    def write(self, at: int, data: bytes | memoryview) -> None:
        """Copy bytes to the address `at`; raises Refused if they do not fit there."""
        there = (ctypes.c_ubyte * len(data)).from_address(self._address(at, len(data)))
        memoryview(there).cast("B")[:] = data

    def read(self, at: int, size: int) -> bytes:
        """Return `size` bytes from the address `at`; raises Refused if they are not all there."""
        return ctypes.string_at(self._address(at, size), size)

    def view(self, at: int, size: int) -> memoryview:
        """Return `size` bytes at `at`, not a copy: valid until the instance's memory grows."""
        array = ctypes.c_ubyte * size
        return memoryview(array.from_address(self._address(at, size))).cast("B")

    @property
    def memory_bytes(self) -> int:
        """Size of the instance's linear memory, bytes."""
        return int(self._library.wasmtime_memory_data_size(self._context, self._memory.of))

    def _address(self, at: int, size: int) -> int:
        """Return the host address of `size` bytes at `at`, after checking that they lie inside."""
        if not at or at + size > self.memory_bytes:
            raise Refused("no_memory")
        return int(self._library.wasmtime_memory_data(self._context, self._memory.of)) + at

    def _instantiate(self) -> None:
        trap = wasmtime.Pointer()
        made = ctypes.byref(self._instance)
        # Instantiation copies the data segments only; a million instructions are plenty.
        self.grant(1 << 20)
        error = self._library.wasmtime_instance_new(
            self._context, self._module.pointer, None, 0, made, ctypes.byref(trap)
        )
        self._module.check(error, trap)

    def _export(self, name: str, kind: int) -> wasmtime.Extern:
        found, text = wasmtime.Extern(), name.encode()
        is_there = self._library.wasmtime_instance_export_get(
            self._context, ctypes.byref(self._instance), text, len(text), ctypes.byref(found)
        )
        if not is_there or found.kind != kind:
            raise Refused("unavailable")
        return found


# Modules that this process has compiled, because there was no machine code to load.
_compiled: list[str] = []


def compilations() -> int:
    """Return how many modules this process has compiled; 0 where machine code is at hand."""
    return len(_compiled)


S = TypeVar("S", bound=Sandbox)


class _Own(threading.local):
    sandbox: Sandbox | None = None


class SandboxPool(Generic[S]):
    """A module, compiled once per process, and a sandbox of it for each thread.

    `folder` holds `name`.wasm. An instance with more than `kept_bytes` of memory is not used again,
    because its memory never shrinks.
    """

    def __init__(self, kind: type[S], folder: Path, name: str, kept_bytes: int) -> None:
        self._kind = kind
        self._folder = folder
        self._name = name
        self._kept_bytes = kept_bytes
        self._own = _Own()
        self._module: Module | None = None
        self._is_prepared = False

    def source(self) -> bytes:
        """Return the WebAssembly module."""
        return (self._folder / f"{self._name}.wasm").read_bytes()

    def prepare(self) -> Module | None:
        """Load or compile the module once per process; forks inherit it. None without wasmtime."""
        if not self._is_prepared:
            self._module, self._is_prepared = self._load(), True
        return self._module

    def forget(self) -> None:
        """Load the module anew at its next use: in a fork that has closed inherited files."""
        self._module, self._is_prepared = None, False
        self._own.sandbox = None

    def take(self, fuel: int) -> S:
        """Return a sandbox with `fuel` instructions for this thread alone; raises Refused.

        It is this thread's last one if `give_back` returned it, else a new one.
        """
        module = self.prepare()
        if module is None:
            raise Refused("unavailable")
        kept, self._own.sandbox = self._own.sandbox, None
        sandbox = kept if isinstance(kept, self._kind) else self._kind(module)
        sandbox.grant(fuel)
        return sandbox

    def give_back(self, sandbox: S) -> None:
        """Keep a sandbox for this thread's next image. Call it only if no call failed."""
        if sandbox.memory_bytes <= self._kept_bytes:
            self._own.sandbox = sandbox

    def _load(self) -> Module | None:
        library = wasmtime.load()
        if library is None:
            return None
        path = machine_code.path_of(self._folder, name=self._name)
        try:
            module = Module(library, self.source(), path)
        except Refused:
            return None
        if not module.is_revived:
            _compiled.append(self._name)
        return module


_POOL = SandboxPool(Sandbox, Path(__file__).parent, "decoder", _KEPT_MEMORY)
source, prepare, forget = _POOL.source, _POOL.prepare, _POOL.forget
take, give_back = _POOL.take, _POOL.give_back
