"""JPEGs built from segments, for variants that no encoder here writes."""

from collections.abc import Callable
from io import BytesIO
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageStat

SOF0, SOF2, DHT, DQT, DRI, SOS, APP0, APP14 = 0xC0, 0xC2, 0xC4, 0xDB, 0xDD, 0xDA, 0xE0, 0xEE
END = b"\xff\xd9"

Segments = list[bytes]
Change = Callable[[Segments], Segments]


def scene(width: int, height: int) -> Image.Image:
    """Return an image of gradients, coloured discs and grain; always the same for a size."""
    chance = Random(width * height)  # noqa: S311 - not a secret
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    image = Image.merge("RGB", (across, down, Image.radial_gradient("L").resize((width, height))))
    pen = ImageDraw.Draw(image)
    for _ in range(24):
        left, top = chance.randrange(width), chance.randrange(height)
        right, bottom = (
            left + chance.randrange(4, width // 3),
            top + chance.randrange(4, height // 3),
        )
        colour = tuple(chance.randrange(256) for _ in range(3))
        pen.ellipse((left, top, right, bottom), fill=colour)
    grain = Image.frombytes("L", (width, height), chance.randbytes(width * height))
    return Image.blend(image, grain.convert("RGB"), 0.06)


def save(image: Image.Image, **options: object) -> bytes:
    """Return the image as a JPEG."""
    file = BytesIO()
    image.save(file, "JPEG", **options)
    return file.getvalue()


def tables_of(image: Image.Image) -> dict[int, list[int]]:
    """Return the quantization tables of an opened JPEG by number, row by row."""
    tables: dict[int, list[int]] = getattr(image, "quantization")  # noqa: B009 - only of a JPEG
    return {number: list(steps) for number, steps in tables.items()}


def split(data: bytes) -> Segments:
    """Return the segments, each scan with its data; the last one is EOI."""
    parts, at = [data[:2]], 2
    while data[at + 1] != 0xD9:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if data[at + 1] == SOS:
            end = _end_of_scan(data, end)
        parts.append(data[at:end])
        at = end
    return [*parts, data[at:]]


def marked(parts: Segments, *markers: int) -> Segments:
    """Return the segments with one of these markers."""
    return [part for part in parts if part[1] in markers]


def without(parts: Segments, *markers: int) -> Segments:
    """Return the segments without those with one of these markers."""
    return [part for part in parts if part[1] not in markers]


def segment(marker: int, body: bytes) -> bytes:
    """Return a segment with its marker and length."""
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def interleaved_by_none(planes: tuple[Image.Image, ...]) -> bytes:
    """Return a baseline JPEG whose components, Y, Cb and Cr, have a scan each."""
    greys = [split(save(plane, quality=90)) for plane in planes]
    size = marked(greys[0], SOF0)[0][5:9]
    frame = b"\x08" + size + b"\x03" + b"".join(bytes((i, 0x11, 0)) for i in (1, 2, 3))
    head = [greys[0][0], *marked(greys[0], DQT), segment(SOF0, frame)]
    scans = []
    for index, grey in enumerate(greys, 1):
        scan = marked(grey, SOS)[0]
        scans += [*marked(grey, DHT), segment(SOS, bytes((1, index, 0, 0, 63, 0))) + scan[10:]]
    return b"".join([*head, *scans, END])


def flat(width: int, height: int, *, is_progressive: bool = False) -> bytes:
    """Return a grey JPEG in 4:2:0 with two bits per block, fast to make at any size.

    The only Huffman code is 0: a DC difference of zero, or the end of a block.
    """
    tables = b"".join(segment(DHT, bytes((name, 1)) + bytes(16)) for name in (0x00, 0x10))
    parts = b"\x01\x22\0\x02\x11\0\x03\x11\0"
    size = height.to_bytes(2, "big") + width.to_bytes(2, "big")
    frame = segment(SOF2 if is_progressive else SOF0, b"\x08" + size + b"\x03" + parts)
    head = b"\xff\xd8" + segment(DQT, b"\0" + b"\x10" * 64) + frame + tables
    mcus = -(-width // 16) * -(-height // 16)
    all_three = b"\x03\x01\0\x02\0\x03\0"
    if not is_progressive:
        return head + segment(SOS, all_three + b"\0\x3f\0") + bytes(-(-12 * mcus // 8)) + END
    means = segment(SOS, all_three + b"\0\0\0") + bytes(-(-6 * mcus // 8))
    blocks = {1: -(-width // 8) * -(-height // 8), 2: mcus, 3: mcus}
    bands = b"".join(
        segment(SOS, bytes((1, name, 0, 1, 63, 0))) + bytes(-(-count // 8))
        for name, count in blocks.items()
    )
    return head + means + bands + END


def adobe(transform: int) -> bytes:
    """Return the segment in which Adobe declares the colour transform."""
    return segment(APP14, b"Adobe\0\x64\0\0\0\0" + bytes((transform,)))


def rgb(parts: Segments) -> Segments:
    """Declare the components as RGB."""
    return [parts[0], adobe(0), *without(parts[1:], APP0)]


def twice_the_frame(parts: Segments) -> Segments:
    """Repeat the frame header at the end."""
    return [*parts[:-1], *marked(parts, SOF0), parts[-1]]


def without_tables(parts: Segments) -> Segments:
    """Leave the Huffman tables out."""
    return without(parts, DHT)


# Changes that the decoder refuses, each with its reason, by a name for test ids.
UNUSUAL: dict[str, tuple[Change, str]] = {
    "RGB": (rgb, "unsupported"),
    "the tables left out": (without_tables, "unsupported"),
    "two frames": (twice_the_frame, "corrupt"),
}


def scaled(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return the size with the longer side `side` px."""
    scale = side / max(size)
    return round(size[0] * scale), round(size[1] * scale)


def decoded_in_full(data: bytes, side: int) -> Image.Image:
    """Return the image decoded in full by Pillow, then resized to the longer side `side` px."""
    whole = Image.open(BytesIO(data))
    return whole.resize(scaled(whole.size, side), Image.Resampling.LANCZOS)


def rms_difference(ours: Image.Image, theirs: Image.Image) -> float:
    """Return the root mean square difference of the worst channel, in levels of 255."""
    return max(ImageStat.Stat(ImageChops.difference(ours, theirs)).rms)


def _end_of_scan(data: bytes, at: int) -> int:
    while True:
        at = data.index(b"\xff", at)
        if data[at + 1] and not 0xD0 <= data[at + 1] <= 0xD7:
            return at
        at += 2
