"""Decode files to pixels. All exceptions of decoders become ImageRejected here.

`sniff` chooses the decoder and only that one runs. Pillow's registry is not used, because it would
try every plugin it knows.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, cast

from PIL import Image

from imagemill.errors import CorruptImage, ImageRejected, OverBudget, UnsupportedFormat
from imagemill.imaging import xmp
from imagemill.imaging.colour import MAX_PROFILE_BYTES
from imagemill.imaging.formats import avif, png, webp
from imagemill.imaging.geometry import Size
from imagemill.imaging.sniff import Kind

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

# Pillow's own limit is switched off: ours have been checked before.
Image.MAX_IMAGE_PIXELS = None

_DECODERS: dict[Kind, tuple[str, str]] = {
    "jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "png": ("PIL.PngImagePlugin", "PngImageFile"),
    "webp": ("imagemill.imaging.formats.webp_decoder", "open_webp"),
    "gif": ("imagemill.imaging.formats.gif_frames", "GifImage"),
    "avif": ("imagemill.imaging.formats.avif_decoder", "CroppedAvif"),
    "heic": ("pillow_heif", "HeifImageFile"),
    "tiff": ("imagemill.imaging.formats.tiff", "TiffFile"),
    "bmp": ("imagemill.imaging.formats.bmp", "BmpFile"),
    "ico": ("imagemill.imaging.formats.bmp", "IconFile"),
    "jp2": ("imagemill.imaging.formats.jp2_decoder", "Jpeg2000"),
    "jxl": ("imagemill.imaging.formats.jxl_decoder", "JxlFile"),
}
# Least pixels of a reduced WebP per needed pixel, on each side.
_REDUCED_GAP = (5, 4)
_END_OF_IMAGE = b"\xff\xd9"


class _EndlessJpeg(BytesIO):
    """A JPEG stream that always has an end, so that libjpeg fills the rest of a cut file with grey.

    `was_cut` is True afterwards if the end was missing. Pillow's own switch for this is global and
    thus not thread-safe.
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
    """Turn exceptions of a decoder into ImageRejected; only decoder calls belong inside."""
    try:
        yield
    except ImageRejected:
        raise
    except MemoryError as error:
        raise OverBudget(f"this {kind} file needs more memory than is available") from error
    # Hostile bytes raise nearly any exception, SyntaxError included.
    except Exception as error:
        raise CorruptImage(f"the {kind} file is damaged and cannot be shown") from error


def load_decoder(kind: Kind) -> "Callable[[BinaryIO], ImageFile]":
    """Import the decoder for `kind`; raises UnsupportedFormat if its extra is not installed."""
    module, name = _DECODERS[kind]
    try:
        return cast("Callable[[BinaryIO], ImageFile]", getattr(import_module(module), name))
    except ModuleNotFoundError as error:
        raise UnsupportedFormat("HEIC needs the extra: pip install 'imagemill[heif]'") from error


def open_image(data: bytes, kind: Kind) -> "ImageFile":
    """Read the header with the decoder for `kind`; no pixel is decoded.

    Raises CorruptImage, or UnsupportedFormat if the decoder is an extra that is not installed.
    """
    decoder = load_decoder(kind)
    with translating(kind):
        image = decoder(_stream(data, kind))
        if kind == "png":
            image.info |= _packed_in_png(data)
        return image


def decode(image: "ImageFile", kind: Kind, at_least: Size, max_reduction: int = 1) -> bool:
    """Decode the pixels, at reduced size if the format can, but not below `at_least` px.

    Returns True if the file was damaged: the decoded part is there, the rest is blank. Raises
    CorruptImage if nothing could be decoded.
    """
    with translating(kind):
        _prefer_scaled(image, kind, at_least, max_reduction)
        stream = image.fp
        is_damaged = _load(image)
    is_damaged = is_damaged or getattr(image, "is_damaged", False)
    return is_damaged or (isinstance(stream, _EndlessJpeg) and stream.was_cut)


def scale_to_decode(size: Size, at_least: Size, most: int) -> int:
    """Return the largest power of two, up to `most`, by which `size` can be divided.

    The result is not smaller than `at_least`.
    """
    scale = 1
    while (
        scale < most
        and size.width >= 2 * scale * at_least.width
        and size.height >= 2 * scale * at_least.height
    ):
        scale *= 2
    return scale


def reduced_size(size: Size, at_least: Size) -> Size:
    """Return the size at which an opaque WebP is decoded: divided by a whole number.

    It keeps a quarter more than `at_least` on each side, as averaging in resample.py does, so that
    the rendition looks the same.
    """
    more, than = _REDUCED_GAP
    across, down = than * size.width // at_least.width, than * size.height // at_least.height
    divisor = max(1, min(across, down) // more)
    return Size(max(1, size.width // divisor), max(1, size.height // divisor))


def _stream(data: bytes, kind: Kind) -> BinaryIO:
    if kind == "jpeg":
        return _EndlessJpeg(data)
    if kind == "png":
        # Pillow reads, seeks and tells only.
        return cast("BinaryIO", png.without_ballast(data))
    if kind == "avif":
        return BytesIO(avif.with_joined_properties(data))
    if kind == "webp":
        return BytesIO(webp.declare_alpha(webp.completed(data)))
    return BytesIO(data)


def _packed_in_png(data: bytes) -> dict[str | tuple[int, int], object]:
    """Return the profile and XMP, which are compressed and not passed to the decoder."""
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
    if kind == "webp":
        vars(image)["reduced"] = reduced_size(Size(*image.size), at_least)


def _load(image: "ImageFile") -> bool:
    """Load the pixels; return True if the decoder gave up before the end."""
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
