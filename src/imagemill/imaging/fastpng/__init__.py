"""PNG decoder that reduces rows as they are decompressed: C in WebAssembly, run by wasmtime.

README.md describes the accepted files, the safety model and the build.
"""

from .rows import MAX_REDUCTION, Layout, Mode, read_rows
from .sandbox import is_available, prepare

__all__ = ["MAX_REDUCTION", "Layout", "Mode", "is_available", "prepare", "read_rows"]
