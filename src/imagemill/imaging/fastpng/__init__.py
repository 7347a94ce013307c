"""PNG decoder that reduces rows as they are decompressed, and filters for an encoder.

C in WebAssembly, run by wasmtime. README.md describes the accepted files, the safety model and the
build.
"""

from imagemill.imaging.fastjpeg.wasmtime import is_available

from .compress import PixelBytes, Rows, compress_runs, repeats
from .rows import MAX_REDUCTION, Layout, Mode, read_rows
from .sandbox import forget, prepare

__all__ = [
    "MAX_REDUCTION",
    "Layout",
    "Mode",
    "PixelBytes",
    "Rows",
    "compress_runs",
    "forget",
    "is_available",
    "prepare",
    "read_rows",
    "repeats",
]
