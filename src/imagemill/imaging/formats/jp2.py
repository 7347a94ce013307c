"""Read the boxes of a JPEG 2000 file and the header of its codestream.

Sources of format facts: ITU-T T.800 (annex A for the codestream, annex I for JP2), T.801 for the
colour spaces of JPX.
"""

import struct
from collections.abc import Sequence
from dataclasses import field, replace
from typing import Literal

from imagemill.dataclass import dataclass
from imagemill.errors import CorruptImage, UnsupportedFormat
from imagemill.imaging.formats.isobmff import boxes

Space = Literal["grey", "rgb", "ycc", "cmyk", "lab"]

SIGNATURE = b"\0\0\0\x0cjP  \r\n\x87\n"
# Markers SOC and SIZ.
_START, _SIZE = b"\xff\x4f", b"\xff\x51"
# Markers COD, COC and SOT.
_CODING_STYLE, _COMPONENT_STYLE, _TILE = 0xFF52, 0xFF53, 0xFF90
_SIZE_HEADER = struct.Struct(">HHIIIIIIIIH")
# Segments before the first tile to read at most.
_MAX_SEGMENTS = 20_000
# The decoder divides the sides by 8 at most.
_MAX_HALVINGS = 3
# Components that Pillow's decoder accepts.
_MAX_COMPONENTS = 4
# Enumerated colour spaces: T.800, table I.10, and T.801, table M.25.
_ENUMERATED: dict[int, Space] = {
    0: "grey",
    15: "grey",
    17: "grey",
    16: "rgb",
    20: "rgb",
    21: "rgb",
    1: "ycc",
    3: "ycc",
    4: "ycc",
    18: "ycc",
    24: "ycc",
    12: "cmyk",
    14: "lab",
}
_PROFILE_SPACES: dict[bytes, Space] = {b"GRAY": "grey", b"RGB ": "rgb", b"CMYK": "cmyk"}
# Values of METH in a colour specification box.
_BY_ENUMERATION, _BY_PROFILE = 1, (2, 3)
# UUID of the box that holds XMP.
_XMP = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
# Transformation of a lossy codestream: the 9-7 wavelet.
_IRREVERSIBLE = 0


@dataclass(frozen=True, slots=True)
class Component:
    """Samples of one component: bits, sign, and their distance in px of the reference grid."""

    bits: int
    is_signed: bool
    dx: int
    dy: int


@dataclass(frozen=True, slots=True)
class Codestream:
    """The header of a codestream; edges are px of the reference grid."""

    left: int
    top: int
    right: int
    bottom: int
    tile_width: int
    tile_height: int
    components: tuple[Component, ...]
    levels: int
    """Decomposition levels; the least of all components."""
    is_lossless: bool

    @property
    def width(self) -> int:
        """Width of the image area, px."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height of the image area, px."""
        return self.bottom - self.top

    @property
    def is_subsampled(self) -> bool:
        """True if any component has fewer samples than the grid."""
        return any((each.dx, each.dy) != (1, 1) for each in self.components)

    @property
    def max_reduction(self) -> int:
        """Largest divisor of the sides that the decoder can apply: 1, 2, 4 or 8.

        0 if it garbles the image in any case. It does not reduce images that do not start at the
        grid's origin, and rounds rows of subsampled components down where the standard rounds up.
        """
        is_at_origin = self.left == self.top == 0
        most = 1 << min(self.levels, _MAX_HALVINGS) if is_at_origin else 1
        across = [self.width, *([self.tile_width] if self.tile_width < self.right else [])]
        down = [self.height, *([self.tile_height] if self.tile_height < self.bottom else [])]
        while most and self.is_subsampled and not self._is_divided(across, down, most):
            most //= 2
        return most

    def _is_divided(self, across: Sequence[int], down: Sequence[int], scale: int) -> bool:
        return all(
            (each.dx == 1 or not any(side % (each.dx * scale) for side in across))
            and (each.dy == 1 or not any(side % (each.dy * scale) for side in down))
            for each in self.components
        )


@dataclass(frozen=True, slots=True)
class Channel:
    """Meaning of a channel: kind 0 is colour, 1 alpha, 2 premultiplied alpha; then which colour."""

    kind: int
    association: int


@dataclass(frozen=True, slots=True)
class Boxes:
    """Contents of the boxes around a codestream; empty for a bare codestream."""

    space: Space | None = None
    profile: bytes | None = None
    enumerated: bytes = b""
    """Number of the colour space and its parameters, such as the ranges of Lab."""
    palette: tuple[tuple[int, ...], ...] = ()
    """Colours with 8 bits per sample."""
    channels: dict[int, Channel] = field(default_factory=dict)
    xmp: bytes = b""
    start: int = 0
    """Offset of the codestream."""


def read_boxes(data: bytes) -> Boxes:
    """Return the contents of the boxes. Raises CorruptImage if there is no codestream."""
    if not data.startswith(SIGNATURE):
        return Boxes()
    header: dict[bytes, list[bytes]] = {}
    xmp = b""
    for name, at, end in _outer_boxes(data):
        if name == b"jp2h" and not header:
            for inner, start, stop in boxes(data, at, end):
                header.setdefault(inner, []).append(data[start:stop])
        if name == b"uuid" and data.startswith(_XMP, at):
            xmp = data[at + len(_XMP) : end]
        if name == b"jp2c":
            return _boxes_of(header, xmp, at)
    raise CorruptImage("the JPEG 2000 file holds no codestream")


def read_codestream(data: bytes, at: int) -> Codestream:
    """Return the header of the codestream at `at`.

    Raises CorruptImage for impossible values, UnsupportedFormat for more than four components.
    """
    segments = _segments(data, at)
    size = segments.get(0xFF51, b"")
    if not data.startswith(_START + _SIZE, at) or len(size) < _SIZE_HEADER.size - 2:
        raise CorruptImage("the JPEG 2000 codestream has no size")
    numbers = _SIZE_HEADER.unpack(bytes(2) + size[: _SIZE_HEADER.size - 2])
    _, _, right, bottom, left, top, tile_width, tile_height, _, _, count = numbers
    if count > _MAX_COMPONENTS:
        raise UnsupportedFormat(f"JPEG 2000 of {count} components is not supported")
    fields = size[_SIZE_HEADER.size - 2 :]
    parts = [fields[3 * index : 3 * index + 3] for index in range(count)]
    if not count or left >= right or top >= bottom or any(len(part) < 3 for part in parts):  # noqa: PLR2004
        raise CorruptImage("the JPEG 2000 codestream has an impossible size")
    components = tuple(
        Component((part[0] & 127) + 1, part[0] > 127, part[1] or 1, part[2] or 1)  # noqa: PLR2004
        for part in parts
    )
    style = segments.get(_CODING_STYLE, bytes(10))
    own = [segments[key] for key in segments if key >> 16 == _COMPONENT_STYLE]
    levels = [style[5:6], *(each[2:3] for each in own)]
    fewest = min(int.from_bytes(level, "big") for level in levels)
    is_lossless = style[9:10] != bytes((_IRREVERSIBLE,)) or any(each[6:7] == b"\1" for each in own)
    return Codestream(
        left, top, right, bottom, tile_width, tile_height, components, fewest, is_lossless
    )


def read_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height from the header, px; None if it is not understood."""
    try:
        stream = read_codestream(data, read_boxes(data).start)
    except (CorruptImage, UnsupportedFormat):
        return None
    shown, _ = with_unit_sampling(stream)
    return shown.width, shown.height


def read_max_reduction(data: bytes) -> int:
    """Return the largest divisor of the sides that the decoder can apply: 1, 2, 4 or 8."""
    found = read_boxes(data)
    if found.palette:
        return 1
    return max(1, with_unit_sampling(read_codestream(data, found.start))[0].max_reduction)


def with_unit_sampling(stream: Codestream) -> tuple[Codestream, bool]:
    """Return the header with unit sampling if all components are sampled alike, and if it changed.

    The decoder refuses a single component with fewer samples than the grid.
    """
    spacings = {(each.dx, each.dy) for each in stream.components}
    dx, dy = next(iter(spacings))
    is_tiled = stream.tile_width < stream.right or stream.tile_height < stream.bottom
    is_uneven = is_tiled and (stream.tile_width % dx or stream.tile_height % dy)
    if spacings == {(1, 1)} or len(spacings) > 1 or stream.left or stream.top or is_uneven:
        return stream, False
    unit = tuple(replace(each, dx=1, dy=1) for each in stream.components)
    changed = replace(
        stream,
        right=-(-stream.right // dx),
        bottom=-(-stream.bottom // dy),
        tile_width=-(-stream.tile_width // dx),
        tile_height=-(-stream.tile_height // dy),
        components=unit,
    )
    return changed, True


def _outer_boxes(data: bytes) -> list[tuple[bytes, int, int]]:
    """Return the file's boxes; one that is longer than the rest of the file is cut."""
    found = list(boxes(data, 0, len(data)))
    end = found[-1][2] if found else 0
    if end + 8 <= len(data):
        found.append((data[end + 4 : end + 8], end + 8, len(data)))
    return found


def _boxes_of(header: dict[bytes, list[bytes]], xmp: bytes, start: int) -> Boxes:
    space: Space | None = None
    profile, enumerated = None, b""
    for body in header.get(b"colr", []):
        method = body[0] if body else 0
        if method == _BY_ENUMERATION:
            enumerated = body[3:]
            space = _ENUMERATED.get(int.from_bytes(body[3:7], "big"))
        elif method in _BY_PROFILE:
            profile, space = body[3:], _PROFILE_SPACES.get(body[19:23])
        if space:
            break
    palette = _palette(header[b"pclr"][0]) if b"pclr" in header else ()
    channels = _channels(header[b"cdef"][0]) if b"cdef" in header else {}
    return Boxes(space, profile, enumerated, palette, channels, xmp, start)


def _palette(body: bytes) -> tuple[tuple[int, ...], ...]:
    """Return the colours of a palette with 8 bits per sample."""
    count, columns = int.from_bytes(body[:2], "big"), body[2] if len(body) > 2 else 0  # noqa: PLR2004
    bits = [(each & 127) + 1 for each in body[3 : 3 + columns]]
    at, colours = 3 + columns, []
    for _ in range(min(count, 1024)):
        colour = []
        for width in bits:
            size = -(-width // 8)
            value = int.from_bytes(body[at : at + size], "big")
            colour.append(min(255, value * 255 // ((1 << width) - 1)))
            at += size
        colours.append(tuple(colour))
    return tuple(colours) if at <= len(body) else ()


def _channels(body: bytes) -> dict[int, Channel]:
    """Return the meaning of each channel by its number."""
    count = int.from_bytes(body[:2], "big")
    entries = [body[at : at + 6] for at in range(2, 2 + 6 * count, 6)]
    whole = [struct.unpack(">HHH", entry) for entry in entries if len(entry) == 6]  # noqa: PLR2004
    return {number: Channel(kind, association) for number, kind, association in whole}


def _segments(data: bytes, at: int) -> dict[int, bytes]:
    """Return the marker segments before the first tile.

    The key is the marker. The coding styles of components, which repeat, have the marker in the
    high bits and the segment's index in the low ones.
    """
    found: dict[int, bytes] = {}
    at += 2
    for index in range(_MAX_SEGMENTS):
        marker = int.from_bytes(data[at : at + 2], "big")
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in (_TILE, 0) or marker < 0xFF00 or length < 2:  # noqa: PLR2004
            break
        key = marker << 16 | index if marker == _COMPONENT_STYLE else marker
        found.setdefault(key, data[at + 4 : at + 2 + length])
        at += 2 + length
    return found
