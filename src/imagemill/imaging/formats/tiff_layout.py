"""Read the sample layout of a TIFF image. Source of all format facts: TIFF 6.0 and supplements."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from imagemill.errors import CorruptImage, UnsupportedFormat
from imagemill.imaging.formats.tiff_directory import ByteOrder, Directory, Field

# Tags.
WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
STRIPS, SAMPLES, ROWS_PER_STRIP, STRIP_BYTES, PLANAR, PREDICTOR = 273, 277, 278, 279, 284, 317
COLOUR_MAP, TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES = 320, 322, 323, 324, 325
EXTRA, FORMAT = 338, 339
_COEFFICIENTS, _SUBSAMPLING = 529, 530
# T4Options, T6Options, JPEGTables, and four for YCbCr: passed on to the codecs.
_CODEC_TAGS = (292, 293, 347, 529, 530, 531, 532)

# Photometric interpretations, then sample formats.
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, CIE_LAB, ICC_LAB = 0, 1, 2, 3, 5, 6, 8, 9
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
# Sample format "undefined", which is read as unsigned.
_UNDEFINED = 4
# Colour samples of each photometric interpretation.
_COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3} | {
    CIE_LAB: 3,
    ICC_LAB: 3,
}
# Compressions.
NONE, OLD_JPEG, JPEG, DEFLATE, OLD_DEFLATE = 1, 6, 7, 8, 32_946
# CCITT: Huffman RLE, T.4, T.6, and RLE aligned to words.
FAX = frozenset((2, 3, 4, 32_771))
# Compressions of NeXT (2 bits per pixel) and ThunderScan (4 bits).
_NEXT, _THUNDERSCAN = 32_766, 32_809
# Compressions of bytes, not pixels: none, LZW, Deflate, PackBits, old Deflate, LZMA, Zstandard.
BYTE_PACKINGS = frozenset((NONE, 5, DEFLATE, 32_773, OLD_DEFLATE, 34_925, 50_000))
# Compressions to which libtiff applies a predictor.
_PREDICTED = BYTE_PACKINGS - {NONE, 32_773}
# Predictors.
DIFFERENCES, FLOAT_DIFFERENCES = 2, 3
# Most samples per pixel and bits per sample that are decoded.
_MAX_SAMPLES = 32
_MAX_BITS = 64
# ExtraSamples that are alpha: associated, unassociated, and Corel Draw's number for it.
_ALPHAS = (1, 2, 999)
# Alpha that the colours have been multiplied with.
_ASSOCIATED = 1


@dataclass(frozen=True)
class TiffLayout:
    """Place and meaning of each sample of an image; sizes in px."""

    width: int
    height: int
    bits: int
    """Bits of one sample."""
    samples: int
    """Samples of one pixel, including those that are not shown."""
    format: int
    photometric: int
    is_planar: bool
    """Each sample has its own chunks."""
    predictor: int
    compression: int
    fill_order: int
    order: ByteOrder
    chunk: tuple[int, int]
    """Width and height of a tile or strip."""
    is_tiled: bool
    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    alpha: int | None
    """Index of the alpha sample."""
    is_premultiplied: bool
    colour_map: tuple[int, ...]
    """All reds, then all greens, then all blues, from 0 to 65,535."""
    codec_fields: tuple[tuple[int, Field], ...]
    shows_low_bytes: bool = False
    """The lower half of samples with 16 bits is decoded."""

    @cached_property
    def colours(self) -> int:
        """Number of colour samples."""
        return _COLOURS[self.photometric]

    @cached_property
    def interleaved(self) -> int:
        """Samples side by side in a row: all, or one if each has its own plane."""
        return 1 if self.is_planar else self.samples

    @cached_property
    def planes(self) -> int:
        """Number of planes, each with its own chunks."""
        return self.samples if self.is_planar else 1

    @cached_property
    def columns(self) -> int:
        """Chunks next to each other across the image."""
        return -(-self.width // self.chunk[0])

    @cached_property
    def chunk_row_bytes(self) -> int:
        """Decompressed size of one row of one chunk."""
        return -(-self.chunk[0] * self.interleaved * self.bits // 8)

    @cached_property
    def sorted_offsets(self) -> list[int]:
        """Offsets of the chunks in ascending order."""
        return sorted(self.offsets)

    @property
    def is_grey(self) -> bool:
        """True if the colour is a single grey sample."""
        return self.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO)


def read_tiff_layout(page: Directory) -> TiffLayout:
    """Read the tags of an image.

    Raises UnsupportedFormat for a layout that is not decoded here, CorruptImage for contradicting
    tags.
    """
    layout = _read(page)
    if layout.width <= 0 or layout.height <= 0 or min(layout.chunk) <= 0:
        raise CorruptImage("the TIFF file has no width or height")
    _check_samples(layout, page)
    _check_packing(layout)
    return layout


def _read(page: Directory) -> TiffLayout:
    width, height = page.number(WIDTH), page.number(HEIGHT)
    compression = page.number(COMPRESSION, NONE)
    extras = page.numbers(EXTRA)
    samples = page.number(SAMPLES) or len(page.numbers(BITS)) or 1
    photometric = _photometric(page, samples - len(extras), compression)
    if compression == OLD_JPEG and photometric in (RGB, YCBCR) and SAMPLES not in page:
        samples = 3
    alpha = next((at for at, kind in enumerate(extras) if kind in _ALPHAS), None)
    is_tiled = _is_tiled(page, width, height)
    rows = _rows_per_strip(page, height, samples)
    tile = (page.number(TILE_WIDTH), page.number(TILE_HEIGHT))
    sample_format = page.number(FORMAT, UNSIGNED) or UNSIGNED
    is_four_without_word = photometric == RGB and samples == 4 and not extras  # noqa: PLR2004
    return TiffLayout(
        width,
        height,
        bits=page.number(BITS, 1),
        samples=samples,
        format=UNSIGNED if sample_format == _UNDEFINED else sample_format,
        photometric=photometric,
        is_planar=page.number(PLANAR, 1) == 2 and samples > 1,  # noqa: PLR2004 - separate planes
        predictor=page.number(PREDICTOR, 1) if compression in _PREDICTED else 1,
        compression=compression,
        fill_order=page.number(FILL_ORDER, 1),
        order=page.format.order,
        chunk=tile if is_tiled else (width, rows),
        is_tiled=is_tiled,
        offsets=page.numbers(TILES) or page.numbers(STRIPS),
        counts=page.numbers(TILE_BYTES) or page.numbers(STRIP_BYTES),
        alpha=3
        if is_four_without_word
        else None
        if alpha is None
        else samples - len(extras) + alpha,
        is_premultiplied=alpha is not None and extras[alpha] == _ASSOCIATED,
        colour_map=_colour_map(page),
        codec_fields=tuple(_codec_fields(page)),
    )


def _photometric(page: Directory, colours: int, compression: int) -> int:
    """Return the photometric interpretation; if the tag is missing, as libtiff guesses it."""
    if PHOTOMETRIC in page:
        found = page.number(PHOTOMETRIC)
        return YCBCR if compression == OLD_JPEG and found == RGB else found
    if compression in (OLD_JPEG, JPEG) and colours == 3:  # noqa: PLR2004
        return YCBCR
    if colours == 1:
        return WHITE_IS_ZERO if compression in FAX else BLACK_IS_ZERO
    if colours == 3:  # noqa: PLR2004
        return RGB
    raise UnsupportedFormat("the TIFF file does not say what its samples mean")


def _rows_per_strip(page: Directory, height: int, samples: int) -> int:
    """Return the rows per strip; an equal share if there are more strips than that gives."""
    rows = min(page.number(ROWS_PER_STRIP, height) or height, height)
    planes = samples if page.number(PLANAR, 1) == 2 else 1  # noqa: PLR2004
    strips = len(page.numbers(STRIPS)) // planes
    return -(-height // strips) if rows == height and 1 < strips <= height else rows


def _is_tiled(page: Directory, width: int, height: int) -> bool:
    """Return True for tiles, also if their offsets are stored under the tag of strips."""
    across, down = page.number(TILE_WIDTH), page.number(TILE_HEIGHT)
    if across <= 0 or down <= 0:
        return False
    if TILES in page:
        return True
    rows = page.number(ROWS_PER_STRIP, height) or height
    tiles, strips = -(-width // across) * -(-height // down), -(-height // rows)
    found = len(page.numbers(STRIPS))
    return ROWS_PER_STRIP not in page or found % tiles == 0 or found % strips != 0


def _codec_fields(page: Directory) -> Iterator[tuple[int, Field]]:
    for tag in _CODEC_TAGS:
        field = page.field(tag)
        if field and (tag != _COEFFICIENTS or all(field.denominators)):
            yield tag, field


def _colour_map(page: Directory) -> tuple[int, ...]:
    """Return the palette; values that were written with 8 instead of 16 bits are scaled up."""
    colours = page.numbers(COLOUR_MAP)
    is_narrow = bool(colours) and max(colours) <= 255  # noqa: PLR2004
    return tuple(257 * colour for colour in colours) if is_narrow else colours


def _check_samples(layout: TiffLayout, page: Directory) -> None:
    is_palette = layout.photometric == PALETTE
    if (
        layout.photometric not in _COLOURS
        or not _COLOURS[layout.photometric] <= layout.samples <= _MAX_SAMPLES
        or not 1 <= layout.bits <= _MAX_BITS
        or len(set(page.numbers(BITS)[: layout.samples])) > 1
        or layout.format not in (UNSIGNED, SIGNED, FLOAT)
        or (layout.format == FLOAT and layout.bits not in (16, 32, 64))
        or (is_palette and (layout.bits not in (*range(1, 9), 16) or layout.format != UNSIGNED))
        or (is_palette and len(layout.colour_map) < 3 << layout.bits)
    ):
        raise UnsupportedFormat(f"this layout of TIFF samples is not supported: {_name(layout)}")


def _check_packing(layout: TiffLayout) -> None:
    """Raise unless the compression is known and can hold these samples."""
    bits, compression = layout.bits, layout.compression
    pixels = {_NEXT: 2, _THUNDERSCAN: 4, JPEG: 8, OLD_JPEG: 8} | dict.fromkeys(FAX, 1)
    is_known = compression in BYTE_PACKINGS or pixels.get(compression) == bits
    is_summed = layout.predictor == DIFFERENCES and bits not in (8, 16, 32)
    is_odd = layout.predictor == FLOAT_DIFFERENCES and layout.format != FLOAT
    is_odd = is_odd or layout.predictor > FLOAT_DIFFERENCES
    if not is_known or is_summed or is_odd or _is_odd_ycbcr(layout):
        raise UnsupportedFormat(f"this compression of TIFF is not supported: {_name(layout)}")
    is_old_jpeg = compression == OLD_JPEG
    if not is_old_jpeg and len(layout.offsets) < layout.columns * layout.planes:
        raise CorruptImage("the TIFF file lacks the offsets of its strips or tiles")


def _is_odd_ycbcr(layout: TiffLayout) -> bool:
    """Return True for YCbCr that libtiff does not convert: not 8 bits, or subsampled planes."""
    if layout.photometric != YCBCR:
        return False
    field = dict(layout.codec_fields).get(_SUBSAMPLING)
    is_thinned = (field.numbers if field else (2, 2)) != (1, 1)
    is_usual = layout.bits == 8 and layout.format == UNSIGNED and layout.samples == 3  # noqa: PLR2004
    return not is_usual or (layout.is_planar and is_thinned)


def _name(layout: TiffLayout) -> str:
    return (
        f"{layout.samples} samples of {layout.bits} bits, sample format {layout.format}, "
        f"photometric {layout.photometric}, compression {layout.compression}, "
        f"predictor {layout.predictor}"
    )
