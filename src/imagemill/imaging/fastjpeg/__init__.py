"""JPEG decoder that resizes while it decodes: C compiled to WebAssembly, run by wasmtime.

The package uses nothing but the standard library and wasmtime's shared library. README.md describes
the accepted files, the safety model and the build.
"""

from .planes import Box, Planes, Size, decode_planes, find_damage
from .sandbox import Reason, Refused, is_available, prepare

__all__ = [
    "Box",
    "Planes",
    "Reason",
    "Refused",
    "Size",
    "decode_planes",
    "find_damage",
    "is_available",
    "prepare",
]

__version__ = "1.0.0"
