"""libavif through its C API, from the package pillow-avif-plugin.

It has the encoder SVT-AV1, which Pillow's own libavif lacks, and gives and takes more than 8 bits.
"""

import ctypes
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Literal, TypeVar

from imagemill.dataclass import dataclass
from imagemill.imaging.fastjpeg import Samples
from imagemill.imaging.formats.plane_addresses import plane_addresses
from imagemill.imaging.libavif_types import Bytes, Decoder, Encoder, Image, Rgb, declare

Codec = Literal["aom", "svt"]
# The extra that installs the package.
NEEDED = "imagemill[avif]"
# Numbers of avif.h: avifCodecChoice, AVIF_PIXEL_FORMAT_YUV420, AVIF_RANGE_FULL,
# AVIF_ADD_IMAGE_FLAG_SINGLE, and H.273's matrix of BT.601, which is that of JPEG's samples.
_CODECS: dict[Codec, int] = {"aom": 1, "svt": 5}
_YUV420, _FULL_RANGE, _SINGLE, _BT601 = 3, 1, 2, 6
# Its matrix of BT.2020, and the primaries that it belongs to.
_BT2020, _WIDE = 9, 9
# AVIF_RGB_FORMAT_RGB and AVIF_RGB_FORMAT_RGBA, by the number of channels.
_LAYOUTS = {3: 0, 4: 1}
_CHANNEL_BYTES, _CHANNEL_BITS, _DEEP = 2, 16, 10
# H.273: sRGB, and codes of an image whose profile says more.
_SRGB, _UNSPECIFIED = (1, 13), (2, 2)
# First minor version of 1.x with these structures, and bytes of the text of avifCodecVersions.
_MAJOR, _LEAST_MINOR, _TEXT_BYTES = 1, 4, 256
# Lines of SVT-AV1 on stderr: only errors.
_LOG, _ERRORS = "SVT_LOG", "1"
_FOLDERS = ("../pillow_avif_plugin.libs", ".dylibs")

_P = TypeVar("_P", bound=ctypes.Structure)


@dataclass(frozen=True, slots=True)
class Coding:
    """An encoder and its settings: libavif's speed and quality, and options of the encoder."""

    codec: Codec
    speed: int
    quality: int
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DeepPixels:
    """Pixels of three or four channels of 16 bits in this machine's byte order, row by row."""

    width: int
    height: int
    channels: int
    data: bytes


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
        declare(library)

    def codecs(self) -> str:
        """Return encoders and decoders with their versions, such as "svt [enc]:v4.1.0"."""
        text = ctypes.create_string_buffer(_TEXT_BYTES)
        self._library.avifCodecVersions(text)
        return text.value.decode()

    def encode(self, samples: Samples, alpha: bytes, coding: Coding, attached: Attached) -> bytes:
        """Return a file of samples with 4:2:0, and of alpha if it is not empty; raises OSError."""
        # Its memory has to stay as long as the image points to it.
        opacity = ctypes.c_char_p(alpha)
        with self._image(samples.width, samples.height, 8) as image:
            _point_to_planes(image.contents, samples)
            if alpha:
                image.contents.alpha = ctypes.cast(opacity, ctypes.c_void_p).value
                image.contents.alpha_row_bytes = samples.width
            self._attach(image, attached)
            return self._encoded(image, coding)

    def encode_deep(self, pixels: DeepPixels, coding: Coding, attached: Attached) -> bytes:
        """Return a file with 10 bits per sample and 4:2:0; raises OSError."""
        with self._image(pixels.width, pixels.height, _DEEP) as image:
            self._attach(image, attached)
            if attached.codes and attached.codes[0] == _WIDE:
                image.contents.matrix = _BT2020
            data = ctypes.c_char_p(pixels.data)
            rgb = self._rgb(image, pixels.channels, ctypes.cast(data, ctypes.c_void_p))
            self._check(self._library.avifImageRGBToYUV(image, ctypes.byref(rgb)))
            return self._encoded(image, coding)

    def decode_deep(self, data: bytes) -> DeepPixels:
        """Return the pixels of a file as stored, before aperture and rotation; raises OSError."""
        with self._owned(self._library.avifImageCreateEmpty(), "Image") as image:
            with self._owned(self._library.avifDecoderCreate(), "Decoder") as decoder:
                of: Decoder = decoder.contents
                of.threads, of.strictness, of.ignores_exif, of.ignores_xmp = 1, 0, 1, 1
                read = self._library.avifDecoderReadMemory
                self._check(read(decoder, image, data, len(data)))
            found: Image = image.contents
            width, height = found.width, found.height
            channels = 4 if found.alpha else 3
            room = ctypes.create_string_buffer(_CHANNEL_BYTES * channels * width * height)
            rgb = self._rgb(image, channels, ctypes.cast(room, ctypes.c_void_p))
            self._check(self._library.avifImageYUVToRGB(image, ctypes.byref(rgb)))
        return DeepPixels(width, height, channels, room.raw)

    def _rgb(self, image: "ctypes._Pointer[Image]", channels: int, data: ctypes.c_void_p) -> Rgb:
        """Return the description of 16-bit pixels at an address."""
        rgb = Rgb()
        self._library.avifRGBImageSetDefaults(ctypes.byref(rgb), image)
        rgb.depth, rgb.format, rgb.threads = _CHANNEL_BITS, _LAYOUTS[channels], 1
        rgb.pixels, rgb.row_bytes = data, _CHANNEL_BYTES * channels * rgb.width
        return rgb

    @contextmanager
    def _owned(self, pointer: "ctypes._Pointer[_P]", kind: str) -> "Iterator[ctypes._Pointer[_P]]":
        """Destroy an object of libavif afterwards; raises MemoryError for a null pointer."""
        if not pointer:
            raise MemoryError("libavif")
        try:
            yield pointer
        finally:
            getattr(self._library, f"avif{kind}Destroy")(pointer)

    def _image(
        self, width: int, height: int, depth: int
    ) -> "AbstractContextManager[ctypes._Pointer[Image]]":
        return self._owned(self._library.avifImageCreate(width, height, depth, _YUV420), "Image")

    def _attach(self, image: "ctypes._Pointer[Image]", attached: Attached) -> None:
        """Set EXIF, profile and colour codes."""
        of = image.contents
        of.range, of.matrix = _FULL_RANGE, _BT601
        of.primaries, of.transfer = attached.codes or (_UNSPECIFIED if attached.profile else _SRGB)
        for name, data in (("ProfileICC", attached.profile), ("MetadataExif", attached.exif)):
            if data:
                self._check(getattr(self._library, f"avifImageSet{name}")(image, data, len(data)))

    def _encoded(self, image: "ctypes._Pointer[Image]", coding: Coding) -> bytes:
        made = Bytes()
        with self._owned(self._library.avifEncoderCreate(), "Encoder") as encoder:
            try:
                self._configure(encoder, coding)
                self._check(self._library.avifEncoderAddImage(encoder, image, 1, _SINGLE))
                self._check(self._library.avifEncoderFinish(encoder, ctypes.byref(made)))
                return ctypes.string_at(made.data, made.size)
            finally:
                self._library.avifRWDataFree(ctypes.byref(made))

    def _configure(self, encoder: "ctypes._Pointer[Encoder]", coding: Coding) -> None:
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


def _point_to_planes(image: Image, samples: Samples) -> None:
    across, _ = samples.chroma_size
    for at, (address, row) in enumerate(
        zip(plane_addresses(samples), (samples.width, across, across), strict=True)
    ):
        image.planes[at], image.row_bytes[at] = address, row
