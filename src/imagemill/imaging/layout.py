"""How a TIFF lays its samples out. Source of every format fact: TIFF 6.0 and its supplements."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from imagemill.errors import UnsupportedFormat

WIDTH, HEIGHT, BITS, COMPRESSION, PHOTOMETRIC, FILL_ORDER = 256, 257, 258, 259, 262, 266
STRIPS, SAMPLES, ROWS_PER_STRIP, STRIP_BYTES, PLANAR, PREDICTOR = 273, 277, 278, 279, 284, 317
TILE_WIDTH, TILE_HEIGHT, TILES, TILE_BYTES, EXTRA, FORMAT = 322, 323, 324, 325, 338, 339
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, INKS, LAB = 0, 1, 2, 5, 8
UNSIGNED, SIGNED, FLOAT = 1, 2, 3
_COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, INKS: 4, LAB: 3}
_PACKINGS = frozenset((1, 5, 8, 32773, 32946, 34925, 50000))
"""None, LZW, Deflate, PackBits, old Deflate, LZMA, Zstandard: those that pack bytes, not pixels."""
_MAX_SAMPLES = 16
_MAX_BITS = 64
_ALPHAS = (1, 2)
"""Associated and unassociated; an extra sample that is not said to be alpha is none."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each sample of a picture is and what its number means; sizes in px."""

    width: int
    height: int
    bits: int
    """Of one sample."""
    samples: int
    """Of one pixel, those included that are not shown."""
    format: int
    photometric: int
    is_planar: bool
    predictor: int
    compression: int
    fill_order: int
    is_big_endian: bool
    chunk: tuple[int, int]
    """Width and height of a tile, or of a strip."""
    is_tiled: bool
    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    alpha: int | None
    """Which sample it is."""
    is_premultiplied: bool

    @classmethod
    def read(cls, tags: Mapping[int, object], *, is_big_endian: bool) -> Self:
        """Read the tags; raises UnsupportedFormat for a layout that is not unpacked here."""
        layout = cls._read(tags, is_big_endian=is_big_endian)
        if (
            layout.photometric not in _COLOURS
            or layout.compression not in _PACKINGS
            or not _COLOURS[layout.photometric] <= layout.samples <= _MAX_SAMPLES
            or not 1 <= layout.bits <= _MAX_BITS
            or len(set(_numbers(tags, BITS, 1))) != 1
            or not layout.offsets
        ):
            raise UnsupportedFormat("this layout of TIFF samples is not supported")
        return layout

    @classmethod
    def _read(cls, tags: Mapping[int, object], *, is_big_endian: bool) -> Self:
        width, height = _number(tags, WIDTH, 0), _number(tags, HEIGHT, 0)
        samples, photometric = _number(tags, SAMPLES, 1), _number(tags, PHOTOMETRIC, 0)
        is_tiled = TILES in tags
        rows = min(_number(tags, ROWS_PER_STRIP, height), height)
        strip, tile = (width, rows), (_number(tags, TILE_WIDTH, 0), _number(tags, TILE_HEIGHT, 0))
        extras = _numbers(tags, EXTRA)
        alpha = next((at for at, kind in enumerate(extras) if kind in _ALPHAS), None)
        return cls(
            width,
            height,
            bits=_number(tags, BITS, 1),
            samples=samples,
            format=_number(tags, FORMAT, UNSIGNED),
            photometric=photometric,
            is_planar=_number(tags, PLANAR, 1) == 2,  # noqa: PLR2004 - separate planes
            predictor=_number(tags, PREDICTOR, 1),
            compression=_number(tags, COMPRESSION, 1),
            fill_order=_number(tags, FILL_ORDER, 1),
            is_big_endian=is_big_endian,
            chunk=tile if is_tiled else strip,
            is_tiled=is_tiled,
            offsets=_numbers(tags, TILES if is_tiled else STRIPS),
            counts=_numbers(tags, TILE_BYTES if is_tiled else STRIP_BYTES),
            alpha=None if alpha is None else samples - len(extras) + alpha,
            is_premultiplied=alpha is not None and extras[alpha] == 1,
        )

    @property
    def colours(self) -> int:
        """How many samples make the colour."""
        return _COLOURS[self.photometric]

    @property
    def mode(self) -> str:
        """Pillow's name for what the picture becomes."""
        alpha = "" if self.alpha is None else "A"
        if self.photometric in (WHITE_IS_ZERO, BLACK_IS_ZERO):
            return "F" if self.format == FLOAT and not alpha else "L" + alpha
        if self.photometric == RGB or alpha:
            return "RGB" + alpha
        return "CMYK" if self.photometric == INKS else "LAB"

    @property
    def interleaved(self) -> int:
        """Samples that lie side by side in a row: all, or one where each has its own plane."""
        return 1 if self.is_planar else self.samples

    @property
    def bytes_per_pixel(self) -> int:
        """What a pixel takes once decompressed."""
        return -(-self.samples * self.bits // 8)


def _numbers(tags: Mapping[int, object], tag: int, default: int | None = None) -> tuple[int, ...]:
    found = tags.get(tag, () if default is None else default)
    values = found if isinstance(found, tuple) else (found,)
    return tuple(value for value in values if isinstance(value, int))


def _number(tags: Mapping[int, object], tag: int, default: int) -> int:
    return next(iter(_numbers(tags, tag, default)), default)
