"""JPEG decoder and encoder for renditions: C compiled to WebAssembly, run by wasmtime.

The package uses nothing but the standard library and wasmtime's shared library. README.md describes
the accepted files, the safety model and the build.
"""

from .encoder import (
    Samples,
    Sampling,
    Scans,
    encode_samples,
    samples_of_pixels,
    samples_of_same_luminance,
)
from .pixels import Channels, Part, PixelResizer, pixel_resizer
from .planes import Box, Planes, Size, decode_planes, find_damage
from .sandbox import Reason, Refused, compilations, forget, prepare
from .scaled_samples import resize_samples
from .score import Scorer, score
from .wasmtime import is_available

__all__ = [
    "Box",
    "Channels",
    "Part",
    "PixelResizer",
    "Planes",
    "Reason",
    "Refused",
    "Samples",
    "Sampling",
    "Scans",
    "Scorer",
    "Size",
    "compilations",
    "decode_planes",
    "encode_samples",
    "find_damage",
    "forget",
    "is_available",
    "pixel_resizer",
    "prepare",
    "resize_samples",
    "samples_of_pixels",
    "samples_of_same_luminance",
    "score",
]

__version__ = "1.0.0"
