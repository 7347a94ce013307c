"""JPEG 2000: reductions of any size, palettes, channels, colour spaces, depths."""

import struct
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageStat

from imagemill.errors import CorruptImage, ImageRejected, TooManyPixels, UnsupportedFormat
from imagemill.imaging import Limits, Rendered, Rendition, probe
from imagemill.imaging.formats.jp2 import read_boxes, read_codestream, read_max_reduction, read_size
from imagemill.imaging.formats.jp2_decoder import _with_lost_white
from imagemill.imaging.icc import from_codes

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]

RED, GREEN, BLUE = (220, 30, 30), (30, 200, 40), (30, 40, 210)
SPOT = (20, 20)


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def wrapped(codestream: bytes, *header: bytes) -> bytes:
    """Return a JP2 with these boxes after the image header box."""
    stream = read_codestream(codestream, 0)
    count = len(stream.components)
    size = struct.pack(">IIHBBBB", stream.height, stream.width, count, 7, 7, 0, 0)
    start = b"\0\0\0\x0cjP  \r\n\x87\n" + box(b"ftyp", b"jp2 " + bytes(4) + b"jp2 ")
    return start + box(b"jp2h", box(b"ihdr", size) + b"".join(header)) + box(b"jp2c", codestream)


def space(number: int) -> bytes:
    return box(b"colr", struct.pack(">BBBI", 1, 0, 0, number))


def channels(*described: tuple[int, int, int]) -> bytes:
    entries = b"".join(struct.pack(">HHH", *each) for each in described)
    return box(b"cdef", len(described).to_bytes(2, "big") + entries)


@pytest.fixture
def codestream(save: Save) -> Callable[..., bytes]:
    def encode(image: Image.Image, **options: object) -> bytes:
        return save(image, "JPEG2000", no_jp2=True, **options)

    return encode


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ((1001, 400), {}),
        ((1000, 401), {}),
        ((1003, 407), {"tile_size": (300, 300)}),
        ((1003, 407), {"tile_size": (257, 129), "no_jp2": True}),
        ((1003, 407), {"offset": (37, 53), "tile_size": (256, 256), "tile_offset": (5, 9)}),
        ((1003, 407), {"num_resolutions": 1}),
        ((3, 1001), {}),
    ],
)
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_any_size_is_reduced_as_the_standard_rounds_it(
    size: tuple[int, int],
    options: dict[str, object],
    mode: str,
    quarters: Draw,
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    image = quarters(*size).convert(mode)

    made, plain = (
        reopen(render_one(data, "100:png")).convert("RGBA")
        for data in (save(image, "JPEG2000", **options), save(image, "PNG"))
    )

    assert made.size == plain.size
    assert max(ImageStat.Stat(ImageChops.difference(made, plain)).mean) < 5


@pytest.mark.parametrize("method", [2, 3])
def test_a_profile_in_the_colour_box_is_followed(
    method: int,
    codestream: Callable[..., bytes],
    render_all: Render,
    reopen: Reopen,
) -> None:
    wide = from_codes(12, 13)
    assert wide is not None
    image = codestream(Image.new("RGB", (64, 64), (200, 30, 30)))
    data = wrapped(image, box(b"colr", bytes((method, 0, 0)) + wide))

    rendered = render_all(data, "32:png")

    shown = reopen(rendered.renditions[0]).convert("RGB").getpixel((9, 9))
    assert shown == pytest.approx((218, 0, 6), abs=4)
    assert rendered.facts.has_profile


@pytest.mark.parametrize("bits", [8, 10])
@pytest.mark.parametrize(
    ("colours", "shown"),
    [
        ([(0, 0, 0), RED, RED, BLUE], (*BLUE, 255)),
        ([(*RED, 0), (*GREEN, 255), (*GREEN, 10), (*BLUE, 90)], (*BLUE, 90)),
    ],
)
def test_a_palette_is_applied_equal_colours_included(  # noqa: PLR0913, RUF100
    bits: int,
    colours: list[tuple[int, ...]],
    shown: tuple[int, ...],
    codestream: Callable[..., bytes],
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    columns = len(colours[0])
    head = struct.pack(">HB", len(colours), columns) + bytes([bits - 1] * columns)
    form = ">B" if bits == 8 else ">H"
    body = b"".join(
        struct.pack(form, value * ((1 << bits) - 1) // 255) for each in colours for value in each
    )
    image = codestream(Image.new("L", (64, 64), 3))
    mapped = box(b"cmap", b"".join(struct.pack(">HBB", 0, 1, at) for at in range(columns)))
    data = wrapped(image, space(16), box(b"pclr", head + body), mapped)

    made = reopen(render_one(data, "500:png")).convert("RGBA")

    assert made.getpixel(SPOT) == pytest.approx(shown, abs=2)


@pytest.mark.parametrize(
    ("number", "described", "stored", "shown"),
    [
        (16, [(0, 0, 3), (1, 0, 2), (2, 0, 1)], BLUE[::-1], (*BLUE, 255)),
        (18, [], (29, 255, 107), (0, 0, 254, 255)),
        (18, [(0, 0, 3), (1, 0, 2), (2, 0, 1)], (107, 255, 29), (0, 0, 254, 255)),
        (16, [(0, 0, 1), (1, 0, 2), (2, 0, 3), (3, 1, 0)], (*RED, 90), (*RED, 90)),
        (16, [(0, 0, 1), (1, 0, 2), (2, 0, 3), (3, 65535, 0)], (*RED, 90), (*RED, 255)),
        (16, [(0, 1, 0), (1, 0, 1), (2, 0, 2), (3, 0, 3)], (90, *RED), (*RED, 90)),
        (16, [(0, 0, 1), (1, 0, 2), (2, 0, 3), (3, 2, 0)], (50, 0, 0, 100), (127, 0, 0, 100)),
        (12, [], (0, 255, 255, 0), (255, 0, 0, 255)),
        (14, [], (255, 128, 96), (255, 255, 255, 255)),
    ],
)
def test_channels_and_spaces_are_followed(  # noqa: PLR0913, RUF100
    number: int,
    described: list[tuple[int, int, int]],
    stored: tuple[int, ...],
    shown: tuple[int, ...],
    codestream: Callable[..., bytes],
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    image = Image.new("RGBA" if len(stored) == 4 else "RGB", (64, 64), stored)
    header = [space(number), *([channels(*described)] if described else [])]

    made = reopen(render_one(wrapped(codestream(image, mct=0), *header), "500:png"))

    assert made.convert("RGBA").getpixel(SPOT) == pytest.approx(shown, abs=4)


@pytest.mark.parametrize("bits", [1, 2, 4, 7])
def test_white_of_few_bits_is_white(
    bits: int, codestream: Callable[..., bytes], render_one: RenderOne, reopen: Reopen
) -> None:
    most, middle = (1 << bits) - 1, 1 << (bits - 1)
    data = bytearray(codestream(Image.new("L", (64, 64), 128 + most - middle)))
    data[42] = bits - 1

    made = reopen(render_one(bytes(data), "500:png")).convert("L")

    assert made.getpixel(SPOT) == 255


def test_12_bit_samples_above_white_stay_white(
    codestream: Callable[..., bytes], render_one: RenderOne, reopen: Reopen
) -> None:
    stripes = Image.new("RGB", (64, 64), "black")
    for left in range(0, 64, 16):
        stripes.paste("white", (left, 0, left + 8, 64))
    data = bytearray(codestream(stripes, irreversible=True, quality_layers=[60]))
    for at in (42, 45, 48):
        data[at] = 11

    made = reopen(render_one(bytes(data), "500:png")).convert("L")
    plain = reopen(
        render_one(codestream(stripes, irreversible=True, quality_layers=[60]), "500:png")
    )

    difference = ImageChops.difference(made, plain.convert("L"))
    assert max(high for _, high in ImageStat.Stat(difference).extrema) <= 3


def test_overflowed_samples_are_found_by_a_decode_with_one_bit_more() -> None:
    band = Image.frombytes("L", (4, 1), bytes((0, 0, 255, 7)))
    wider = Image.frombytes("L", (4, 1), bytes((64, 192, 191, 66)))

    assert _with_lost_white(band, wider).tobytes() == bytes((0, 255, 255, 7))


def test_subsampled_colour_on_odd_sides_is_refused(codestream: Callable[..., bytes]) -> None:
    data = bytearray(codestream(Image.new("RGB", (33, 33))))
    data[46:48] = data[49:51] = b"\2\2"

    with pytest.raises(UnsupportedFormat):
        probe(bytes(data))


def test_equally_subsampled_components_are_shown_unchanged(
    codestream: Callable[..., bytes], render_all: Render, reopen: Reopen
) -> None:
    data = bytearray(codestream(Image.new("L", (64, 50), 90)))
    data[8:16] = struct.pack(">II", 127, 50)
    data[24:32] = struct.pack(">II", 127, 50)
    data[43] = 2

    rendered = render_all(bytes(data), "500:png")

    assert reopen(rendered.renditions[0]).size == (64, 50)


def test_more_components_than_four_are_unsupported(codestream: Callable[..., bytes]) -> None:
    data = bytearray(codestream(Image.new("L", (64, 64))))
    data[40:42] = b"\0\5"

    with pytest.raises(UnsupportedFormat):
        probe(bytes(data))


def test_the_size_is_checked_before_decoding(codestream: Callable[..., bytes]) -> None:
    data = bytearray(codestream(Image.new("L", (64, 64))))
    data[8:16] = struct.pack(">II", 60_000, 60_000)

    with pytest.raises(TooManyPixels):
        probe(bytes(data), Limits(max_pixels=10**6))


@pytest.mark.parametrize("levels", [0, 1, 5])
def test_the_number_of_reductions_is_read_from_the_header(
    levels: int, codestream: Callable[..., bytes]
) -> None:
    data = codestream(Image.new("L", (512, 512)), num_resolutions=levels + 1)

    assert read_max_reduction(data) == 1 << min(levels, 3)
    assert read_size(data) == (512, 512)


def test_credit_is_read_from_the_xmp_box(codestream: Callable[..., bytes]) -> None:
    packet = (
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        b'xmlns:dc="http://purl.org/dc/elements/1.1/" dc:rights="me"/></rdf:RDF>'
    )
    name = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
    whole = wrapped(codestream(Image.new("L", (64, 64))), space(17))
    at = whole.index(b"jp2h") - 4

    assert probe(whole[:at] + box(b"uuid", name + packet) + whole[at:]).copyright == "me"


@pytest.mark.parametrize("part", range(40))
def test_a_file_cut_or_damaged_anywhere_ends_in_an_image_or_a_rejection(
    part: int, quarters: Draw, save: Save, render_all: Render
) -> None:
    data = save(quarters(64, 64), "JPEG2000")
    at = part * 5
    spoilt = bytearray(data)
    spoilt[at] ^= 0xFF

    for case in (data[: at + 12], bytes(spoilt)):
        try:
            assert render_all(case).renditions
        except ImageRejected:
            continue


def test_damage_gives_a_warning_and_the_part_before_it_is_shown(
    noise: Draw, save: Save, render_all: Render
) -> None:
    data = save(noise(300, 200), "JPEG2000", tile_size=(64, 64))

    rendered = render_all(data[: len(data) * 2 // 3])

    assert rendered.warnings == ("truncated",)


def test_boxes_without_a_codestream_are_corrupt() -> None:
    with pytest.raises(CorruptImage):
        read_boxes(b"\0\0\0\x0cjP  \r\n\x87\n" + box(b"ftyp", b"jp2 "))
