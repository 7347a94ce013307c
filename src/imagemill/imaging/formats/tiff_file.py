"""Build a small TIFF of some strips or tiles for libtiff to decompress. Source: TIFF 6.0."""

import struct
from collections.abc import Sequence

from imagemill.dataclass import dataclass
from imagemill.imaging.formats import tiff_layout as tags
from imagemill.imaging.formats.tiff_layout import TiffLayout

# Field types.
_SHORT, _LONG = 3, 4
# Photometric interpretations that the JPEG codec must know; it gets all others as grey.
_COLOURED = (tags.RGB, tags.CMYK, tags.YCBCR)


@dataclass(frozen=True, slots=True)
class Carrier:
    """Form in which libtiff returns rows, and Pillow's modes for them."""

    mode: str
    raw_mode: str
    as_bytes: bool = False
    """Rows as bytes, 8 bits per sample: only the compression is undone."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """Sample layout as the codecs must know it."""

    width: int
    across: int
    """Width of a tile, px."""
    samples: int
    bits: int
    photometric: int
    predictor: int = 1
    format: int = tags.UNSIGNED
    planar: int = 1


def tiff_of(
    layout: TiffLayout,
    chunks: Sequence[bytes | memoryview],
    rows: tuple[int, int],
    compression: int,
    carrier: Carrier,
) -> bytes:
    """Return a file of these chunks; `rows` are the rows of all and of one chunk."""
    shape = _shape(layout, carrier)
    entries = {
        tags.WIDTH: _longs(shape.width),
        tags.HEIGHT: _longs(rows[0]),
        tags.BITS: _shorts(*[shape.bits] * shape.samples),
        tags.COMPRESSION: _shorts(compression),
        tags.PHOTOMETRIC: _shorts(shape.photometric),
        tags.FILL_ORDER: _shorts(layout.fill_order),
        tags.SAMPLES: _shorts(shape.samples),
        tags.PLANAR: _shorts(shape.planar),
        tags.FORMAT: _shorts(*[shape.format] * shape.samples),
    }
    if shape.predictor != 1:
        entries[tags.PREDICTOR] = _shorts(shape.predictor)
    if layout.is_tiled:
        entries |= {tags.TILE_WIDTH: _longs(shape.across), tags.TILE_HEIGHT: _longs(rows[1])}
    else:
        entries[tags.ROWS_PER_STRIP] = _longs(rows[1])
    if not carrier.as_bytes:
        for tag, field in layout.codec_fields:
            entries[tag] = _Entry(field.type, field.count, field.raw)
    prefix = ">" if layout.order == "big" else "<"
    return _assemble(prefix, entries, chunks, is_tiled=layout.is_tiled)


def _shape(layout: TiffLayout, carrier: Carrier) -> _Shape:
    if carrier.as_bytes:
        across = layout.chunk_row_bytes
        return _Shape(across * layout.columns, across, 1, 8, tags.BLACK_IS_ZERO)
    is_ycbcr = layout.photometric == tags.YCBCR
    is_coloured = layout.photometric in _COLOURED and (is_ycbcr or not layout.is_planar)
    return _Shape(
        layout.width,
        layout.chunk[0],
        samples=layout.samples if is_ycbcr else layout.interleaved,
        bits=layout.bits,
        photometric=layout.photometric if is_coloured else tags.BLACK_IS_ZERO,
        predictor=layout.predictor,
        format=layout.format,
        planar=2 if is_ycbcr and layout.is_planar else 1,
    )


@dataclass(frozen=True, slots=True)
class _Entry:
    """A directory entry; numbers are packed once the byte order is known."""

    type: int
    count: int
    value: bytes | tuple[int, ...]

    def packed(self, prefix: str) -> bytes:
        if isinstance(self.value, bytes):
            return self.value
        code = "H" if self.type == _SHORT else "I"
        return struct.pack(f"{prefix}{self.count}{code}", *self.value)


def _shorts(*numbers: int) -> _Entry:
    return _Entry(_SHORT, len(numbers), numbers)


def _longs(*numbers: int) -> _Entry:
    return _Entry(_LONG, len(numbers), numbers)


def _assemble(
    prefix: str, entries: dict[int, _Entry], chunks: Sequence[bytes | memoryview], *, is_tiled: bool
) -> bytes:
    """Return the file: header, chunks, directory, and values that do not fit into it."""
    offsets, at = [], 8
    for chunk in chunks:
        offsets.append(at)
        at += len(chunk)
    padding = bytes(at % 2)
    at += at % 2
    entries[tags.TILES if is_tiled else tags.STRIPS] = _longs(*offsets)
    counts = tags.TILE_BYTES if is_tiled else tags.STRIP_BYTES
    entries[counts] = _longs(*map(len, chunks))
    spill = at + 2 + 12 * len(entries) + 4
    directory, values = [struct.pack(prefix + "H", len(entries))], []
    for tag, entry in sorted(entries.items()):
        packed = entry.packed(prefix)
        is_short = len(packed) <= 4  # noqa: PLR2004 - stored in the entry itself
        place = packed.ljust(4, b"\0") if is_short else struct.pack(prefix + "I", spill)
        directory.append(struct.pack(prefix + "HHI", tag, entry.type, entry.count) + place)
        if not is_short:
            values.append(packed + bytes(len(packed) % 2))
            spill += len(values[-1])
    magic = struct.pack(prefix + "HI", 42, at)
    head = (b"MM" if prefix == ">" else b"II") + magic
    return b"".join([head, *chunks, padding, *directory, bytes(4), *values])
