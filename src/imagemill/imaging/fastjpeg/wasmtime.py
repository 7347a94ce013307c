"""The functions of wasmtime's C API that the sandbox needs, called through ctypes.

Importing wasmtime's own Python package would take thirty times as long. This binding depends on the
memory layout of three structures of wasmtime 50, so no other major version is loaded.
"""

import ctypes
import os
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

# Major version of wasmtime that the structures below belong to.
_VERSION = "50"
_LIBRARIES = {"linux": "_libwasmtime.so", "darwin": "_libwasmtime.dylib"}
# Processor names: Python's, where it differs from wasmtime's.
_MACHINES = {"arm64": "aarch64"}

Pointer = ctypes.c_void_p
_SIZE, _BOOL, _I64, _TEXT = ctypes.c_size_t, ctypes.c_bool, ctypes.c_int64, ctypes.c_char_p


class Instance(ctypes.Structure):
    """`wasmtime_instance_t`."""

    _fields_ = (("store", ctypes.c_uint64), ("index", _SIZE))


class Extern(ctypes.Structure):
    """`wasmtime_extern_t`: the kind, then a union with the size of its largest member."""

    _fields_ = (("kind", ctypes.c_uint8), ("of", ctypes.c_uint64 * 3))


class Bytes(ctypes.Structure):
    """`wasm_byte_vec_t`."""

    _fields_ = (("size", _SIZE), ("data", ctypes.c_void_p))


class Value(ctypes.Structure):
    """`wasmtime_val_t`. Only 32-bit integers (kind 0) are used: the low half of the union."""

    _fields_ = (("kind", ctypes.c_uint8), ("of", ctypes.c_uint64 * 3))


# Result type, then argument types, of each function: wasmtime.h and wasm.h.
_FUNCTIONS: dict[str, tuple[object, ...]] = {
    "wasm_config_new": (Pointer,),
    "wasmtime_config_consume_fuel_set": (None, Pointer, _BOOL),
    "wasmtime_config_parallel_compilation_set": (None, Pointer, _BOOL),
    "wasm_engine_new_with_config": (Pointer, Pointer),
    "wasmtime_module_new": (Pointer, Pointer, _TEXT, _SIZE, Pointer),
    "wasmtime_module_serialize": (Pointer, Pointer, Pointer),
    "wasmtime_module_deserialize": (Pointer, Pointer, _TEXT, _SIZE, Pointer),
    "wasm_byte_vec_delete": (None, Pointer),
    "wasmtime_store_new": (Pointer, Pointer, Pointer, Pointer),
    "wasmtime_store_limiter": (None, Pointer, _I64, _I64, _I64, _I64, _I64),
    "wasmtime_store_context": (Pointer, Pointer),
    "wasmtime_store_delete": (None, Pointer),
    "wasmtime_context_set_fuel": (Pointer, Pointer, ctypes.c_uint64),
    "wasmtime_context_get_fuel": (Pointer, Pointer, Pointer),
    "wasmtime_instance_new": (Pointer, Pointer, Pointer, Pointer, _SIZE, Pointer, Pointer),
    "wasmtime_instance_export_get": (_BOOL, Pointer, Pointer, _TEXT, _SIZE, Pointer),
    "wasmtime_func_call": (Pointer, Pointer, Pointer, Pointer, _SIZE, Pointer, _SIZE, Pointer),
    "wasmtime_memory_data": (Pointer, Pointer, Pointer),
    "wasmtime_memory_data_size": (_SIZE, Pointer, Pointer),
    "wasmtime_error_delete": (None, Pointer),
    "wasm_trap_delete": (None, Pointer),
}


@cache
def load() -> ctypes.CDLL | None:
    """Return wasmtime's library with its functions declared; None if no usable one is installed."""
    path = _find()
    if path is None:
        return None
    try:
        library = ctypes.CDLL(str(path))
        for name, (returns, *takes) in _FUNCTIONS.items():
            function = getattr(library, name)
            function.restype, function.argtypes = returns, takes
    except (OSError, AttributeError):
        return None
    return library


def is_available() -> bool:
    """Return True if a usable wasmtime is installed; nothing is compiled yet."""
    return load() is not None


def new_engine(library: ctypes.CDLL) -> int:
    """Return an engine that counts the executed instructions.

    deploy/aot.c uses the same settings: machine code compiled with others would be refused.
    """
    config: int = library.wasm_config_new()
    library.wasmtime_config_consume_fuel_set(config, True)  # noqa: FBT003 - C has no keywords
    library.wasmtime_config_parallel_compilation_set(config, False)  # noqa: FBT003
    engine: int = library.wasm_engine_new_with_config(config)
    return engine


def machine() -> str:
    """Return wasmtime's name of this machine's processor architecture."""
    name = os.uname().machine
    return _MACHINES.get(name, name)


def _find() -> Path | None:
    spec = find_spec("wasmtime")
    if spec is None or spec.origin is None or sys.platform not in _LIBRARIES:
        return None
    package = Path(spec.origin).parent
    if not any(package.parent.glob(f"wasmtime-{_VERSION}.*.dist-info")):
        return None
    return package / f"{sys.platform}-{machine()}" / _LIBRARIES[sys.platform]
