"""Decoder of BMP files and icon bitmaps, a band of rows at a time, reduced while decoding."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, cast

from PIL import Image, ImageFile, ImageOps

from imagemill.errors import CorruptImage
from imagemill.imaging.formats.bmp_colour import read_profile
from imagemill.imaging.formats.dib import Dib
from imagemill.imaging.formats.rle import Runs, unpack_runs
from imagemill.imaging.formats.tiff_rows import first_bits
from imagemill.imaging.row_reducer import PART_BYTES, RowReducer

if TYPE_CHECKING:
    from io import BytesIO

    from PIL._imaging import PixelAccess

# BITMAPFILEHEADER, bytes.
_FILE_HEADER_BYTES = 14
# Offset of the bitmap in an icon file with one entry: header and directory entry come before.
_ICON_BITMAP = 22
# Offset of the height in the icon's directory entry, px; 0 means 256.
_ICON_HEIGHT = 7
# Limits of one band of rows.
_BAND_BYTES, _BAND_PIXELS = 4 << 20, 1 << 20
# Copies of a band in memory: as stored, reordered, as a channel, and as pixels.
_BAND_COPIES = 4
# Copies of the pixels of an RLE bitmap: indices, the mask of drawn pixels, and its source.
_RLE_COPIES = 3
# CPU time of one run, ns. Measured on an AMD EPYC of a cloud, plus a quarter.
_RUN_NS = 500
# Pillow's raw mode for bits per pixel and colour masks that it can unpack directly.
_RAW_MODES = {
    (16, (0x7C00, 0x03E0, 0x001F, 0)): "BGR;15",
    (16, (0xF800, 0x07E0, 0x001F, 0)): "BGR;16",
    (24, (0xFF0000, 0x00FF00, 0x0000FF, 0)): "BGR",
    (32, (0xFF0000, 0x00FF00, 0x0000FF, 0)): "BGRX",
}
# Pixels of some rows, and whether the file has all of them.
_Rows = tuple[Image.Image, bool]


class BmpFile(ImageFile.ImageFile):
    """A bitmap; pixels may be transparent by an alpha mask or by RLE.

    Set `reduction` before `load` to divide the sides by 2, 4 or 8 while decoding. The pixels come
    in a mode that can be resampled.
    """

    format = "BMP"
    format_description = "Windows Bitmap"
    reduction = 1

    def _open(self) -> None:
        self._dib = self._read_header(self._data)
        dib = self._dib
        self._mode = _mode(dib)
        self._size = (dib.width, dib.height)
        if self._mode == "P":
            self.putpalette(dib.palette)
        self.info["bytes_per_band"] = PART_BYTES + _BAND_COPIES * _BAND_BYTES
        if dib.is_rle:
            self.info["bytes_per_band"] += _RLE_COPIES * dib.width * dib.height
            self.info["extra_cpu_s"] = (len(self._data) - dib.pixels) / 2 * _RUN_NS / 1e9
        profile = read_profile(self._data, self._header_at, dib)
        if profile:
            self.info["icc_profile"] = profile
        self.tile = [ImageFile._Tile("bmp", (0, 0, *self._size), 0, ())]  # noqa: SLF001

    _header_at = _FILE_HEADER_BYTES

    @cached_property
    def _data(self) -> bytes:
        return cast("BytesIO", self.fp).getvalue()

    def _read_header(self, data: bytes) -> Dib:
        pixels = int.from_bytes(data[10:14], "little")
        return Dib.read(data, _FILE_HEADER_BYTES, pixels)

    def _alpha(self) -> "Callable[[int, int], Image.Image] | None":
        """Return a function that gives the alpha of some rows; None if all pixels are opaque."""
        mask = self._dib.masks[3]
        if not mask or not _is_used(self._data, self._dib, mask):
            return None
        return lambda top, bottom: _channel(self._data, self._dib, mask, top, bottom)[0]

    def load(self) -> "PixelAccess | None":
        """Decode the pixels; raise OSError, with the decoded part in place, if some are missing."""
        if self.tile:
            pixels, is_whole = self._decode()
            self._im, self._mode, self._size = pixels.im, pixels.mode, pixels.size
            self.palette = None
            self.tile = []
            if not is_whole:
                raise OSError("the bitmap is damaged or cut short")
        return super().load()

    def _decode(self) -> _Rows:
        dib, data = self._dib, self._data
        runs = None
        if dib.is_rle:
            runs = unpack_runs(data, dib.pixels, dib.width, dib.height, dib.bits)
        alpha, reducer = self._alpha(), RowReducer(dib.height, self.reduction)
        is_whole = True
        for top, bottom in _bands(dib):
            pixels, is_there = (
                _run_rows(runs, dib, top, bottom) if runs else _rows(data, dib, top, bottom)
            )
            if alpha:
                pixels = pixels.convert("RGB")
                pixels.putalpha(alpha(top, bottom))
            reducer.add(pixels)
            is_whole = is_whole and is_there
        return reducer.finished(), is_whole


class IconFile(BmpFile):
    """The bitmap of an icon with one entry: twice the height, the lower half a transparency mask.

    The alpha of a 32-bit bitmap counts if any of it is not 0, else the mask, as in Windows.
    """

    format = "ICO"
    format_description = "Windows Icon"
    _header_at = _ICON_BITMAP

    def _open(self) -> None:
        super()._open()
        self._mode = "PA" if self._mode in ("P", "1") else "RGBA"

    def _read_header(self, data: bytes) -> Dib:
        dib = Dib.read(data, _ICON_BITMAP)
        if dib.is_rle:
            raise CorruptImage("an icon cannot hold a run-length encoded bitmap")
        icon_height = data[_ICON_HEIGHT] or 256
        end = dib.pixels + dib.height * dib.row_bytes
        is_single = dib.height == icon_height and end <= len(data)
        if dib.bits == 32 and not dib.masks[3]:  # noqa: PLR2004
            dib = replace(dib, masks=(*dib.masks[:3], 0xFF000000))
        return dib if is_single else replace(dib, height=max(1, dib.height // 2))

    def _alpha(self) -> "Callable[[int, int], Image.Image] | None":
        return super()._alpha() or self._by_mask

    def _by_mask(self, top: int, bottom: int) -> Image.Image:
        """Return rows of the mask, where set bits are transparent; missing rows are opaque."""
        dib = self._dib
        start = dib.pixels + dib.height * dib.row_bytes
        mask = replace(dib, bits=1, pixels=start, masks=(0, 0, 0, 0))
        raw, _ = _raw(self._data, mask, top, bottom)
        order = 1 if dib.is_top_down else -1
        size = (dib.width, bottom - top)
        return Image.frombytes("1", size, raw, "raw", ("1;I", mask.row_bytes, order)).convert("L")


def _mode(dib: Dib) -> str:
    """Return the Pillow mode that stands for the palette, grey or alpha of the bitmap."""
    if dib.bits > 8:  # noqa: PLR2004
        return "RGBA" if dib.masks[3] else "RGB"
    if dib.is_rle:
        return "PA"
    if dib.is_grey and dib.bits in (1, 8):
        return "1" if dib.bits == 1 else "L"
    return "P"


def _bands(dib: Dib) -> Iterator[tuple[int, int]]:
    """Yield the bands: first row, counted from the top, and the row after the last."""
    step = max(1, min(_BAND_BYTES // dib.row_bytes, _BAND_PIXELS // dib.width))
    for top in range(0, dib.height, step):
        yield top, min(top + step, dib.height)


def _raw(data: bytes, dib: Dib, top: int, bottom: int) -> tuple[bytes, bool]:
    """Return rows as stored, padded with zeros, and whether the file has all of them."""
    first = top if dib.is_top_down else dib.height - bottom
    start, size = dib.pixels + first * dib.row_bytes, (bottom - top) * dib.row_bytes
    found = data[start : start + size]
    return found.ljust(size, b"\0"), len(found) == size


def _rows(data: bytes, dib: Dib, top: int, bottom: int) -> _Rows:
    """Return some rows as pixels without alpha."""
    size, order = (dib.width, bottom - top), 1 if dib.is_top_down else -1
    if dib.bits <= 8:  # noqa: PLR2004
        raw, is_whole = _raw(data, dib, top, bottom)
        raw_mode = "P" if dib.bits == 8 else f"P;{dib.bits}"  # noqa: PLR2004
        indices = Image.frombytes("P", size, raw, "raw", (raw_mode, dib.row_bytes, order))
        return _coloured(indices, dib), is_whole
    raw_mode = _RAW_MODES.get((dib.bits, (*dib.masks[:3], 0)), "")
    if raw_mode:
        raw, is_whole = _raw(data, dib, top, bottom)
        pixels = Image.frombytes("RGB", size, raw, "raw", (raw_mode, dib.row_bytes, order))
        return pixels, is_whole
    channels = [_channel(data, dib, mask, top, bottom) for mask in dib.masks[:3]]
    bands = [pixels for pixels, _ in channels]
    return Image.merge("RGB", bands), all(is_whole for _, is_whole in channels)


def _run_rows(runs: Runs, dib: Dib, top: int, bottom: int) -> _Rows:
    first = top if dib.is_top_down else dib.height - bottom
    part = slice(first * dib.width, (first + bottom - top) * dib.width)
    size = (dib.width, bottom - top)
    pixels = _coloured(Image.frombytes("P", size, bytes(runs.indices[part])), dib)
    if runs.clear is not None:
        pixels = pixels.convert("RGB")
        pixels.putalpha(Image.frombytes("L", size, bytes(runs.clear[part])))
    return pixels if dib.is_top_down else ImageOps.flip(pixels), runs.is_whole


def _coloured(indices: Image.Image, dib: Dib) -> Image.Image:
    """Return palette indices as colours; an index beyond the palette is black."""
    if dib.is_grey:
        greys = dib.palette[::3].ljust(256, b"\0")
        return Image.frombytes("L", indices.size, indices.tobytes().translate(greys))
    indices.putpalette(dib.palette.ljust(768, b"\0"))
    return indices.convert("RGB")


def _channel(data: bytes, dib: Dib, mask: int, top: int, bottom: int) -> _Rows:
    """Return the bits of a mask scaled to 0 to 255; zeros if the mask is empty."""
    raw, is_whole = _raw(data, dib, top, bottom)
    size, width = dib.bits // 8, dib.row_bytes * 8 // dib.bits
    if not mask:
        return Image.new("L", (dib.width, bottom - top)), is_whole
    highest_first = bytearray(len(raw))
    for at in range(size):
        highest_first[at::size] = raw[size - 1 - at :: size]
    count = mask.bit_length() - (mask & -mask).bit_length() + 1
    values = first_bits(bytes(highest_first), size, dib.bits - mask.bit_length(), min(count, 8))
    pixels = Image.frombytes("L", (width, bottom - top), values).point(_scale(count))
    pixels = pixels.crop((0, 0, dib.width, bottom - top))
    return pixels if dib.is_top_down else ImageOps.flip(pixels), is_whole


def _scale(bits: int) -> list[int]:
    """Return a table from a byte that holds a value in its top `bits` bits to 0 to 255."""
    if bits >= 8:  # noqa: PLR2004
        return list(range(256))
    most = (1 << bits) - 1
    return [((value >> 8 - bits) * 255 + most // 2) // most for value in range(256)]


def _is_used(data: bytes, dib: Dib, mask: int) -> bool:
    """Return True if any pixel has alpha; many programs write 0 everywhere for no alpha."""
    return any(
        _channel(data, dib, mask, top, bottom)[0].getextrema() != (0, 0)
        for top, bottom in _bands(dib)
    )
