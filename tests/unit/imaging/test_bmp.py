"""Bitmap files, and bitmaps in icons and cursors."""

import struct
import tracemalloc
from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageStat

from imagemill.errors import CorruptImage, ImageRejected, TooManyPixels, UnsupportedFormat
from imagemill.imaging import Rendered, Rendition, probe
from imagemill.imaging.formats.rle import unpack_runs
from imagemill.imaging.icc import from_codes
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import make_plans
from imagemill.recipe import Recipe

Save = Callable[..., bytes]
Draw = Callable[[int, int], Image.Image]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]

GREY_PALETTE = b"".join(bytes((value, value, value, 0)) for value in range(256))
# Black, red, green, blue; each entry is blue, green, red and an unused byte.
FOUR_COLOURS = bytes((0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0))
BLACK, RED, GREEN, BLUE = (0, 0, 0), (255, 0, 0), (0, 255, 0), (0, 0, 255)
MASKS_5551 = (0x7C00, 0x3E0, 0x1F, 0x8000)


def info(
    width: int, height: int, bits: int, compression: int = 0, colours: int = 0, size: int = 40
) -> bytes:
    """A BITMAPINFOHEADER, or the first 40 bytes of a longer header."""
    return struct.pack(
        "<IiiHHIIiiII", size, width, height, 1, bits, compression, 0, 2835, 2835, colours, 0
    )


def bmp(header: bytes, pixels: bytes, palette: bytes = b"", offset: int | None = None) -> bytes:
    start = 14 + len(header) + len(palette)
    head = struct.pack("<IHHI", start + len(pixels), 0, 0, start if offset is None else offset)
    return b"BM" + head + header + palette + pixels


def icon(*bitmaps: tuple[int, int, bytes], kind: int = 1) -> bytes:
    """An icon of these images, each with its size in the directory."""
    at = 6 + 16 * len(bitmaps)
    directory, body = struct.pack("<HHH", 0, kind, len(bitmaps)), b""
    for width, height, content in bitmaps:
        place = at + len(body)
        directory += struct.pack("<BBBBHHII", width, height, 0, 0, 1, 32, len(content), place)
        body += content
    return directory + body


def bottom_up(image: Image.Image, raw_mode: str) -> bytes:
    """The pixels as stored in a bitmap: bottom row first, rows padded to four bytes."""
    flipped = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    row = image.width * len(raw_mode.rstrip("0123456789;")) + 3 & ~3
    return flipped.tobytes("raw", raw_mode, row, 1)


def worst_difference(one: Image.Image, other: Image.Image) -> float:
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return max(ImageStat.Stat(difference).mean)


# --- pixels -----------------------------------------------------------------------------------


@pytest.mark.parametrize("is_top_down", [False, True])
@pytest.mark.parametrize(("bits", "raw_mode"), [(24, "BGR"), (32, "BGRX")])
def test_rows_are_read_top_down_and_bottom_up(
    bits: int,
    raw_mode: str,
    is_top_down: bool,
    quarters: Draw,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    image = quarters(30, 20)
    rows = bottom_up(
        image.transpose(Image.Transpose.FLIP_TOP_BOTTOM) if is_top_down else image, raw_mode
    )

    data = bmp(info(30, -20 if is_top_down else 20, bits), rows)

    assert worst_difference(reopen(render_one(data, "500:png")), image) < 1


@pytest.mark.parametrize(
    ("bits", "row"),
    [(1, b"\x50\0\0\0"), (2, b"\x1b\0\0\0"), (4, b"\x01\x23\0\0"), (8, b"\x00\x01\x02\x03")],
)
@pytest.mark.parametrize("size", [40, 64, 108])
def test_palettes_of_all_depths_are_read(
    size: int, bits: int, row: bytes, render_one: RenderOne, reopen: Reopen
) -> None:
    header = info(4, 1, bits, colours=2 if bits == 1 else 4, size=size).ljust(size, b"\0")

    small = reopen(render_one(bmp(header, row, FOUR_COLOURS), "500:png")).convert("RGB")

    wanted = [BLACK, RED, BLACK, RED] if bits == 1 else [BLACK, RED, GREEN, BLUE]
    assert [small.getpixel((x, 0)) for x in range(4)] == wanted


@pytest.mark.parametrize("offset", [0, 54])
def test_a_pixel_offset_inside_the_palette_is_ignored(
    offset: int, render_one: RenderOne, reopen: Reopen
) -> None:
    data = bmp(info(4, 1, 8, colours=4), b"\0\1\2\3", FOUR_COLOURS, offset)

    small = reopen(render_one(data, "500:png")).convert("RGB")

    assert [small.getpixel((x, 0)) for x in range(4)] == [BLACK, RED, GREEN, BLUE]


def test_a_header_of_os2_has_palette_entries_of_three_bytes(
    render_one: RenderOne, reopen: Reopen
) -> None:
    header = struct.pack("<IHHHH", 12, 4, 1, 1, 8)
    palette = bytes((0, 0, 0, 0, 0, 255, 0, 255, 0, 255, 0, 0))

    small = reopen(render_one(bmp(header, b"\0\1\2\3", palette), "500:png")).convert("RGB")

    assert [small.getpixel((x, 0)) for x in range(4)] == [BLACK, RED, GREEN, BLUE]


@pytest.mark.parametrize(
    ("bits", "masks", "pixel", "shown"),
    [
        (16, (0xF800, 0x7E0, 0x1F, 0), 0x8410, (132, 130, 132, 255)),
        (16, (0xF00, 0xF0, 0xF, 0xF000), 0x7F08, (255, 0, 136, 119)),
        (16, MASKS_5551, 0x801F, (0, 0, 255, 255)),
        (16, (0xE0, 0x1C, 0x3, 0), 0xFF, (255, 255, 255, 255)),
        (32, (0xFF, 0xFF00, 0xFF0000, 0xFF000000), 0x80302010, (16, 32, 48, 128)),
        (32, (0x3FF00000, 0xFFC00, 0x3FF, 0xC0000000), 0xFFF00200, (255, 0, 128, 255)),
        (32, (0xFF000000, 0xFF0000, 0xFF00, 0xFF), 0x01020380, (1, 2, 3, 128)),
    ],
)
def test_masks_of_every_kind_are_applied(
    bits: int,
    masks: tuple[int, ...],
    pixel: int,
    shown: tuple[int, ...],
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    header = info(2, 2, bits, 3, size=56) + struct.pack("<4I", *masks)
    pixels = (pixel.to_bytes(bits // 8, "little") * 2).ljust(4, b"\0") * 2

    small = reopen(render_one(bmp(header, pixels), "500:png")).convert("RGBA")

    assert small.getpixel((1, 1)) == pytest.approx(shown, abs=2)


@pytest.mark.parametrize(("compression", "count"), [(3, 3), (6, 4)])
def test_masks_after_a_short_header_are_applied(
    compression: int, count: int, render_one: RenderOne, reopen: Reopen
) -> None:
    masks = struct.pack("<4I", 0xFF, 0xFF00, 0xFF0000, 0xFF000000)[: 4 * count]
    header = info(1, 1, 32, compression) + masks

    small = reopen(render_one(bmp(header, bytes((200, 100, 50, 90))), "500:png")).convert("RGBA")

    assert small.getpixel((0, 0)) == pytest.approx((200, 100, 50, 90 if count == 4 else 255), abs=2)


def test_alpha_that_is_0_everywhere_is_ignored(render_one: RenderOne, reopen: Reopen) -> None:
    header = info(2, 2, 16, 3, size=56) + struct.pack("<4I", *MASKS_5551)

    small = reopen(render_one(bmp(header, b"\x1f\0" * 4), "500:png")).convert("RGBA")

    assert small.getpixel((0, 0)) == (0, 0, 255, 255)


def test_the_fourth_byte_is_alpha_only_with_a_mask(render_one: RenderOne, reopen: Reopen) -> None:
    data = bmp(info(2, 1, 32), bytes((50, 100, 200, 7)) * 2)

    assert reopen(render_one(data, "500:png")).convert("RGBA").getpixel((0, 0)) == (
        200,
        100,
        50,
        255,
    )


# --- runs -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("compression", "bits", "runs"),
    [
        (1, 8, b"\2\1\2\2\0\0" + b"\0\4\3\0\1\2\0\0" + b"\0\1"),
        (2, 4, b"\2\x11\2\x22\0\0" + b"\0\4\x30\x12\0\0" + b"\0\1"),
        (1, 8, b"\2\1\xff\2\0\0" + b"\1\3\1\0\1\1\1\2"),
    ],
)
def test_run_length_encoding_is_decoded(
    compression: int, bits: int, runs: bytes, render_one: RenderOne, reopen: Reopen
) -> None:
    data = bmp(info(4, 2, bits, compression, 4), runs, FOUR_COLOURS)

    small = reopen(render_one(data, "500:png")).convert("RGB")

    assert [small.getpixel((x, 1)) for x in range(4)] == [RED, RED, GREEN, GREEN]
    assert [small.getpixel((x, 0)) for x in range(4)] == [BLUE, BLACK, RED, GREEN]


@pytest.mark.parametrize("runs", [b"\1\1\0\2\2\1\1\3\0\1", b"\1\1\0\0\0\2\3\0\1\3\0\1"])
def test_pixels_that_no_run_draws_are_transparent(
    runs: bytes, render_one: RenderOne, reopen: Reopen
) -> None:
    data = bmp(info(4, 2, 8, 1, 4), runs, FOUR_COLOURS)

    small = reopen(render_one(data, "500")).convert("RGBA")

    assert small.getpixel((0, 1)) == (*RED, 255)
    assert small.getpixel((3, 0)) == (*BLUE, 255)
    assert [small.getpixel(spot)[3] for spot in ((2, 1), (0, 0), (2, 0))] == [0, 0, 0]  # type: ignore[index]


def test_runs_that_end_too_soon_give_a_warning(render_all: Render) -> None:
    data = bmp(info(4, 2, 8, 1, 4), b"\4\1\0\0", FOUR_COLOURS)

    assert render_all(data).warnings == ("truncated",)


def test_runs_without_end_stay_within_bounds() -> None:
    data = b"\xff\1" * 100_000 + b"\0\2\xff\xff\xff\1"
    tracemalloc.start()

    runs = unpack_runs(data, 0, width=10, height=2, bits=8)

    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1_000_000
    assert bytes(runs.indices) == b"\1" * 10 + bytes(10)


def test_a_run_length_bomb_is_rejected_by_its_estimate() -> None:
    facts = probe(bmp(info(10_000, 10_000, 8, 1, 4), b"\0\1", FOUR_COLOURS))

    estimated = estimate_memory(facts, make_plans(facts, Recipe.parse("500")))

    assert 200_000_000 < estimated < 450_000_000


def test_a_bitmap_of_100_megapixels_is_estimated_at_a_few_bands() -> None:
    facts = probe(bmp(info(10_000, 10_000, 1), b"x", FOUR_COLOURS[:8]))

    assert estimate_memory(facts, make_plans(facts, Recipe.parse("500"))) < 96 << 20


# --- headers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        info(0, 4, 24),
        info(-4, 4, 24),
        info(4, 0, 24),
        info(4, 4, 30),
        info(4, 4, 8, 2),
        info(4, 4, 8, 3) + bytes(12),
        info(4, 4, 16, 3) + struct.pack("<3I", 0x5, 0, 0),
        info(4, 4, 16, 3) + struct.pack("<3I", 0xFF0000, 0, 0),
        struct.pack("<I", 9),
        b"",
    ],
)
def test_headers_that_contradict_themselves_are_corrupt(header: bytes) -> None:
    with pytest.raises(CorruptImage):
        probe(bmp(header, b""))


@pytest.mark.parametrize(("bits", "compression"), [(0, 4), (0, 5), (64, 0), (24, 11)])
def test_bitmaps_of_other_kinds_are_refused_as_unsupported(bits: int, compression: int) -> None:
    with pytest.raises(UnsupportedFormat):
        probe(bmp(info(4, 4, bits, compression), bytes(64)))


def test_an_impossible_size_is_refused_before_anything_is_allocated() -> None:
    with pytest.raises(TooManyPixels):
        probe(bmp(info(2**31 - 1, 6, 24), bytes(64)))


# --- colour -----------------------------------------------------------------------------------


def version_5(space: bytes, profile: tuple[int, int], points: bytes = b"") -> bytes:
    header = info(8, 8, 24, size=124) + bytes(16) + space + points
    return (header.ljust(112, b"\0") + struct.pack("<III", *profile, 0)).ljust(124, b"\0")


@pytest.mark.parametrize(
    ("space", "is_followed"), [(b"DEBM", True), (b"KNIL", False), (b"BGRs", False)]
)
def test_an_embedded_profile_is_applied_and_a_linked_one_is_not(
    space: bytes, is_followed: bool, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    profile = from_codes(12, 13) or b""
    image = Image.new("RGB", (8, 8), (220, 40, 40))
    pixels = bottom_up(image, "BGR")
    header = version_5(space, (124 + len(pixels), len(profile)))

    small = reopen(render_one(bmp(header, pixels) + profile, "500:png")).convert("RGB")

    tagged = reopen(render_one(save(image, "PNG", icc_profile=profile), "500:png")).convert("RGB")
    wanted = tagged.getpixel((2, 2)) if is_followed else (220, 40, 40)
    assert small.getpixel((2, 2)) == pytest.approx(wanted, abs=2)


def calibration(red: tuple[float, float], gamma: float) -> bytes:
    """The primaries of sRGB except red, and one gamma for all channels."""
    pairs = [red, (0.30, 0.60), (0.15, 0.06)]
    numbers = [round(part * 2**30) for x, y in pairs for part in (x, y, 1 - x - y)]
    return struct.pack("<9i3I", *numbers, *[round(gamma * 65_536)] * 3)


@pytest.mark.parametrize(
    ("points", "shown"),
    [
        (calibration((0.64, 0.33), 2.2), (128, 128, 128)),
        (calibration((0.64, 0.33), 1 / 2.2), (128, 128, 128)),
        (calibration((0.64, 0.33), 1.0), (188, 188, 188)),
        (calibration((0.64, 0.33), 1.8), (147, 147, 147)),
        (bytes(48), (128, 128, 128)),
        (struct.pack("<9i3I", *[1] * 9, *[2] * 3), (128, 128, 128)),
    ],
)
def test_a_calibration_is_applied_unless_it_is_srgb(
    points: bytes, shown: tuple[int, ...], render_one: RenderOne, reopen: Reopen
) -> None:
    data = bmp(version_5(bytes(4), (0, 0), points), bytes([128]) * 24 * 8)

    small = reopen(render_one(data, "500:png")).convert("RGB")

    assert small.getpixel((2, 2)) == pytest.approx(shown, abs=3)


def test_the_primaries_of_a_calibration_change_the_colour(
    render_one: RenderOne, reopen: Reopen
) -> None:
    pixels = bytes((40, 40, 200)) * 64
    narrow, usual = (
        reopen(
            render_one(bmp(version_5(bytes(4), (0, 0), calibration(red, 2.2)), pixels), "500:png")
        )
        .convert("RGB")
        .getpixel((2, 2))
        for red in ((0.55, 0.38), (0.64, 0.33))
    )

    assert usual == pytest.approx((200, 40, 40), abs=2)
    assert narrow[1] > usual[1] + 20  # type: ignore[index]


# --- renditions -------------------------------------------------------------------------------


def lines() -> Image.Image:
    image = Image.new("1", (127, 64), 1)
    pen = ImageDraw.Draw(image)
    for x in range(0, 127, 6):
        pen.line((x, 0, 126 - x, 63), fill=0)
    return image


def stripes() -> Image.Image:
    image = Image.new("RGB", (6, 6))
    for y in range(6):
        image.paste([RED, GREEN, BLUE][y // 2], (0, y, 6, y + 1))
    return image


@pytest.mark.parametrize("draw", [lines, stripes])
@pytest.mark.parametrize("mode", [None, "RGB", "P"])
def test_a_drawing_stays_exact_and_does_not_grow(
    mode: str | None,
    draw: Callable[[], Image.Image],
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    image = draw().convert("RGB").convert(mode) if mode else draw()
    data = save(image, "BMP")

    rendition = render_one(data)

    assert rendition.format == "png"
    assert len(rendition.data) <= len(data)
    assert worst_difference(reopen(rendition), image) == 0


def test_a_photo_in_a_bitmap_is_still_a_jpeg(
    noise: Draw, save: Save, render_one: RenderOne
) -> None:
    assert render_one(save(noise(200, 150), "BMP")).format == "jpeg"


def test_a_drawing_that_is_much_larger_as_a_png_is_a_jpeg_with_its_colour_in_full(
    noise: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = Image.new("RGB", (200, 200), (0, 0, 255))
    image.paste(noise(50, 23).resize((200, 90), Image.Resampling.BICUBIC), (0, 110))
    image.paste((255, 0, 0), (0, 0, 101, 80))

    small = reopen(render_one(save(image, "BMP"), "500"))

    assert small.format == "JPEG"
    assert small.convert("RGB").getpixel((100, 40)) == pytest.approx((255, 0, 0), abs=24)


def test_a_requested_format_is_kept_for_drawings(save: Save, render_one: RenderOne) -> None:
    assert render_one(save(stripes(), "BMP"), "500:jpeg").format == "jpeg"


def test_a_grey_photo_of_256_shades_is_no_drawing(
    noise: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    rendition = render_one(save(noise(200, 150).convert("L"), "BMP"))

    assert (rendition.format, reopen(rendition).mode) == ("jpeg", "L")


# --- icons ------------------------------------------------------------------------------------


def bitmap(image: Image.Image, mask: bytes = b"", *, is_single: bool = False) -> bytes:
    """A 32-bit icon bitmap with its mask of transparent pixels."""
    height = image.height * (1 if is_single else 2)
    return info(image.width, height, 32) + bottom_up(image, "BGRA") + mask


def test_if_all_alpha_is_0_the_mask_applies(render_one: RenderOne, reopen: Reopen) -> None:
    image = Image.new("RGBA", (32, 32), (200, 100, 50, 0))
    data = icon((32, 32, bitmap(image, b"\xff\0\0\xff" * 32)))

    small = reopen(render_one(data, "500")).convert("RGBA")

    assert small.getpixel((16, 16)) == (200, 100, 50, 255)
    assert [small.getpixel((x, 16))[3] for x in (2, 30)] == [0, 0]  # type: ignore[index]


def test_if_any_alpha_is_set_the_mask_is_ignored(render_one: RenderOne, reopen: Reopen) -> None:
    image = Image.new("RGBA", (32, 32), (200, 100, 50, 255))
    image.paste((200, 100, 50, 0), (0, 0, 16, 32))
    data = icon((32, 32, bitmap(image, b"\xff" * 128)))

    small = reopen(render_one(data, "500")).convert("RGBA")

    assert [small.getpixel((x, 16))[3] for x in (2, 30)] == [0, 255]  # type: ignore[index]


def test_without_a_mask_all_pixels_are_opaque(render_one: RenderOne, reopen: Reopen) -> None:
    image = Image.new("RGBA", (32, 32), (200, 100, 50, 0))

    small = reopen(render_one(icon((32, 32, bitmap(image))), "500:png")).convert("RGBA")

    assert small.getpixel((16, 16)) == (200, 100, 50, 255)


@pytest.mark.parametrize("bits", [1, 4, 8])
def test_icons_with_a_palette_have_a_mask(bits: int, render_one: RenderOne, reopen: Reopen) -> None:
    row = {1: b"\xff\0\0\0", 4: b"\x11\x11\x11\x11", 8: b"\1" * 8}[bits]
    content = info(8, 16, bits, colours=2) + FOUR_COLOURS[:8] + row * 8 + b"\x0f\0\0\0" * 8

    small = reopen(render_one(icon((8, 8, content)), "500:png")).convert("RGBA")

    assert small.getpixel((1, 1)) == (*RED, 255)
    assert small.getpixel((6, 6))[3] == 0  # type: ignore[index]


def test_a_bitmap_whose_height_is_not_doubled_is_read_as_it_is(
    quarters: Draw, render_one: RenderOne, reopen: Reopen
) -> None:
    image = quarters(32, 32).convert("RGBA")

    rendition = render_one(icon((32, 32, bitmap(image, is_single=True))), "500:png")

    assert (rendition.width, rendition.height) == (32, 32)
    assert worst_difference(reopen(rendition), image) == 0


def test_the_largest_image_is_chosen_by_its_own_size_not_the_directory_s(
    quarters: Draw, save: Save, render_one: RenderOne
) -> None:
    small, large = quarters(16, 16).convert("RGBA"), quarters(300, 200)
    data = icon((255, 255, bitmap(small)), (1, 1, save(large, "PNG")), (9, 9, b"nonsense" * 9))

    assert render_one(data).width == 300


def test_a_bitmap_of_256_rows_that_is_not_doubled_is_the_larger(
    quarters: Draw, save: Save, render_one: RenderOne
) -> None:
    large, small = quarters(256, 256).convert("RGBA"), quarters(200, 200)
    data = icon((0, 0, bitmap(large, is_single=True)), (200, 200, save(small, "PNG")))

    assert render_one(data).width == 256


def test_a_cursor_is_an_icon(quarters: Draw, render_all: Render) -> None:
    image = quarters(32, 32).convert("RGBA")

    rendered = render_all(icon((32, 32, bitmap(image)), kind=2))

    assert (rendered.facts.format, rendered.facts.width) == ("ico", 32)


@pytest.mark.parametrize("width", [0, 1])
def test_a_side_of_0_in_the_directory_means_256(
    width: int, quarters: Draw, render_one: RenderOne
) -> None:
    image = quarters(256, 256).convert("RGBA")

    assert render_one(icon((width, 0, bitmap(image))), "300").height == 256


@pytest.mark.parametrize(
    "data",
    [
        icon(),
        icon((8, 8, b"")),
        icon((8, 8, info(0, 0, 32))),
        icon((8, 8, info(8, 16, 8, 1) + bytes(64))),
        b"\0\0\1\0\xff\xff" + bytes(10),
    ],
)
def test_icons_without_an_image_are_rejected(data: bytes) -> None:
    with pytest.raises(ImageRejected):
        probe(data)


def test_a_bomb_in_an_icon_is_refused() -> None:
    with pytest.raises(TooManyPixels):
        probe(icon((0, 0, info(60_000, 60_000, 32) + bytes(64))))
