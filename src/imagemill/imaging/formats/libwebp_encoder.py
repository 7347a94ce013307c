"""Encoding of planes by the libwebp that Pillow's WebP extension is linked with, through `ctypes`.

Pillow's encoder takes RGB pixels, which libwebp converts to planes itself. Source of the structures
and constants: `webp/encode.h` of libwebp 1.6; they have not changed since ABI version 2.0.
"""

import ctypes
from functools import cache

from imagemill.imaging.fastjpeg import Samples
from imagemill.imaging.formats.plane_addresses import plane_addresses

# Version of the interface that the structures below follow. libwebp refuses another major version.
_ABI_VERSION = 0x0200
# Preset for any kind of image.
_DEFAULT_PRESET = 0
# Words behind each structure: room for fields of later versions, which libwebp would clear as well.
_SPARE = ctypes.c_uint64 * 32


class _Config(ctypes.Structure):
    """`WebPConfig`, up to the fields that are used."""

    _fields_ = (
        ("lossless", ctypes.c_int),
        ("quality", ctypes.c_float),
        ("method", ctypes.c_int),
        ("others", ctypes.c_int * 26),
        ("spare", _SPARE),
    )


class _Picture(ctypes.Structure):
    """`WebPPicture`, up to the fields that are used."""

    _fields_ = (
        ("use_argb", ctypes.c_int),
        ("colorspace", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("luma", ctypes.c_void_p),
        ("blue", ctypes.c_void_p),
        ("red", ctypes.c_void_p),
        ("luma_stride", ctypes.c_int),
        ("chroma_stride", ctypes.c_int),
        ("alpha", ctypes.c_void_p),
        ("alpha_stride", ctypes.c_int),
        ("pad", ctypes.c_uint32 * 2),
        ("argb", ctypes.c_void_p),
        ("argb_stride", ctypes.c_int),
        ("pad_of_argb", ctypes.c_uint32 * 3),
        ("write", ctypes.c_void_p),
        ("writer", ctypes.c_void_p),
        ("others", ctypes.c_uint64 * 20),
        ("spare", _SPARE),
    )


class _Writer(ctypes.Structure):
    """`WebPMemoryWriter`: memory that libwebp allocates for the file."""

    _fields_ = (
        ("memory", ctypes.c_void_p),
        ("size", ctypes.c_size_t),
        ("capacity", ctypes.c_size_t),
        ("spare", _SPARE),
    )


def encode(samples: Samples, quality: int, method: int) -> bytes | None:
    """Return a lossy WebP of samples with 4:2:0 in the narrow range of video, without metadata.

    None if libwebp is not available or fails.
    """
    library, config, picture = _library(), _Config(), _Picture()
    if library is None or not library.WebPConfigInitInternal(
        ctypes.byref(config), _DEFAULT_PRESET, quality, _ABI_VERSION
    ):
        return None
    library.WebPPictureInitInternal(ctypes.byref(picture), _ABI_VERSION)
    config.method = method
    _read_from(picture, samples)
    writer = _Writer()
    picture.write = ctypes.cast(library.WebPMemoryWrite, ctypes.c_void_p)
    picture.writer = ctypes.addressof(writer)
    library.WebPMemoryWriterInit(ctypes.byref(writer))
    try:
        is_encoded = library.WebPEncode(ctypes.byref(config), ctypes.byref(picture))
        return ctypes.string_at(writer.memory, writer.size) if is_encoded else None
    finally:
        library.WebPMemoryWriterClear(ctypes.byref(writer))


def _read_from(picture: _Picture, samples: Samples) -> None:
    """Make libwebp read the planes where they are; it does not change them."""
    picture.luma, picture.blue, picture.red = plane_addresses(samples)
    picture.width, picture.height = samples.width, samples.height
    picture.luma_stride, picture.chroma_stride = samples.width, samples.chroma_size[0]


@cache
def _library() -> "ctypes.CDLL | None":
    """Return libwebp; its symbols are found through the extension, wherever the library lies."""
    try:
        from PIL import _webp  # noqa: PLC0415 - only where a WebP is encoded

        library = ctypes.CDLL(_webp.__file__)
        library.WebPEncode.argtypes = [ctypes.POINTER(_Config), ctypes.POINTER(_Picture)]
        library.WebPPictureInitInternal.argtypes = [ctypes.POINTER(_Picture), ctypes.c_int]
        library.WebPConfigInitInternal.argtypes = [
            ctypes.POINTER(_Config),
            ctypes.c_int,
            ctypes.c_float,
            ctypes.c_int,
        ]
        library.WebPMemoryWriterInit.argtypes = [ctypes.POINTER(_Writer)]
        library.WebPMemoryWriterClear.argtypes = [ctypes.POINTER(_Writer)]
        library.WebPMemoryWrite  # noqa: B018 - raises if it is missing
    except (ImportError, OSError, AttributeError):
        return None
    return library
