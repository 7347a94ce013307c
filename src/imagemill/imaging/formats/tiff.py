"""Decode TIFF a band of rows at a time, reduced while decoding.

The directories are read here, so that sizes are known before any decoder runs. libtiff decompresses
the strips and tiles. See docs/decisions/2026-11-29-tiff-in-bands.md.
"""

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, cast

from PIL import Image, ImageFile, ImagePalette

from imagemill.errors import OverBudget, UnsupportedFormat
from imagemill.imaging.formats import old_jpeg
from imagemill.imaging.formats import tiff_layout as tags
from imagemill.imaging.formats.tiff_chunks import bands, is_split, rows_per_band
from imagemill.imaging.formats.tiff_directory import Format
from imagemill.imaging.formats.tiff_layout import TiffLayout, read_tiff_layout
from imagemill.imaging.formats.tiff_numbers import Range, to_grey
from imagemill.imaging.formats.tiff_pages import find_page
from imagemill.imaging.formats.tiff_samples import (
    check_decodable,
    depth_of,
    is_direct,
    is_measured,
    mode_of,
    palette_of,
    read_samples,
    settled,
)
from imagemill.imaging.modes import to_resampled
from imagemill.imaging.row_reducer import PART_BYTES, RowReducer

if TYPE_CHECKING:
    from io import BytesIO

    from PIL._imaging import PixelAccess

# Tags.
_ORIENTATION, _ARTIST, _COPYRIGHT = 0x0112, 0x013B, 0x8298
_XMP, _PROFILE = 700, 34_675
_CREDIT_TAGS = (_ARTIST, _COPYRIGHT)
# Memory that one band may take, bytes.
_MAX_BAND_BYTES = 400 << 20
# CPU time per sample, ns: cut out of its row, summed up in Python, or converted to sRGB's curve.
# Measured on noise of 1 megapixel on an AMD EPYC of a cloud, plus a quarter.
_SAMPLE_NS, _SUMMED_NS, _FLOAT_NS = 35, 160, 110
# Copies of an inflated part of a strip: inflated, cut to size, wrapped, in a file, and in libtiff.
_INFLATED_COPIES = 5
# Copies of rows whose samples are cut out: decompressed, as bytes, and sample by sample.
_UNPACKED_COPIES = 4


class TiffFile(ImageFile.ImageFile):
    """The first image of a TIFF in full resolution, as stored; the orientation is in `info`.

    Set `reduction` before `load` to divide the sides by 2, 4 or 8 while decoding. The pixels come
    in a mode that can be resampled.
    """

    format = "TIFF"
    format_description = "TIFF"
    reduction = 1
    shows_low_bytes = False
    """Decode the lower half of samples with 16 bits."""

    def _open(self) -> None:
        data = cast("BytesIO", self.fp).getvalue()
        page = find_page(data, Format.read(data))
        directory = page.directory
        self._layout = read_tiff_layout(directory)
        check_decodable(self._layout)
        self._directory = directory
        self.n_frames = page.count
        self._mode = mode_of(self._layout)
        self.depth = depth_of(self._layout)
        self._size = (self._layout.width, self._layout.height)
        if self._layout.photometric == tags.PALETTE:
            self.palette = ImagePalette.raw("RGB", palette_of(self._layout))
        self.info["orientation"] = directory.number(_ORIENTATION, 1)
        self.info["bytes_per_band"] = _band_bytes(self._layout)
        self.info["extra_cpu_s"] = _extra_cpu_s(self._layout)
        if self.info["bytes_per_band"] > _MAX_BAND_BYTES:
            raise OverBudget("one strip or tile of the TIFF file needs too much memory")
        self.tag_v2 = {
            tag: text
            for source in (page.first, directory)
            for tag in _CREDIT_TAGS
            if (text := source.text(tag))
        }
        if xmp := directory.bytes(_XMP) or page.first.bytes(_XMP):
            self.info["xmp"] = xmp
        self._profile = directory.bytes(_PROFILE) or None
        if self._profile and not _converts_itself(self._layout):
            self.info["icc_profile"] = self._profile
        self.tile = [ImageFile._Tile("tiff", (0, 0, *self._size), 0, ())]  # noqa: SLF001

    def load(self) -> "PixelAccess | None":
        """Decode the pixels; raise OSError, with the decoded part in place, if some are missing."""
        if self.tile:
            pixels, is_whole = self._decode()
            self._im, self._mode, self._size = pixels.im, pixels.mode, pixels.size
            self.palette = None
            self.tile = []
            if not is_whole:
                raise OSError("the TIFF file is damaged or cut short")
        return super().load()

    def _decode(self) -> tuple[Image.Image, bool]:
        data = cast("BytesIO", self.fp).getvalue()
        layout = replace(self._layout, shows_low_bytes=self.shows_low_bytes)
        if layout.compression == tags.OLD_JPEG:
            return old_jpeg.decode(data, layout, self._directory, self.reduction)
        rows = bands(data, layout)
        first = next(rows)
        layout = settled(layout, first)
        numbers = Range() if is_measured(layout) else None
        reducer = RowReducer(
            layout.height, self.reduction, numbers.add if numbers else to_resampled
        )
        is_whole = True
        for band in chain((first,), rows):
            pixels, is_all_there = read_samples(layout, band, self._profile)
            reducer.add(pixels)
            is_whole = is_whole and is_all_there
        return _finished(reducer, numbers, layout), is_whole


def _finished(reducer: RowReducer, numbers: Range | None, layout: TiffLayout) -> Image.Image:
    """Return the whole image; measured greys are scaled now that their range is known."""
    whole = reducer.finished()
    if numbers:
        is_inverted = layout.photometric == tags.WHITE_IS_ZERO
        return to_grey(whole, *numbers.shown(layout), is_inverted=is_inverted)
    colours = whole.split()[: layout.colours] if layout.format == tags.FLOAT else ()
    if colours and all(colour.getextrema() == (255, 255) for colour in colours):
        raise UnsupportedFormat("floating-point colours must be from 0 to 1")
    return whole


def _converts_itself(layout: TiffLayout) -> bool:
    """Return True if the colours are sRGB already: CMYK and Lab with alpha."""
    is_mixed = layout.photometric in (tags.CMYK, tags.CIE_LAB, tags.ICC_LAB)
    return is_mixed and layout.alpha is not None


def _band_bytes(layout: TiffLayout) -> int:
    """Return the memory of one band: its rows decompressed, and as pixels."""
    if layout.compression == tags.OLD_JPEG:
        return layout.width * layout.height * 8
    rows = min(rows_per_band(layout), -(-layout.height // layout.chunk[1]) * layout.chunk[1])
    packed = layout.chunk_row_bytes * layout.columns * layout.planes * rows
    pixels = (1 if layout.is_grey else 4) * layout.width * min(rows, layout.height)
    if is_split(layout):
        packed *= _INFLATED_COPIES
    if is_direct(layout):
        return packed + pixels + PART_BYTES
    return _UNPACKED_COPIES * packed + 2 * pixels + PART_BYTES


def _extra_cpu_s(layout: TiffLayout) -> float:
    """Return the CPU time beyond that of pixels which libtiff returns directly, seconds."""
    if is_direct(layout):
        return 0.0
    is_float = layout.format == tags.FLOAT and not is_measured(layout)
    is_summed = layout.predictor == tags.DIFFERENCES and layout.bits * layout.interleaved > 32  # noqa: PLR2004
    ns = _FLOAT_NS if is_float else _SUMMED_NS if is_summed else _SAMPLE_NS
    return layout.width * layout.height * layout.samples * ns / 1e9
