"""Read the pixels of a Pillow image without a copy, through the Arrow C data interface.

https://arrow.apache.org/docs/format/CDataInterface.html
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image


class _Array(ctypes.Structure):
    """`struct ArrowArray`, up to the fields that are used."""


_Array._fields_ = (
    ("length", ctypes.c_int64),
    ("null_count", ctypes.c_int64),
    ("offset", ctypes.c_int64),
    ("n_buffers", ctypes.c_int64),
    ("n_children", ctypes.c_int64),
    ("buffers", ctypes.POINTER(ctypes.c_void_p)),
    ("children", ctypes.POINTER(ctypes.POINTER(_Array))),
)
# The samples are the second buffer of a primitive array; the first tells which are missing.
_SAMPLES = 1

_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype, _pointer_of.argtypes = ctypes.c_void_p, (ctypes.py_object, ctypes.c_char_p)


@contextmanager
def pixel_bytes(pixels: Image.Image) -> Iterator[memoryview]:
    """Yield the bytes of the pixels as Pillow stores them: one or four per pixel, row by row.

    Pillow stores images of 16 MB and more in parts; their bytes are a copy. Valid inside the `with`
    block only.
    """
    try:
        # Both capsules free the structures when they are deleted.
        schema, capsule = pixels.__arrow_c_array__()
    except ValueError:
        yield memoryview(_copied(pixels))
        return
    array = _Array.from_address(_pointer_of(capsule, b"arrow_array"))
    # Pixels of several bytes are lists of samples.
    samples = array.children[0].contents if array.n_children else array
    stored = ctypes.c_ubyte * samples.length
    yield memoryview(stored.from_address(samples.buffers[_SAMPLES])).cast("B").toreadonly()
    del schema, capsule


def _copied(pixels: Image.Image) -> bytes:
    return pixels.tobytes("raw", "RGBX" if pixels.mode == "RGB" else pixels.mode)
