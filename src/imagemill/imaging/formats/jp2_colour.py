"""Turn samples of JPEG 2000 into pixels: palettes, channels, YCbCr, CMYK, Lab and few bits.

Sources: ITU-T T.800, annex I; T.801, annex M for Lab.
"""

from collections.abc import Sequence

from PIL import Image

from imagemill.imaging.formats.jp2 import Boxes, Channel, Codestream, Space

# Components of each colour space.
_COLOURS: dict[Space, int] = {"grey": 1, "rgb": 3, "ycc": 3, "lab": 3, "cmyk": 4}
# Kinds of channels.
_ALPHA, _PREMULTIPLIED = 1, 2
# Bytes per sample at the peak of decoding. Measured.
_SAMPLE_BYTES = 5
_WITH_ALPHA = {"L": "LA", "RGB": "RGBA"}
_PREMULTIPLIED_MODES = {"LA": "La", "RGBA": "RGBa"}
# Defaults for L, a and b: T.801, M.11.7.4.
_LAB_RANGES, _LAB_OFFSETS = (100.0, 170.0, 200.0), (0.0, 0.5, 0.375)


def shown_mode(boxes: Boxes, stream: Codestream) -> str:
    """Return the Pillow mode of the image that `to_shown` returns."""
    if boxes.palette and len(stream.components) == 1:
        return {1: "L", 3: "P", 4: "P"}.get(len(boxes.palette[0]), "L")
    if len(stream.components) == 1:
        return "I;16" if stream.components[0].bits > 8 else "L"  # noqa: PLR2004
    space, _, alpha = _roles(boxes, stream)
    mode = {"grey": "L", "cmyk": "CMYK", "lab": "LAB"}.get(space, "RGB")
    return _WITH_ALPHA.get(mode, mode) if alpha is not None else mode


def decoder_bytes(boxes: Boxes, stream: Codestream) -> int:
    """Return the peak memory of decoding in bytes per pixel, the Pillow image included.

    Measured. OpenJPEG keeps four bytes per sample and copies a tile, which is assumed to be the
    whole image. Samples that must be converted take bands and another image in addition.
    """
    count, most = len(stream.components), max(each.bits for each in stream.components)
    image = 4 if count > 1 else -(-most // 8)
    is_plain = _is_as_shown(boxes, stream) and (count == 1 or most == 8)  # noqa: PLR2004
    return _SAMPLE_BYTES * count + image + 1 + (0 if is_plain else count + 8)


def to_shown(samples: Image.Image, boxes: Boxes, stream: Codestream) -> Image.Image:
    """Return the pixels: L, LA, I;16, P, RGB, RGBA, CMYK or LAB."""
    if samples.mode.startswith("I"):
        return samples
    if boxes.palette and len(stream.components) == 1:
        return _by_palette(samples, boxes.palette, stream.components[0].bits)
    if _is_as_shown(boxes, stream):
        return samples
    bands = [
        _in_full_range(band, each.bits)
        for band, each in zip(samples.split(), stream.components, strict=True)
    ]
    space, colours, alpha = _roles(boxes, stream)
    pixels = _in_space(space, [bands[index] for index in colours], boxes)
    if alpha is None or pixels.mode not in _WITH_ALPHA:
        return pixels
    return _with_alpha(pixels, bands[alpha], boxes.channels.get(alpha))


def _with_alpha(pixels: Image.Image, alpha: Image.Image, channel: Channel | None) -> Image.Image:
    mode = _WITH_ALPHA[pixels.mode]
    merged = [*pixels.split(), alpha]
    if channel and channel.kind == _PREMULTIPLIED:
        return Image.merge(_PREMULTIPLIED_MODES[mode], merged).convert(mode)
    return Image.merge(mode, merged)


def _is_as_shown(boxes: Boxes, stream: Codestream) -> bool:
    """Return True if the samples are pixels already: 8 bits of grey or RGB, then alpha."""
    space, colours, alpha = _roles(boxes, stream)
    count = len(stream.components)
    in_order = colours == list(range(len(colours))) and alpha in (None, len(colours))
    is_whole = count == len(colours) + (alpha is not None)
    kind = boxes.channels[alpha].kind if alpha in boxes.channels else _ALPHA
    is_plain = space in ("grey", "rgb") and kind == _ALPHA
    return is_plain and in_order and is_whole and min(p.bits for p in stream.components) >= 8  # noqa: PLR2004


def _roles(boxes: Boxes, stream: Codestream) -> tuple[Space, list[int], int | None]:
    """Return the colour space, its components in order, and the component of alpha.

    Without channel definitions, one component more than the space has is alpha.
    """
    count = len(stream.components)
    space = boxes.space or _guessed_space(stream)
    if _COLOURS[space] > count:
        space = "grey" if count < 3 else "rgb"  # noqa: PLR2004
    wanted = _COLOURS[space]
    colours = list(range(wanted))
    if not boxes.channels:
        return space, colours, wanted if count > wanted else None
    alpha = None
    for number, channel in boxes.channels.items():
        if channel.kind == 0 and 0 < channel.association <= wanted and number < count:
            colours[channel.association - 1] = number
        if channel.kind in (_ALPHA, _PREMULTIPLIED) and number < count:
            alpha = number
    return space, colours, alpha


def _guessed_space(stream: Codestream) -> Space:
    """Return the colour space of a bare codestream: subsampled components mean YCbCr."""
    parts = stream.components
    if len(parts) < 3:  # noqa: PLR2004
        return "grey"
    is_thinned = (parts[0].dx, parts[0].dy) == (1, 1) != (parts[1].dx, parts[1].dy)
    return "ycc" if is_thinned else "rgb"


def _in_space(space: Space, bands: Sequence[Image.Image], boxes: Boxes) -> Image.Image:
    if space == "grey":
        return bands[0]
    if space == "ycc":
        return Image.merge("YCbCr", bands).convert("RGB")
    if space == "cmyk":
        return Image.merge("CMYK", bands)
    if space == "lab":
        return _lab(bands, boxes.enumerated[4:28])
    return Image.merge("RGB", bands)


def _lab(bands: Sequence[Image.Image], parameters: bytes) -> Image.Image:
    """Return Lab in Pillow's representation: L from 0 to 255, 128 added to a and b."""
    ranges, offsets = _LAB_RANGES, _LAB_OFFSETS
    if len(parameters) == 24:  # noqa: PLR2004 - three pairs of numbers
        numbers = [int.from_bytes(parameters[at : at + 4], "big") for at in range(0, 24, 4)]
        ranges = (numbers[0], numbers[2], numbers[4])
        offsets = (numbers[1] / 255, numbers[3] / 255, numbers[5] / 255)
    tables = []
    for index in range(3):
        values = ((at / 255 - offsets[index]) * ranges[index] for at in range(256))
        if index == 0:
            tables.append([min(255, max(0, round(value * 2.55))) for value in values])
        else:
            tables.append([min(255, max(0, round(value) + 128)) for value in values])
    return Image.merge(
        "LAB", [band.point(table) for band, table in zip(bands, tables, strict=True)]
    )


def _by_palette(samples: Image.Image, colours: Sequence[Sequence[int]], bits: int) -> Image.Image:
    shift = max(0, 8 - bits)
    columns = len(colours[0])
    if columns not in (3, 4):
        table = [colours[min(at >> shift, len(colours) - 1)][0] for at in range(256)]
        return samples.point(table)
    indices = samples.point([min(at >> shift, len(colours) - 1) for at in range(256)])
    shown = Image.frombytes("P", indices.size, indices.tobytes())
    shown.putpalette(b"".join(map(bytes, colours[:256])), "RGBA" if columns == 4 else "RGB")  # noqa: PLR2004
    return shown


def _in_full_range(band: Image.Image, bits: int) -> Image.Image:
    """Return a band whose white is 255; the decoder shifts fewer bits up and leaves zeros."""
    if bits >= 8:  # noqa: PLR2004
        return band
    most = (1 << bits) - 1
    return band.point([(at >> (8 - bits)) * 255 // most for at in range(256)])
