"""Encode an animated GIF frame by frame. Source of format facts: the GIF89a specification.

Each frame stores the pixels that changed, in at most 256 colours. Viewers that compose frames less
carefully show the same as browsers: the first frame covers the canvas or has a transparent index,
and every frame names its disposal.
"""

from struct import Struct

from PIL import Image, ImageChops, ImageStat

from imagemill.dataclass import dataclass

_SCREEN = Struct("<6sHHBBB")
_CONTROL = Struct("<BBBBHBB")
_IMAGE = Struct("<BHHHHB")
# Disposal methods.
_KEEP, _CLEAR = 1, 2
# Most colours of a palette.
_COLOURS = 256
# Least alpha of an opaque pixel: GIF has no partial transparency.
_OPAQUE = 128
# Pixels from which the colours of a whole animation are chosen; each takes 3 µs.
_SAMPLE_PIXELS = 500_000
# Pixels from which the colours of one frame are chosen, at least.
_LEAST_SAMPLE = 2_048
# The previous frame's palette is used again if its mean error, in levels of 255, is at most this
# many times that of a new palette plus this much.
_AS_GOOD = (1.15, 0.5)
# Largest delay and loop count: 16 bits.
_MAX_CENTISECONDS = 65_535
_MAX_REPEATS = 65_535
# Box of a frame that changes nothing: a frame has at least one pixel, here a transparent one.
_NO_PIXEL = (0, 0, 1, 1)


@dataclass(frozen=True, slots=True)
class _Image:
    """RGB pixels, a mask of the opaque ones, and how long they are shown."""

    colours: Image.Image
    mask: Image.Image
    duration_ms: int


@dataclass(frozen=True, slots=True)
class _Control:
    """Display of a frame: duration, transparent index and disposal method."""

    duration_ms: int
    clear: int | None
    disposal: int


@dataclass(frozen=True, slots=True)
class _Indexed:
    """Palette indices of one frame; without `palette` they refer to the shared palette."""

    indices: Image.Image
    clear: int
    palette: bytes = b""


class _SharedPalette:
    """One exact palette for all frames, as long as their colours fit into it.

    The first entry is the transparent one, if there is one.
    """

    def __init__(self, *, has_clear: bool) -> None:
        self._numbers: dict[bytes, int] = {}
        self._first = int(has_clear)

    @property
    def table(self) -> bytes:
        """Red, green and blue of each colour."""
        return bytes(3 * self._first) + b"".join(self._numbers)

    def take(self, indices: Image.Image) -> _Indexed | None:
        """Return the pixels as indices into this palette; None if there is no room for them."""
        used = [index for index, count in enumerate(indices.histogram()) if count]
        own = bytes(indices.getpalette() or [])
        colours = {index: own[3 * index : 3 * index + 3] for index in used}
        missing = set(colours.values()) - set(self._numbers)
        if len(self._numbers) + len(missing) + self._first > _COLOURS:
            return None
        for colour in sorted(missing):
            self._numbers[colour] = len(self._numbers) + self._first
        places = [self._numbers.get(colours.get(index, b""), 0) for index in range(_COLOURS)]
        grey = Image.frombytes("L", indices.size, indices.tobytes())
        return _Indexed(grey.point(places), clear=0)


class GifEncoder:
    """Encodes frames of one size; keeps two of them, and the encoded bytes of the others."""

    def __init__(self, size: tuple[int, int], frames: int, plays: int) -> None:
        self._size = size
        self._plays = plays
        self._sample = max(_SAMPLE_PIXELS // max(1, frames), _LEAST_SAMPLE)
        self._is_clear = False
        self._palette: Image.Image | None = None
        self._error = 0.0
        self._shared = _SharedPalette(has_clear=True)
        self._parts: list[bytes] = []
        self._shown = _Image(Image.new("RGB", size), Image.new("L", size), 0)
        self._pending: _Image | None = None
        self._is_alone = frames == 1

    def add(self, pixels: Image.Image, duration_ms: int) -> None:
        """Add the next frame: L, LA, RGB or RGBA."""
        self._is_clear = pixels.mode in ("LA", "RGBA")
        mask = _opaque_mask(pixels) if self._is_clear else Image.new("L", pixels.size, 255)
        image = _Image(pixels.convert("RGB"), mask, duration_ms)
        if self._pending is not None:
            gone = ImageChops.subtract(self._pending.mask, mask)
            self._emit(self._pending, gone.getbbox())
        self._pending = image

    def finish(self, most_bytes: int | None = None) -> bytes:  # noqa: ARG002 - it has no tag
        """Return the file."""
        if self._pending is not None:
            self._emit(self._pending, None)
        table = self._shared.table
        bits = _bits(len(table) // 3)
        screen = _SCREEN.pack(b"GIF89a", *self._size, 0xF0 | bits - 1, 0, 0)
        padded = table.ljust(3 << bits, b"\0")
        return b"".join([screen, padded, self._loop(), *self._parts, b";"])

    def _loop(self) -> bytes:
        if self._plays == 1:
            return b""
        repeats = min(max(self._plays - 1, 0), _MAX_REPEATS)
        return b"\x21\xff\x0bNETSCAPE2.0\x03\x01" + repeats.to_bytes(2, "little") + b"\0"

    def _emit(self, image: _Image, gone: tuple[int, int, int, int] | None) -> None:
        """Encode a frame; afterwards the box `gone` of it is cleared for the next frame."""
        changed = _changed(self._shown, image)
        box = _union(changed.getbbox(), gone) or _NO_PIXEL
        mask = changed.crop(box)
        is_partial = not self._parts and mask.size != self._size
        is_clear = self._is_clear or is_partial or mask.getextrema() != (255, 255)
        if self._is_alone and not is_clear:
            self._shared = _SharedPalette(has_clear=False)
        frame = self._indexed(image.colours.crop(box), mask)
        if is_clear:
            frame.indices.paste(frame.clear, (0, 0), ImageChops.invert(mask))
        clear = frame.clear if is_clear else None
        control = _Control(image.duration_ms, clear, _CLEAR if gone else _KEEP)
        self._parts += _encoded(frame, box[:2], control)
        self._shown = image
        if gone:
            left = image.mask.copy()
            left.paste(0, box)
            self._shown = _Image(image.colours, left, 0)

    def _indexed(self, colours: Image.Image, mask: Image.Image) -> _Indexed:
        """Return palette indices, of the shared palette if the colours are few."""
        most = _COLOURS - 1
        if mask.getextrema() != (255, 255):
            colours.paste(_any_colour(colours, mask), (0, 0), ImageChops.invert(mask))
        sample = _sampled(colours, self._sample)
        if colours.getcolors(most) is not None:
            indices = colours.quantize(most, Image.Quantize.MEDIANCUT)
            if shared := self._shared.take(indices):
                return shared
        elif sample is colours:
            indices = colours.quantize(most, Image.Quantize.MEDIANCUT)
        else:
            palette = self._serving_palette(sample)
            indices = colours.quantize(palette=palette, dither=Image.Dither.NONE)
        count = _last_index(indices) + 1
        return _Indexed(indices, count, bytes(indices.getpalette() or [])[: 3 * count])

    def _serving_palette(self, sample: Image.Image) -> Image.Image:
        """Return the last palette if it suits this frame too, else a new one."""
        times, more = _AS_GOOD
        if self._palette and _error(sample, self._palette) <= self._error * times + more:
            return self._palette
        self._palette = sample.quantize(_COLOURS - 1, Image.Quantize.MEDIANCUT)
        self._error = _error(sample, self._palette)
        return self._palette


def encode_gif(pixels: Image.Image) -> bytes:
    """Return one image as a GIF: L, LA, RGB or RGBA."""
    encoder = GifEncoder(pixels.size, 1, 1)
    encoder.add(pixels, 0)
    return encoder.finish()


def _error(sample: Image.Image, palette: Image.Image) -> float:
    """Return the mean error that a palette causes, in levels of 255."""
    shown = sample.quantize(palette=palette, dither=Image.Dither.NONE).convert("RGB")
    return max(ImageStat.Stat(ImageChops.difference(sample, shown)).mean)


def _opaque_mask(pixels: Image.Image) -> Image.Image:
    return pixels.getchannel("A").point([0] * _OPAQUE + [255] * (256 - _OPAQUE))


def _changed(shown: _Image, image: _Image) -> Image.Image:
    """Return a mask of the opaque pixels that differ from those shown."""
    red, green, blue = ImageChops.difference(shown.colours, image.colours).split()
    differs = ImageChops.lighter(ImageChops.lighter(red, green), blue).point([0] + [255] * 255)
    is_new = ImageChops.lighter(differs, ImageChops.invert(shown.mask))
    return ImageChops.darker(is_new, image.mask)


def _sampled(colours: Image.Image, most: int) -> Image.Image:
    """Return about `most` of the pixels, evenly spread; all of them if there are fewer."""
    if colours.width * colours.height <= most:
        return colours
    scale = (most / (colours.width * colours.height)) ** 0.5
    size = (max(1, round(colours.width * scale)), max(1, round(colours.height * scale)))
    return colours.resize(size, Image.Resampling.NEAREST)


def _encoded(frame: _Indexed, corner: tuple[int, int], control: _Control) -> list[bytes]:
    """Return the blocks of one frame: graphic control, image descriptor, palette and pixels."""
    indices, clear = frame.indices, control.clear
    centiseconds = min(round(control.duration_ms / 10), _MAX_CENTISECONDS)
    flags = control.disposal << 2 | (clear is not None)
    bits = _bits(max(_last_index(indices), clear or 0) + 1)
    local = 0x80 | bits - 1 if frame.palette else 0
    return [
        _CONTROL.pack(0x21, 0xF9, 4, flags, centiseconds, clear or 0, 0),
        _IMAGE.pack(0x2C, *corner, *indices.size, local),
        frame.palette.ljust(3 << bits, b"\0") if frame.palette else b"",
        bytes([max(2, bits)]),
        indices.tobytes("gif", indices.mode, max(2, bits)),
        b"\0",
    ]


def _bits(colours: int) -> int:
    """Return the number of bits of an index into so many colours, at least 1."""
    return max(1, (colours - 1).bit_length())


def _any_colour(colours: Image.Image, mask: Image.Image) -> tuple[int, int, int]:
    """Return a colour of the masked pixels: pixels that are not shown then need no own colour."""
    box = mask.getbbox()
    if box is None:
        return (0, 0, 0)
    row = mask.crop((box[0], box[1], box[2], box[1] + 1)).tobytes()
    red, green, blue = colours.crop((box[0], box[1], box[2], box[1] + 1)).tobytes()[
        3 * row.index(255) :
    ][:3]
    return red, green, blue


def _last_index(indices: Image.Image) -> int:
    return max(index for index, count in enumerate(indices.histogram()) if count)


def _union(
    box: tuple[int, int, int, int] | None, other: tuple[int, int, int, int] | None
) -> tuple[int, int, int, int] | None:
    if box is None or other is None:
        return box or other
    left, top = min(box[0], other[0]), min(box[1], other[1])
    return left, top, max(box[2], other[2]), max(box[3], other[3])
