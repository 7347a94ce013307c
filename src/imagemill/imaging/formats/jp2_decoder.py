"""Decode JPEG 2000 by OpenJPEG through Pillow, for more kinds of files than Pillow supports.

The decoder gets the codestream in a plain header, so that it returns the samples unchanged.
Palettes, channels and colour spaces are handled here.
"""

import struct
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

from PIL import Image, ImageChops, ImagePalette
from PIL.ImageFile import ImageFile, _Tile
from PIL.Jpeg2KImagePlugin import Jpeg2KImageFile

from imagemill.errors import UnsupportedFormat
from imagemill.imaging.formats import jp2
from imagemill.imaging.formats.jp2_colour import shown_mode, to_shown

# Enumerated colour spaces for the plain header.
_GREY, _RGB = 17, 16
# Pillow's mode for so many components.
_STORED = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}
# Bytes of the SIZ segment before the size of the grid, and between tile size and components.
_GRID_OFFSET, _TILE_ORIGIN_AND_COUNT = 8, 10
# Most bits of a single component that Pillow can hold.
_MAX_GREY_BITS = 16
# Level above which a sample counts as bright.
_BRIGHT = 128


class Jpeg2000(ImageFile):
    """A JPEG 2000 file as grey, palette, RGB, CMYK or Lab, with alpha if it has any."""

    format = "JPEG2000"
    format_description = "JPEG 2000"
    reduction = 1
    """Divisor of the sides when decoding: 1, 2, 4 or 8."""

    _is_damaged = False
    _codestream: bytes | memoryview

    def _open(self) -> None:
        assert self.fp is not None  # noqa: S101 - set by Pillow before it calls this
        data = self.fp.read()
        self._boxes = jp2.read_boxes(data)
        self._stream, is_changed = jp2.with_unit_sampling(
            jp2.read_codestream(data, self._boxes.start)
        )
        if not self._stream.max_reduction:
            raise UnsupportedFormat("JPEG 2000 with subsampling on odd sides is not supported")
        codestream = memoryview(data)[self._boxes.start :]
        self._codestream = _with_header(codestream, self._stream) if is_changed else codestream
        self._size = (self._stream.width, self._stream.height)
        self._mode = shown_mode(self._boxes, self._stream)
        if self._mode == "P":
            layout = "RGBA" if len(self._boxes.palette[0]) == 4 else "RGB"  # noqa: PLR2004
            colours = b"".join(map(bytes, self._boxes.palette))
            self.palette = ImagePalette.ImagePalette(layout, colours)
        self.info |= {
            name: value
            for name, value in (("icc_profile", self._boxes.profile), ("xmp", self._boxes.xmp))
            if value
        }
        self.tile = [_Tile("jpeg2k", (0, 0, *self._size), 0, None)]

    def load(self) -> Any:  # noqa: ANN401 - Pillow's own type of pixel access
        """Decode at the chosen reduction and convert the samples as the boxes say.

        Raises OSError for damage, with the pixels before it in place.
        """
        if self.tile:
            shown = to_shown(self._samples(), self._boxes, self._stream)
            self.tile = []
            self._mode, self._size, self.im = shown.mode, shown.size, shown.im
            self.palette = shown.palette
            if self._is_damaged:
                raise OSError("the codestream is damaged")
        return Image.Image.load(self)

    def _samples(self) -> Image.Image:
        """Return the samples with 8 bits, those of a single component with up to 16.

        Pillow's rounding of more bits overflows at white, which becomes black. For lossy coding a
        header that claims 8 bits makes OpenJPEG round correctly. Otherwise a second decode with one
        bit more, which does not overflow, shows which samples are really black.
        """
        stream = self._stream
        is_deep = max(each.bits for each in stream.components) > _deepest(stream)
        if not is_deep:
            return self._decoded(stream)
        if not stream.is_lossless:
            return self._decoded(_with_bits(stream, [_deepest(stream)] * len(stream.components)))
        samples = self._decoded(stream)
        extrema = samples.getextrema() if len(stream.components) > 1 else [samples.getextrema()]
        if samples.mode not in _STORED.values() or min(low for low, _ in extrema):  # type: ignore[misc]
            return samples
        wider = self._decoded(_with_bits(stream, [each.bits + 1 for each in stream.components]))
        bands = map(_with_lost_white, samples.split(), wider.split())
        return Image.merge(samples.mode, list(bands))

    def _decoded(self, stream: jp2.Codestream) -> Image.Image:
        codestream = self._codestream
        if stream is not self._stream:
            codestream = _with_header(codestream, stream)
        data = _wrapped(codestream, stream)
        inner = Jpeg2KImageFile(BytesIO(data))
        inner._mode = _stored_mode(stream, has_palette=bool(self._boxes.palette))  # noqa: SLF001
        width, height = (-(-side // self.reduction) for side in (stream.width, stream.height))
        # Pillow rounds the size; the standard rounds it up.
        inner._size = (width, height)  # noqa: SLF001
        arguments = ("jp2", self.reduction.bit_length() - 1, 0, -1, len(data))
        inner.tile = [_Tile("jpeg2k", (0, 0, width, height), 0, arguments)]
        try:
            inner.load()
        except OSError:
            if inner.getbbox() is None:
                raise
            self._is_damaged = True
        return inner


def _with_header(codestream: bytes | memoryview, stream: jp2.Codestream) -> bytes:
    """Return the codestream with another size, sampling and precision in its header."""
    kinds = b"".join(
        bytes(((each.bits - 1) | each.is_signed << 7, each.dx, each.dy))
        for each in stream.components
    )
    grid = struct.pack(
        ">6I", stream.right, stream.bottom, stream.left, stream.top,
        stream.tile_width, stream.tile_height,
    )  # fmt: skip
    at = _GRID_OFFSET + len(grid)
    rest = codestream[at : at + _TILE_ORIGIN_AND_COUNT]
    after = at + len(rest) + len(kinds)
    return b"".join([codestream[:_GRID_OFFSET], grid, rest, kinds, memoryview(codestream)[after:]])


def _deepest(stream: jp2.Codestream) -> int:
    return 8 if len(stream.components) > 1 else _MAX_GREY_BITS


def _stored_mode(stream: jp2.Codestream, *, has_palette: bool) -> str:
    is_deep = len(stream.components) == 1 and stream.components[0].bits > 8  # noqa: PLR2004
    return "I;16" if is_deep and not has_palette else _STORED[len(stream.components)]


def _with_bits(stream: jp2.Codestream, bits: Sequence[int]) -> jp2.Codestream:
    parts = zip(stream.components, bits, strict=True)
    return replace(stream, components=tuple(replace(each, bits=count) for each, count in parts))


def _with_lost_white(band: Image.Image, wider: Image.Image) -> Image.Image:
    """Return a band with white where it is black but `wider`, with one bit more, is bright."""
    is_bright = wider.point([0] * _BRIGHT + [255] * (256 - _BRIGHT))
    is_black = band.point([255] + [0] * 255)
    return ImageChops.lighter(band, ImageChops.darker(is_bright, is_black))


def _wrapped(codestream: bytes | memoryview, stream: jp2.Codestream) -> bytes:
    """Return a JP2 file whose boxes give only the size and the number of components."""
    count = len(stream.components)
    kinds = bytes((each.bits - 1) | each.is_signed << 7 for each in stream.components)
    depth = kinds[0] if len(set(kinds)) == 1 else 255
    size = struct.pack(">IIHBBBB", stream.height, stream.width, count, depth, 7, 0, 0)
    depths = _box(b"bpcc", kinds) if depth == 255 else b""  # noqa: PLR2004
    space = struct.pack(">BBBI", 1, 0, 0, _GREY if count < 3 else _RGB)  # noqa: PLR2004
    header = _box(b"jp2h", _box(b"ihdr", size) + depths + _box(b"colr", space))
    start = jp2.SIGNATURE + _box(b"ftyp", b"jp2 " + bytes(4) + b"jp2 ") + header
    return b"".join([start, b"\0\0\0\0jp2c", codestream])


def _box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body
