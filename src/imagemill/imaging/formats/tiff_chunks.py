"""Decompress strips and tiles of a TIFF, a band of rows at a time.

libtiff, which is part of Pillow, only reads a small file made here: the compressed bytes of some
rows and a directory with the tags that their codec needs. So memory depends on the size of a strip,
not of the image, and only libtiff's codecs read bytes of the uploaded file.
"""

import zlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import replace

from PIL import Image

from imagemill.dataclass import dataclass
from imagemill.imaging.formats import tiff_layout as tags
from imagemill.imaging.formats.tiff_file import Carrier, tiff_of
from imagemill.imaging.formats.tiff_layout import TiffLayout

# Decompressed bytes, and pixels, decoded at a time if the strips are small enough.
BAND_BYTES, _BAND_PIXELS = 4 << 20, 4 << 20
# Larger strips of Deflate are inflated in parts.
_INFLATED_FROM_BYTES = 2 * BAND_BYTES
# Compressed bytes passed to zlib at a time.
_FEED_BYTES = 1 << 18
_SPLITTABLE = (tags.DEFLATE, tags.OLD_DEFLATE)


@dataclass(frozen=True, slots=True)
class Band:
    """Some rows of the image, still compressed."""

    rows: int
    planes: tuple[tuple[bytes | memoryview, ...], ...]
    """For each plane its chunks in reading order."""
    chunk_rows: int
    compression: int
    is_whole: bool
    """The file has all bytes of it."""


def rows_per_band(layout: TiffLayout) -> int:
    """Return the rows decoded at a time: as many as fit, at least those of one chunk."""
    row = layout.chunk_row_bytes * layout.columns * layout.planes
    rows = max(1, min(BAND_BYTES // row, _BAND_PIXELS // layout.width))
    if is_split(layout):
        return min(rows, layout.chunk[1])
    return max(1, rows // layout.chunk[1]) * layout.chunk[1]


def is_split(layout: TiffLayout) -> bool:
    """Return True if chunks are large and can be decoded in parts."""
    size = layout.chunk_row_bytes * layout.chunk[1]
    if size < _INFLATED_FROM_BYTES or layout.photometric == tags.YCBCR:
        return False
    is_inflated = layout.compression in _SPLITTABLE and not layout.is_tiled
    return layout.compression == tags.NONE or (is_inflated and layout.fill_order == 1)


def bands(data: bytes, layout: TiffLayout) -> Iterator[Band]:
    """Yield all rows in bands from top to bottom."""
    view = memoryview(data)
    if not is_split(layout):
        return _bands_of_chunks(view, layout)
    if layout.compression == tags.NONE:
        return _bands_of_plain_rows(view, layout)
    return _bands_of_inflated_rows(view, layout)


def decode_band(
    layout: TiffLayout, band: Band, plane: int, carrier: Carrier
) -> tuple[Image.Image, bool]:
    """Return the rows of one plane, or of all if interleaved, and whether all could be decoded.

    Rows that cannot be decoded are blank. If a band of several chunks fails, each row of chunks is
    tried by itself.
    """
    width = layout.chunk_row_bytes * layout.columns if carrier.as_bytes else layout.width
    pixels = Image.new(carrier.mode, (width, band.rows))
    try:
        chunks = sum(band.planes, ()) if layout.photometric == tags.YCBCR else band.planes[plane]
        data = tiff_of(layout, chunks, (band.rows, band.chunk_rows), band.compression, carrier)
        pixels.frombytes(data, "libtiff", (carrier.raw_mode, False, 0))
    except (ValueError, OSError):
        if band.rows <= band.chunk_rows:
            return pixels, False
    else:
        return pixels, band.is_whole
    pixels = Image.new(carrier.mode, (width, band.rows))
    top = 0
    for part in _split(band, layout.columns):
        rows, _ = decode_band(layout, part, plane, carrier)
        pixels.paste(rows, (0, top))
        top += part.rows
    return pixels, False


def _bands_of_chunks(data: memoryview, layout: TiffLayout) -> Iterator[Band]:
    """Yield bands of as many rows of chunks as fit."""
    down, columns = -(-layout.height // layout.chunk[1]), layout.columns
    step = max(1, rows_per_band(layout) // layout.chunk[1])
    for first in range(0, down, step):
        last = min(first + step, down)
        rows = min(last * layout.chunk[1], layout.height) - first * layout.chunk[1]
        planes, is_whole = [], True
        for plane in range(layout.planes):
            start = plane * down * columns
            numbers = range(start + first * columns, start + last * columns)
            chunks = [_chunk(data, layout, number) for number in numbers]
            planes.append(tuple(packed for packed, _ in chunks))
            is_whole = is_whole and all(is_there for _, is_there in chunks)
        yield Band(rows, tuple(planes), layout.chunk[1], layout.compression, is_whole)


def _chunk(data: memoryview, layout: TiffLayout, number: int) -> tuple[bytes | memoryview, bool]:
    """Return a compressed chunk and whether the file has all of it."""
    if number >= len(layout.offsets):
        return b"", False
    start = layout.offsets[number]
    count = layout.counts[number] if number < len(layout.counts) else 0
    if layout.compression == tags.NONE and layout.photometric != tags.YCBCR:
        size = _plain_bytes(layout, number)
        there = min(size, count) if count and len(layout.offsets) > layout.planes else size
        return _padded(data[start : start + there], size)
    if not count:
        following = bisect_right(layout.sorted_offsets, start)
        later = layout.sorted_offsets[following : following + 1]
        count = (later[0] if later else len(data)) - start
    return data[start : start + count], start > 0 and start + count <= len(data)


def _plain_bytes(layout: TiffLayout, number: int) -> int:
    """Return the decompressed size of a chunk; the last strip has the remaining rows."""
    rows = layout.chunk[1]
    if not layout.is_tiled:
        down = -(-layout.height // rows)
        rows = min(rows, layout.height - number % down * rows)
    return layout.chunk_row_bytes * rows


def _padded(found: bytes | memoryview, size: int) -> tuple[bytes | memoryview, bool]:
    """Return `size` bytes, with zeros where the file lacks them, and whether it lacks none."""
    missing = size - len(found)
    return (b"".join((found, bytes(missing))) if missing else found), not missing


def _bands_of_plain_rows(data: memoryview, layout: TiffLayout) -> Iterator[Band]:
    """Yield parts of large uncompressed chunks, whose rows can be addressed."""
    step, row = rows_per_band(layout), layout.chunk_row_bytes
    down, columns = -(-layout.height // layout.chunk[1]), layout.columns
    for top in range(0, layout.height, layout.chunk[1]):
        height = min(layout.chunk[1], layout.height - top)
        for y in range(0, height, step):
            rows = min(step, height - y)
            planes, is_whole = [], True
            for plane in range(layout.planes):
                number = (plane * down + top // layout.chunk[1]) * columns
                starts = [start + y * row for start in layout.offsets[number : number + columns]]
                parts = [_padded(data[start : start + rows * row], rows * row) for start in starts]
                planes.append(tuple(part for part, _ in parts))
                is_whole = is_whole and all(is_there for _, is_there in parts)
            yield Band(rows, tuple(planes), rows, layout.compression, is_whole)


def _bands_of_inflated_rows(data: memoryview, layout: TiffLayout) -> Iterator[Band]:
    """Yield parts of large Deflate strips, inflated here and wrapped without compression."""
    step, row = rows_per_band(layout), layout.chunk_row_bytes
    down = -(-layout.height // layout.chunk[1])
    for strip in range(down):
        height = min(layout.chunk[1], layout.height - strip * layout.chunk[1])
        packed = [_chunk(data, layout, plane * down + strip)[0] for plane in range(layout.planes)]
        streams = [_inflated(stream, step * row) for stream in packed]
        for y in range(0, height, step):
            rows = min(step, height - y)
            parts = [_padded(next(stream, b"")[: rows * row], rows * row) for stream in streams]
            planes = tuple((zlib.compress(part, 0),) for part, _ in parts)
            is_whole = all(is_there for _, is_there in parts)
            yield Band(rows, planes, rows, tags.DEFLATE, is_whole)


def _inflated(packed: bytes | memoryview, size: int) -> Iterator[bytes]:
    """Yield the inflated bytes in pieces of `size` bytes, as far as `packed` is intact."""
    inflating, held = zlib.decompressobj(), bytearray()
    for at in range(0, len(packed), _FEED_BYTES):
        fed = packed[at : at + _FEED_BYTES]
        while fed or len(held) >= size:
            try:
                held += inflating.decompress(fed, size)
            except zlib.error:
                yield bytes(held)
                return
            fed = inflating.unconsumed_tail
            while len(held) >= size:
                yield bytes(held[:size])
                del held[:size]
        if inflating.eof:
            break
    yield bytes(held)


def _split(band: Band, columns: int) -> Iterator[Band]:
    """Yield each row of chunks of a band as a band."""
    for top in range(0, band.rows, band.chunk_rows):
        first = top // band.chunk_rows * columns
        planes = tuple(chunks[first : first + columns] for chunks in band.planes)
        yield replace(band, rows=min(band.chunk_rows, band.rows - top), planes=planes)
