"""libavif through its C API, from the package pillow-avif-plugin.

It has the encoder SVT-AV1, which Pillow's own libavif lacks. The structures are those of libavif
1.4 to 1.x: later versions only add fields behind them. Source: avif/avif.h, BSD 2-clause.
"""

import ctypes
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeVar

from imagemill.dataclass import dataclass
from imagemill.imaging.fastjpeg import Samples

Codec = Literal["aom", "svt"]
# The extra that installs the package.
NEEDED = "imagemill[avif]"
# Numbers of avif.h: avifCodecChoice, AVIF_PIXEL_FORMAT_YUV420, AVIF_RANGE_FULL,
# AVIF_ADD_IMAGE_FLAG_SINGLE, and H.273's matrix of BT.601, which is that of JPEG's samples.
_CODECS: dict[Codec, int] = {"aom": 1, "svt": 5}
_YUV420, _FULL_RANGE, _SINGLE, _BT601 = 3, 1, 2, 6
# H.273: sRGB, and codes of an image whose profile says more.
_SRGB, _UNSPECIFIED = (1, 13), (2, 2)
# First minor version of 1.x with these structures, and bytes of the text of avifCodecVersions.
_MAJOR, _LEAST_MINOR, _TEXT_BYTES = 1, 4, 256
# Lines of SVT-AV1 on stderr: only errors.
_LOG, _ERRORS = "SVT_LOG", "1"
_FOLDERS = ("../pillow_avif_plugin.libs", ".dylibs")

_P = TypeVar("_P", bound=ctypes.Structure)


class _Bytes(ctypes.Structure):
    """`avifRWData`."""

    _fields_ = (("data", ctypes.c_void_p), ("size", ctypes.c_size_t))


class _Image(ctypes.Structure):
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
        ("profile", _Bytes),
        ("primaries", ctypes.c_uint16),
        ("transfer", ctypes.c_uint16),
        ("matrix", ctypes.c_uint16),
    )


class _Encoder(ctypes.Structure):
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


@dataclass(frozen=True, slots=True)
class Coding:
    """An encoder and its settings: libavif's speed and quality, and options of the encoder."""

    codec: Codec
    speed: int
    quality: int
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Attached:
    """Metadata of a file: EXIF, an ICC profile, and H.273's primaries and transfer."""

    exif: bytes = b""
    profile: bytes = b""
    codes: tuple[int, int] | None = None


class Library:
    """A libavif whose structures are known."""

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library
        _declare(library)

    def codecs(self) -> str:
        """Return encoders and decoders with their versions, such as "svt [enc]:v4.1.0"."""
        text = ctypes.create_string_buffer(_TEXT_BYTES)
        self._library.avifCodecVersions(text)
        return text.value.decode()

    def encode(self, samples: Samples, alpha: bytes, coding: Coding, attached: Attached) -> bytes:
        """Return a file of samples with 4:2:0, and of alpha if it is not empty; raises OSError."""
        with ExitStack() as stack:
            image = stack.enter_context(self._image(samples.width, samples.height))
            planes = ctypes.c_char_p(samples.data)
            opacity = ctypes.c_char_p(alpha)
            _point_to_planes(image.contents, samples, planes)
            if alpha:
                image.contents.alpha = ctypes.cast(opacity, ctypes.c_void_p).value
                image.contents.alpha_row_bytes = samples.width
            self._attach(image, attached)
            return self._encoded(image, coding)

    @contextmanager
    def _image(self, width: int, height: int) -> "Iterator[ctypes._Pointer[_Image]]":
        image = _made(self._library.avifImageCreate(width, height, 8, _YUV420))
        try:
            yield image
        finally:
            self._library.avifImageDestroy(image)

    def _attach(self, image: "ctypes._Pointer[_Image]", attached: Attached) -> None:
        """Set EXIF, profile and colour codes."""
        of = image.contents
        of.range, of.matrix = _FULL_RANGE, _BT601
        of.primaries, of.transfer = attached.codes or (_UNSPECIFIED if attached.profile else _SRGB)
        for name, data in (("ProfileICC", attached.profile), ("MetadataExif", attached.exif)):
            if data:
                self._check(getattr(self._library, f"avifImageSet{name}")(image, data, len(data)))

    def _encoded(self, image: "ctypes._Pointer[_Image]", coding: Coding) -> bytes:
        encoder, made = _made(self._library.avifEncoderCreate()), _Bytes()
        try:
            self._configure(encoder, coding)
            self._check(self._library.avifEncoderAddImage(encoder, image, 1, _SINGLE))
            self._check(self._library.avifEncoderFinish(encoder, ctypes.byref(made)))
            return ctypes.string_at(made.data, made.size)
        finally:
            self._library.avifRWDataFree(ctypes.byref(made))
            self._library.avifEncoderDestroy(encoder)

    def _configure(self, encoder: "ctypes._Pointer[_Encoder]", coding: Coding) -> None:
        of = encoder.contents
        of.codec, of.threads, of.speed = _CODECS[coding.codec], 1, coding.speed
        of.quality = of.alpha_quality = coding.quality
        for name, value in coding.options.items():
            set_option = self._library.avifEncoderSetCodecSpecificOption
            self._check(set_option(encoder, name.encode(), value.encode()))

    def _check(self, result: int) -> None:
        """Raise OSError for an `avifResult` other than AVIF_RESULT_OK."""
        if result:
            raise OSError(f"libavif: {self._library.avifResultToString(result).decode()}")


@cache
def load() -> Library | None:
    """Return the library; None if it is not installed, or if its version is not known."""
    path = _find()
    if path is None:
        return None
    os.environ.setdefault(_LOG, _ERRORS)
    library = ctypes.CDLL(str(path))
    library.avifVersion.restype = ctypes.c_char_p
    return Library(library) if is_known(library.avifVersion().decode()) else None


def is_known(version: str) -> bool:
    """Return True for a version of libavif, such as "1.4.2", that has the structures above."""
    major, minor = (int(part) for part in version.split(".")[:2])
    return major == _MAJOR and minor >= _LEAST_MINOR


def _find() -> Path | None:
    """Return the path of the shared library.

    The package is not imported, because it would replace Pillow's AVIF reader.
    """
    found = find_spec("pillow_avif")
    if found is None or not found.origin:
        return None
    folder = Path(found.origin).parent
    paths = (path for name in _FOLDERS for path in sorted((folder / name).glob("libavif*")))
    return next(paths, None)


def _made(pointer: "ctypes._Pointer[_P]") -> "ctypes._Pointer[_P]":
    """Return a pointer; raises MemoryError for a null pointer."""
    if not pointer:
        raise MemoryError("libavif")
    return pointer


def _point_to_planes(image: _Image, samples: Samples, data: ctypes.c_char_p) -> None:
    start = ctypes.cast(data, ctypes.c_void_p).value or 0
    across, down = samples.chroma_size
    luma = samples.width * samples.height
    for at, (offset, row) in enumerate(
        ((0, samples.width), (luma, across), (luma + across * down, across))
    ):
        image.planes[at], image.row_bytes[at] = start + offset, row


def _declare(library: ctypes.CDLL) -> None:
    """Give the functions their types."""
    image, encoder = ctypes.POINTER(_Image), ctypes.POINTER(_Encoder)
    size, text, number = ctypes.c_size_t, ctypes.c_char_p, ctypes.c_uint32
    types: dict[str, tuple[object, tuple[Callable[..., object], ...]]] = {
        "avifCodecVersions": (None, (text,)),
        "avifResultToString": (text, (ctypes.c_int,)),
        "avifImageCreate": (image, (number, number, number, ctypes.c_int)),
        "avifImageDestroy": (None, (image,)),
        "avifImageSetProfileICC": (ctypes.c_int, (image, text, size)),
        "avifImageSetMetadataExif": (ctypes.c_int, (image, text, size)),
        "avifEncoderCreate": (encoder, ()),
        "avifEncoderDestroy": (None, (encoder,)),
        "avifEncoderSetCodecSpecificOption": (ctypes.c_int, (encoder, text, text)),
        "avifEncoderAddImage": (ctypes.c_int, (encoder, image, ctypes.c_uint64, number)),
        "avifEncoderFinish": (ctypes.c_int, (encoder, ctypes.POINTER(_Bytes))),
        "avifRWDataFree": (None, (ctypes.POINTER(_Bytes),)),
    }
    for name, (result, arguments) in types.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
