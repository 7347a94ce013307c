"""Bytes → decoded pixels. The one seam where what decoders raise becomes an ImageRejected.

The decoder is chosen by `sniff`, and only that one runs: Pillow's own registry, which would try
every plugin it knows, is never asked.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, cast

from PIL import Image

from imagemill.errors import CorruptImage, ImageRejected, OverBudget, UnsupportedFormat
from imagemill.imaging import xmp
from imagemill.imaging.colour import MAX_PROFILE_BYTES
from imagemill.imaging.formats import avif, png, webp
from imagemill.imaging.plan import Size
from imagemill.imaging.sniff import Kind

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

Image.MAX_IMAGE_PIXELS = None  # set once, here: our own limits have acted before Pillow's would

_DECODERS: dict[Kind, tuple[str, str]] = {
    "jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "png": ("PIL.PngImagePlugin", "PngImageFile"),
    "webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "gif": ("imagemill.imaging.formats.gif_frames", "GifImage"),
    "avif": ("imagemill.imaging.formats.avif_decoder", "CroppedAvif"),
    "heic": ("pillow_heif", "HeifImageFile"),
    "tiff": ("imagemill.imaging.formats.tiff", "TiffFile"),
    "bmp": ("imagemill.imaging.formats.bmp", "BmpFile"),
    "ico": ("imagemill.imaging.formats.bmp", "IconFile"),
    "jp2": ("imagemill.imaging.formats.jp2_decoder", "Jpeg2000"),
}
_END_OF_IMAGE = b"\xff\xd9"


class _EndlessJpeg(BytesIO):
    """A JPEG that ends as it should even when it was cut short: libjpeg fills the rest with grey.

    `was_cut` tells afterwards. Pillow's own switch for this is global, hence not for threads.
    """

    was_cut = False

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if data or size == 0 or self.was_cut:
            return data
        self.was_cut = True
        return _END_OF_IMAGE


@contextmanager
def translating(kind: Kind) -> Iterator[None]:
    """Turn whatever a decoder raises into an ImageRejected; only decoder calls belong inside."""
    try:
        yield
    except ImageRejected:
        raise
    except MemoryError as error:
        raise OverBudget(f"decoding this {kind} file needs more memory than there is") from error
    except Exception as error:  # hostile bytes raise nearly anything, SyntaxError included
        raise CorruptImage(f"the {kind} file is damaged and cannot be shown") from error


def load_decoder(kind: Kind) -> "Callable[[BytesIO], ImageFile]":
    """Import the one decoder for `kind`; raises UnsupportedFormat when it is an extra not there."""
    module, name = _DECODERS[kind]
    try:
        return cast("Callable[[BytesIO], ImageFile]", getattr(import_module(module), name))
    except ModuleNotFoundError as error:
        raise UnsupportedFormat("HEIC needs the extra: pip install 'imagemill[heif]'") from error


def open_image(data: bytes, kind: Kind) -> "ImageFile":
    """Read the header with the one decoder for `kind`; no pixel is decoded.

    Raises CorruptImage, and UnsupportedFormat when the decoder is an extra not installed.
    """
    decoder = load_decoder(kind)
    with translating(kind):
        image = decoder(_stream(data, kind))
        if kind == "png":
            image.info |= _packed_in_png(data)
        return image


def decode(image: "ImageFile", kind: Kind, at_least: Size, max_reduction: int = 1) -> bool:
    """Decode the pixels, reduced where the format can, not below `at_least` px.

    Returns whether the file was damaged: what could be decoded is there, the rest is blank.
    Raises CorruptImage when nothing could.
    """
    with translating(kind):
        _prefer_scaled(image, kind, at_least, max_reduction)
        stream = image.fp
        is_damaged = _load(image)
    is_damaged = is_damaged or getattr(image, "is_damaged", False)
    return is_damaged or (isinstance(stream, _EndlessJpeg) and stream.was_cut)


def scale_to_decode(size: Size, at_least: Size, most: int) -> int:
    """Return the power of two, `most` at the most, that `size` can be divided by.

    What comes out is not below `at_least`.
    """
    scale = 1
    while (
        scale < most
        and size.width >= 2 * scale * at_least.width
        and size.height >= 2 * scale * at_least.height
    ):
        scale *= 2
    return scale


def _stream(data: bytes, kind: Kind) -> BytesIO:
    if kind == "jpeg":
        return _EndlessJpeg(data)
    if kind == "png":
        return BytesIO(png.without_ballast(data))
    if kind == "avif":
        return BytesIO(avif.mended(data))
    if kind == "webp":
        return BytesIO(webp.declare_alpha(webp.completed(data)))
    return BytesIO(data)


def _packed_in_png(data: bytes) -> dict[str | tuple[int, int], object]:
    """Return the profile and the XMP, which the decoder does not get to see: they are packed."""
    found: dict[str | tuple[int, int], object] = {}
    if profile := png.read_profile(data, MAX_PROFILE_BYTES):
        found["icc_profile"] = profile
    if packet := png.read_xmp(data, xmp.MAX_BYTES):
        found["xmp"] = packet
    return found


def _prefer_scaled(image: "ImageFile", kind: Kind, at_least: Size, max_reduction: int) -> None:
    scale = scale_to_decode(Size(*image.size), at_least, max_reduction)
    if kind == "jpeg":
        image.draft(None, (at_least.width, at_least.height))
    if kind in ("jp2", "tiff", "bmp", "ico"):
        vars(image)["reduction"] = scale


def _load(image: "ImageFile") -> bool:
    """Load the pixels; returns whether the decoder gave up before the end."""
    try:
        image.load()
    except (MemoryError, ImageRejected):
        raise
    except Exception:
        image.tile = []
        if image.getbbox() is None:
            raise
        return True
    return False
