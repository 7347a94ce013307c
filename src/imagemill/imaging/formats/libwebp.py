"""Plain decoding by the libwebp that Pillow's WebP extension is linked with, through `ctypes`.

Pillow decodes every WebP with libwebp's animation decoder, which composes full canvases. The plain
decoder writes the pixels once, and scales lossy images while it decodes. Source of the structures
and constants: `webp/decode.h` of libwebp 1.6; they have not changed since ABI version 2.0.
"""

import ctypes
from functools import cache

from PIL import Image

from imagemill.imaging.geometry import Size

# Version of the interface that the structures below follow. libwebp refuses another major version.
_ABI_VERSION = 0x0200
# Order of the bytes of a decoded pixel: red, green, blue, alpha (255 without alpha).
_RGBA = 1
_BYTES_PER_PIXEL = 4
_OK = 0


class _Features(ctypes.Structure):
    _fields_ = (
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("has_alpha", ctypes.c_int),
        ("has_animation", ctypes.c_int),
        ("format", ctypes.c_int),
        ("pad", ctypes.c_uint32 * 5),
    )


class _Pixels(ctypes.Structure):
    _fields_ = (
        ("rgba", ctypes.c_void_p),
        ("stride", ctypes.c_int),
        ("size", ctypes.c_size_t),
    )


class _Planes(ctypes.Structure):
    _fields_ = (
        ("planes", ctypes.c_void_p * 4),
        ("strides", ctypes.c_int * 4),
        ("sizes", ctypes.c_size_t * 4),
    )


class _PixelsOrPlanes(ctypes.Union):
    _fields_ = (("pixels", _Pixels), ("planes", _Planes))


class _Output(ctypes.Structure):
    _fields_ = (
        ("colorspace", ctypes.c_int),
        ("width", ctypes.c_int),
        ("height", ctypes.c_int),
        ("is_external_memory", ctypes.c_int),
        ("buffer", _PixelsOrPlanes),
        ("pad", ctypes.c_uint32 * 4),
        ("private_memory", ctypes.c_void_p),
    )


class _Options(ctypes.Structure):
    _fields_ = (
        ("bypass_filtering", ctypes.c_int),
        ("no_fancy_upsampling", ctypes.c_int),
        ("use_cropping", ctypes.c_int),
        ("crop", ctypes.c_int * 4),
        ("use_scaling", ctypes.c_int),
        ("scaled_width", ctypes.c_int),
        ("scaled_height", ctypes.c_int),
        ("use_threads", ctypes.c_int),
        ("dithering_strength", ctypes.c_int),
        ("flip", ctypes.c_int),
        ("alpha_dithering_strength", ctypes.c_int),
        ("pad", ctypes.c_uint32 * 5),
    )


class _Config(ctypes.Structure):
    _fields_ = (("input", _Features), ("output", _Output), ("options", _Options))


def is_available() -> bool:
    """Return True if this Pillow's libwebp exports the plain decoder in a known version."""
    return _library() is not None


def has_alpha(data: bytes) -> bool | None:
    """Return whether a still image declares transparency; None if its header is damaged."""
    library, features = _library(), _Features()
    if library is None:
        return None
    status = library.WebPGetFeaturesInternal(data, len(data), ctypes.byref(features), _ABI_VERSION)
    return bool(features.has_alpha) if status == _OK else None


def decode(data: bytes, size: Size, mode: str, *, is_reduced: bool) -> Image.Image | None:
    """Decode a still image to `size` px, in mode RGB or RGBA; None if the file is damaged.

    `size` is that of the file, or smaller if `is_reduced`: then libwebp averages the pixels. That
    is wrong for images with transparency, because it does not weight colours by alpha. An image
    with alpha refers to the decoded bytes and must not be changed.
    """
    library, config = _library(), _Config()
    if library is None or not library.WebPInitDecoderConfigInternal(
        ctypes.byref(config), _ABI_VERSION
    ):
        return None
    pixels = bytearray(_BYTES_PER_PIXEL * size.width * size.height)
    target = (ctypes.c_char * len(pixels)).from_buffer(pixels)
    _write_to(config.output, ctypes.addressof(target), size)
    # At full size the option would replace the smooth upsampling of chroma by a plain one.
    config.options.use_scaling = is_reduced
    config.options.scaled_width, config.options.scaled_height = size.width, size.height
    if library.WebPDecode(data, len(data), ctypes.byref(config)) != _OK:
        return None
    if mode == "RGBA":
        return Image.frombuffer("RGBA", (size.width, size.height), pixels, "raw", "RGBA", 0, 1)
    return Image.frombytes("RGB", (size.width, size.height), pixels, "raw", "RGBX")


def _write_to(output: _Output, address: int, size: Size) -> None:
    """Make libwebp write to memory of ours, which it then neither allocates nor frees."""
    output.colorspace = _RGBA
    output.is_external_memory = 1
    output.buffer.pixels.rgba = address
    output.buffer.pixels.stride = _BYTES_PER_PIXEL * size.width
    output.buffer.pixels.size = _BYTES_PER_PIXEL * size.width * size.height


@cache
def _library() -> "ctypes.CDLL | None":
    """Return libwebp; its symbols are found through the extension, wherever the library lies."""
    try:
        from PIL import _webp  # noqa: PLC0415 - only where a WebP is decoded

        library = ctypes.CDLL(_webp.__file__)
        decode, features = library.WebPDecode, library.WebPGetFeaturesInternal
        start = library.WebPInitDecoderConfigInternal
    except (ImportError, OSError, AttributeError):
        return None
    config = ctypes.POINTER(_Config)
    decode.argtypes = [ctypes.c_char_p, ctypes.c_size_t, config]
    start.argtypes = [config, ctypes.c_int]
    features.argtypes = [
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.POINTER(_Features),
        ctypes.c_int,
    ]
    return library if start(ctypes.byref(_Config()), _ABI_VERSION) else None
