"""Structures and functions of libavif's C API, as in libavif 1.4.

Later versions only add fields behind them. Source: avif/avif.h, BSD 2-clause.
"""

import ctypes
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Bytes(ctypes.Structure):
    """`avifRWData`."""

    _fields_ = (("data", ctypes.c_void_p), ("size", ctypes.c_size_t))


class Image(ctypes.Structure):
    """`avifImage`, up to the fields that are used."""

    _fields_ = (
        ("width", ctypes.c_uint32),
        ("height", ctypes.c_uint32),
        ("depth", ctypes.c_uint32),
        ("format", ctypes.c_int),
        ("range", ctypes.c_int),
        ("chroma_position", ctypes.c_int),
        ("planes", ctypes.c_void_p * 3),
        ("row_bytes", ctypes.c_uint32 * 3),
        ("owns_planes", ctypes.c_int),
        ("alpha", ctypes.c_void_p),
        ("alpha_row_bytes", ctypes.c_uint32),
        ("owns_alpha", ctypes.c_int),
        ("is_premultiplied", ctypes.c_int),
        ("profile", Bytes),
        ("primaries", ctypes.c_uint16),
        ("transfer", ctypes.c_uint16),
        ("matrix", ctypes.c_uint16),
    )


class Rgb(ctypes.Structure):
    """`avifRGBImage`."""

    _fields_ = (
        ("width", ctypes.c_uint32),
        ("height", ctypes.c_uint32),
        ("depth", ctypes.c_uint32),
        ("format", ctypes.c_int),
        ("upsampling", ctypes.c_int),
        ("downsampling", ctypes.c_int),
        ("avoids_libyuv", ctypes.c_int),
        ("ignores_alpha", ctypes.c_int),
        ("is_premultiplied", ctypes.c_int),
        ("is_float", ctypes.c_int),
        ("threads", ctypes.c_int),
        ("pixels", ctypes.c_void_p),
        ("row_bytes", ctypes.c_uint32),
    )


class Decoder(ctypes.Structure):
    """`avifDecoder`, up to the fields that are used."""

    _fields_ = (
        ("codec", ctypes.c_int),
        ("threads", ctypes.c_int),
        ("source", ctypes.c_int),
        ("allows_progressive", ctypes.c_int),
        ("allows_incremental", ctypes.c_int),
        ("ignores_exif", ctypes.c_int),
        ("ignores_xmp", ctypes.c_int),
        ("most_pixels", ctypes.c_uint32),
        ("longest_side", ctypes.c_uint32),
        ("most_images", ctypes.c_uint32),
        ("strictness", ctypes.c_uint32),
    )


class Encoder(ctypes.Structure):
    """`avifEncoder`, up to the fields that are used."""

    _fields_ = (
        ("codec", ctypes.c_int),
        ("threads", ctypes.c_int),
        ("speed", ctypes.c_int),
        ("keyframe_interval", ctypes.c_int),
        ("timescale", ctypes.c_uint64),
        ("repetitions", ctypes.c_int),
        ("layers", ctypes.c_uint32),
        ("quality", ctypes.c_int),
        ("alpha_quality", ctypes.c_int),
    )


def declare(library: ctypes.CDLL) -> None:
    """Give the functions their types."""
    image, encoder = ctypes.POINTER(Image), ctypes.POINTER(Encoder)
    decoder, rgb = ctypes.POINTER(Decoder), ctypes.POINTER(Rgb)
    size, text, number = ctypes.c_size_t, ctypes.c_char_p, ctypes.c_uint32
    types: dict[str, tuple[object, tuple[Callable[..., object], ...]]] = {
        "avifCodecVersions": (None, (text,)),
        "avifResultToString": (text, (ctypes.c_int,)),
        "avifImageCreate": (image, (number, number, number, ctypes.c_int)),
        "avifImageCreateEmpty": (image, ()),
        "avifImageDestroy": (None, (image,)),
        "avifImageRGBToYUV": (ctypes.c_int, (image, rgb)),
        "avifImageYUVToRGB": (ctypes.c_int, (image, rgb)),
        "avifRGBImageSetDefaults": (None, (rgb, image)),
        "avifDecoderCreate": (decoder, ()),
        "avifDecoderDestroy": (None, (decoder,)),
        "avifDecoderReadMemory": (ctypes.c_int, (decoder, image, text, size)),
        "avifImageSetProfileICC": (ctypes.c_int, (image, text, size)),
        "avifImageSetMetadataExif": (ctypes.c_int, (image, text, size)),
        "avifEncoderCreate": (encoder, ()),
        "avifEncoderDestroy": (None, (encoder,)),
        "avifEncoderSetCodecSpecificOption": (ctypes.c_int, (encoder, text, text)),
        "avifEncoderAddImage": (ctypes.c_int, (encoder, image, ctypes.c_uint64, number)),
        "avifEncoderFinish": (ctypes.c_int, (encoder, ctypes.POINTER(Bytes))),
        "avifRWDataFree": (None, (ctypes.POINTER(Bytes),)),
    }
    for name, (result, arguments) in types.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
