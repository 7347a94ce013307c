"""TIFF files: the choice of the page, sample layouts, and cost estimates."""

import struct
import time
import zlib
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from fakes.tiff_files import Page, Value, tags_of, tiff_file
from PIL import Image, ImageChops, ImageStat

from imagemill.errors import CorruptImage, OverBudget, UnsupportedFormat
from imagemill.imaging import Limits, Rendered, Rendition, probe, render
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import make_plans
from imagemill.recipe import Recipe

Save = Callable[..., bytes]
Draw = Callable[[int, int], Image.Image]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]

SIZE = (64, 48)
MAKE, SUB_IFDS = {271: b"NIKON CORPORATION\0"}, 330
SIGNED, FLOAT = 2, 3


def grey_ramp() -> Image.Image:
    """A ramp, dark at the left and bright at the right, above a white bar."""
    ramp = Image.linear_gradient("L").rotate(90).resize(SIZE)
    ramp.paste(255, (0, 40, 64, 48))
    return ramp


def page(pixels: Image.Image, **tags: Value) -> Page:
    """The image as a page, uncompressed."""
    samples = len(pixels.getbands())
    more = {int(name[1:]): value for name, value in tags.items()}
    photometric = 2 if samples >= 3 else 1
    return Page(
        tags_of(*pixels.size, samples=samples, photometric=photometric) | more, [pixels.tobytes()]
    )


def packed(values: Iterator[int] | list[int], bits: int, row: int) -> bytes:
    """Numbers of `bits` bits, packed from the highest bit; rows are padded to whole bytes."""
    numbers = list(values)
    rows = []
    for at in range(0, len(numbers), row):
        digits = "".join(format(number, f"0{bits}b") for number in numbers[at : at + row])
        digits += "0" * (-len(digits) % 8)
        rows.append(int(digits, 2).to_bytes(len(digits) // 8, "big"))
    return b"".join(rows)


def worst_difference(one: Image.Image, other: Image.Image) -> float:
    """The mean difference of the worst channel, in levels of 255."""
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    return max(ImageStat.Stat(difference).mean)


# --- pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("flag", [{"t254": 1}, {"t255": 2}])
def test_a_reduced_copy_on_the_first_page_is_not_shown(
    flag: dict[str, int], quarters: Draw, render_all: Render
) -> None:
    data = tiff_file(page(quarters(30, 20), **flag), page(quarters(60, 40)))

    rendered = render_all(data)

    assert (rendered.facts.width, rendered.facts.frames) == (60, 1)
    assert rendered.warnings == ()


def test_a_mask_is_no_image(quarters: Draw, render_all: Render) -> None:
    mask = page(Image.new("L", (60, 40)), t254=4, t262=4)

    rendered = render_all(tiff_file(mask, page(quarters(60, 40)), mask))

    assert (rendered.facts.frames, rendered.facts.mode) == (1, "RGB")


def test_the_only_page_is_shown_even_if_it_is_marked_as_reduced(
    quarters: Draw, render_all: Render
) -> None:
    assert render_all(tiff_file(page(quarters(60, 40), t254=1))).facts.width == 60


def test_the_base_of_a_pyramid_in_sub_directories_is_shown(
    quarters: Draw, render_all: Render
) -> None:
    base = tiff_file(page(quarters(60, 40), t330=8))

    assert render_all(base).facts.width == 60


def test_thousands_of_pages_are_counted_at_once(quarters: Draw) -> None:
    others = [page(Image.new("L", (8, 8)))] * 20_000
    data = tiff_file(page(quarters(60, 40)), *others)
    began = time.process_time()

    rendered = render(data, Recipe.parse("500"), Limits(max_frames=1_000))

    assert time.process_time() - began < 1
    assert rendered.facts.frames == 20_001
    assert rendered.warnings == ("first_frame_only",)


def test_a_circular_chain_of_pages_ends(quarters: Draw, render_all: Render) -> None:
    data = bytearray(tiff_file(page(quarters(60, 40)), page(quarters(30, 20))))
    first = struct.unpack_from("<I", data, 4)[0]
    entries = struct.unpack_from("<H", data, first)[0]
    second = struct.unpack_from("<I", data, first + 2 + 12 * entries)[0]
    struct.pack_into("<I", data, second + 2 + 12 * entries, first)

    assert render_all(bytes(data)).facts.frames == 2


@pytest.mark.parametrize("data", [b"II*\0\x08\0\0\0", b"MM\0*\0\0\xff\0", b"II*\0", b"II+\0\x08\0"])
def test_a_file_without_pages_is_corrupt(data: bytes) -> None:
    with pytest.raises(CorruptImage):
        probe(data)


# --- camera raw -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tags",
    [
        {"t254": 1, "t330": (8, 8)},
        {"t254": 1, "t330": 8},
        {"t50706": b"\1\4\0\0"},
        {"t262": 32_803, "t277": 1, "t258": 8},
        {"t262": 34_892},
        {"t259": 34_713},
        {"t259": 65_535},
    ],
)
def test_a_camera_raw_file_is_refused_by_its_name(tags: dict[str, Value], quarters: Draw) -> None:
    thumbnail = page(quarters(60, 40), **tags)

    with pytest.raises(UnsupportedFormat, match="camera raw"):
        probe(tiff_file(Page(dict(thumbnail.tags) | MAKE, thumbnail.chunks)))


def test_sensor_data_in_a_sub_directory_makes_a_camera_raw_file(quarters: Draw) -> None:
    sensor = page(Image.new("L", (60, 40)), t262=32_803)
    inner = tiff_file(sensor)
    at = struct.unpack_from("<I", inner, 4)[0]
    outer = tiff_file(Page({}, [inner[8:]]), page(quarters(60, 40), t330=at))
    data = bytearray(outer)
    first = struct.unpack_from("<I", data, 4)[0]
    data[4:8] = struct.pack("<I", struct.unpack_from("<I", data, first + 2 + 24)[0])

    with pytest.raises(UnsupportedFormat, match="camera raw"):
        probe(bytes(data))


@pytest.mark.parametrize("mark", [b"CR\2\0", b"IIII", b"MMMM"])
def test_raw_files_of_canon_and_phase_one_are_recognised_by_their_signature(
    mark: bytes, quarters: Draw
) -> None:
    data = bytearray(tiff_file(page(quarters(60, 40))))
    data[8:12] = mark

    with pytest.raises(UnsupportedFormat, match="camera raw"):
        probe(bytes(data))


# --- samples ----------------------------------------------------------------------------------


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("is_white_zero", [False, True])
@pytest.mark.parametrize("bits", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15])
def test_grey_looks_the_same_at_any_bit_depth(
    bits: int, is_white_zero: bool, order: str, render_one: RenderOne, reopen: Reopen
) -> None:
    ramp, most = grey_ramp(), (1 << bits) - 1
    numbers = [round(value * most / 255) for value in ramp.tobytes()]
    stored = [most - number for number in numbers] if is_white_zero else numbers
    tags = tags_of(*SIZE, samples=1, bits=bits, photometric=0 if is_white_zero else 1)
    data = tiff_file(Page(tags, [packed(stored, bits, SIZE[0])]), order=order)
    wanted = Image.frombytes("L", SIZE, bytes(number * 255 // most for number in numbers))

    assert worst_difference(reopen(render_one(data, "500:png")), wanted) < 1.5


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("code", "bits", "sample_format", "scale", "shift"),
    [
        ("H", 16, 1, 257, 0),
        ("b", 8, SIGNED, 1, -128),
        ("h", 16, SIGNED, 257, -32_768),
        ("h", 16, SIGNED, 128, 0),
        ("I", 32, 1, 16_843_009, 0),
        ("i", 32, SIGNED, 16_843_009, -(1 << 31)),
        ("Q", 64, 1, 72_340_172_838_076_673, 0),
        ("e", 16, FLOAT, 1 / 255, 0),
        ("f", 32, FLOAT, 1 / 255, 0),
        ("d", 64, FLOAT, 3.5, -100),
    ],
)
def test_grey_of_wide_signed_and_floating_point_samples_is_scaled(
    code: str,
    bits: int,
    sample_format: int,
    scale: float,
    shift: int,
    order: str,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    ramp = Image.linear_gradient("L").rotate(90)
    kind = float if sample_format == FLOAT else int
    numbers = [kind(value * scale + shift) for value in ramp.tobytes()]
    for photometric, wanted in ((1, ramp), (0, ImageChops.invert(ramp))):
        tags = tags_of(256, 256, samples=1, bits=bits, photometric=photometric)
        raw = struct.pack(f"{order}{len(numbers)}{code}", *numbers)
        data = tiff_file(Page(tags | {339: sample_format}, [raw]), order=order)

        assert worst_difference(reopen(render_one(data, "500:png")), wanted) < 1.5


@pytest.mark.parametrize(("low", "high", "is_stretched"), [(25, 230, False), (100, 150, True)])
def test_signed_greys_are_stretched_only_where_they_fill_little_of_their_range(
    low: int, high: int, is_stretched: bool, render_one: RenderOne, reopen: Reopen
) -> None:
    ramp = grey_ramp().point([low + value * (high - low) // 255 for value in range(256)])
    numbers = [value * 257 - 32_768 for value in ramp.tobytes()]
    tags = tags_of(*SIZE, samples=1, bits=16, photometric=1) | {339: SIGNED}

    data = tiff_file(Page(tags, [struct.pack(f"<{len(numbers)}h", *numbers)]))

    wanted = grey_ramp() if is_stretched else ramp
    assert worst_difference(reopen(render_one(data, "500:png")), wanted) < 4


def test_bytes_wrongly_declared_signed_are_read_unsigned(
    render_one: RenderOne, reopen: Reopen
) -> None:
    ramp = grey_ramp()

    small = reopen(render_one(tiff_file(page(ramp, t339=SIGNED)), "500:png"))

    assert worst_difference(small, ramp) < 1.5


@pytest.mark.parametrize("bits", [4, 5, 10, 12, 16, 24, 32])
@pytest.mark.parametrize("is_planar", [False, True])
def test_colours_look_the_same_at_any_bit_depth(
    bits: int, is_planar: bool, quarters: Draw, render_one: RenderOne, reopen: Reopen
) -> None:
    image, most = quarters(40, 30), (1 << bits) - 1
    interleaved = image.tobytes()
    planes = [interleaved[at::3] for at in range(3)]
    parts = planes if is_planar else [interleaved]
    row = 40 if is_planar else 120
    strips = [packed([value * most // 255 for value in part], bits, row) for part in parts]
    tags = tags_of(40, 30, bits=bits) | {284: 2 if is_planar else 1}

    small = reopen(render_one(tiff_file(Page(tags, strips), order=">"), "500:png"))

    assert worst_difference(small, image) < (16 if bits < 8 else 1.5)


@pytest.mark.parametrize("kind", [1, 2])
@pytest.mark.parametrize("is_planar", [False, True])
@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_alpha_is_kept_associated_or_not(
    mode: str, is_planar: bool, kind: int, render_one: RenderOne, reopen: Reopen
) -> None:
    pixel = (200, 100) if mode == "LA" else (200, 60, 20, 100)
    stored = pixel if kind == 2 else (*(value * 100 // 255 for value in pixel[:-1]), 100)
    image = Image.new(mode, (8, 8), stored)
    bands = [band.tobytes() for band in image.split()]
    whole = page(image, t338=kind, t284=2 if is_planar else 1)
    data = tiff_file(Page(whole.tags, bands if is_planar else whole.chunks))

    small = reopen(render_one(data, "500:png")).convert("RGBA").getpixel((3, 3))

    grey_or_colour = (pixel[0],) * 3 if mode == "LA" else pixel[:3]
    assert small == pytest.approx((*grey_or_colour, 100), abs=3)


@pytest.mark.parametrize("compression", [1, 5, 8, 32_946, 32_773, 50_000, 34_925])
@pytest.mark.parametrize("predictor", [1, 2])
@pytest.mark.parametrize("samples", [3, 5])
def test_extra_samples_are_ignored(
    samples: int,
    predictor: int,
    compression: int,
    quarters: Draw,
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    image = quarters(20, 10)
    extra = bytes(samples - 3)
    pixels = [image.tobytes()[at : at + 3] + extra for at in range(0, 600, 3)]
    if predictor == 2 and compression not in (1, 32_773):
        pixels = [
            bytes((b - a) & 255 for a, b in zip(before, after, strict=True))
            for y in range(10)
            for row in [[bytes(samples), *pixels[y * 20 : y * 20 + 20]]]
            for before, after in pairwise(row)
        ]
    strip = packed_by(save, compression, b"".join(pixels), 20 * samples)
    tags = tags_of(20, 10, samples=samples) | {259: compression, 317: predictor}
    tags[338] = (0,) * (samples - 3) if samples > 3 else ()
    if samples == 3:
        del tags[338]

    assert (
        worst_difference(reopen(render_one(tiff_file(Page(tags, [strip])), "500:png")), image) < 1
    )


def packed_by(save: Save, compression: int, rows: bytes, width: int) -> bytes:
    """The rows as one strip, compressed by Pillow's TIFF writer."""
    names = {5: "tiff_lzw", 8: "tiff_adobe_deflate", 32_946: "tiff_deflate"} | {
        1: "raw",
        32_773: "packbits",
        50_000: "zstd",
        34_925: "lzma",
    }
    image = Image.frombytes("L", (width, len(rows) // width), rows)
    data = save(image, "TIFF", compression=names[compression])
    tags = {}
    at = struct.unpack_from("<I", data, 4)[0]
    for entry in range(at + 2, at + 2 + 12 * struct.unpack_from("<H", data, at)[0], 12):
        tag, kind, _, value = struct.unpack_from("<HHII", data, entry)
        tags[tag] = value & 0xFFFF if kind == 3 else value
    return data[tags[273] : tags[273] + tags[279]]


def test_a_palette_of_sixteen_bits_is_followed(render_one: RenderOne, reopen: Reopen) -> None:
    colours = [0] * (3 << 16)
    colours[4_000], colours[65_536 + 4_000], colours[2 * 65_536 + 4_000] = 51_400, 25_700, 12_850
    tags = tags_of(2, 2, samples=1, bits=16, photometric=3) | {320: tuple(colours)}

    small = reopen(render_one(tiff_file(Page(tags, [struct.pack("<H", 4_000) * 4])), "500:png"))

    assert small.convert("RGB").getpixel((1, 1)) == (200, 100, 50)


@pytest.mark.parametrize("order", ["<", ">"])
def test_big_tiff_is_read_in_both_orders(
    order: str, quarters: Draw, render_one: RenderOne, reopen: Reopen
) -> None:
    data = tiff_file(page(quarters(60, 40)), order=order, is_big_tiff=True)

    assert worst_difference(reopen(render_one(data, "500:png")), quarters(60, 40)) < 1


def test_bits_in_reverse_order_are_reversed(render_one: RenderOne, reopen: Reopen) -> None:
    ramp = grey_ramp()
    reverse = bytes(int(f"{value:08b}"[::-1], 2) for value in range(256))
    whole = page(ramp, t266=2)

    small = reopen(render_one(tiff_file(Page(whole.tags, [ramp.tobytes().translate(reverse)]))))

    assert worst_difference(small, ramp) < 4


# --- tags that are missing or odd -------------------------------------------------------------


@pytest.mark.parametrize(("samples", "pixel"), [(3, (200, 30, 30)), (1, (40,))])
def test_without_photometric_three_samples_are_colours_and_one_is_grey(
    samples: int, pixel: tuple[int, ...], render_one: RenderOne, reopen: Reopen
) -> None:
    tags = tags_of(8, 8, samples=samples)
    del tags[262]

    small = reopen(render_one(tiff_file(Page(tags, [bytes(pixel) * 64])), "500:png"))

    assert small.convert("RGB").getpixel((3, 3)) == pixel * (3 // len(pixel))


@pytest.mark.parametrize("rows", [None, 16, 64])
def test_tiles_under_the_tags_of_strips_are_tiles(
    rows: int | None, quarters: Draw, render_one: RenderOne, reopen: Reopen
) -> None:
    image = quarters(64, 64)
    tiles = [
        image.crop((x, y, x + 16, y + 16)).tobytes()
        for y in range(0, 64, 16)
        for x in range(0, 64, 16)
    ]
    tags = tags_of(64, 64) | {322: 16, 323: 16}
    del tags[278]
    data = tiff_file(Page(tags | ({278: rows} if rows else {}), tiles, places=(273, 279)))

    assert worst_difference(reopen(render_one(data, "500:png")), image) < 1


def test_strips_beside_a_stray_tile_size_are_strips(
    quarters: Draw, render_one: RenderOne, reopen: Reopen
) -> None:
    image = quarters(64, 64)
    rows = image.tobytes()
    strips = [rows[at : at + 64 * 3 * 8] for at in range(0, len(rows), 64 * 3 * 8)]
    tags = tags_of(64, 64) | {278: 8, 322: 16, 323: 16}

    data = tiff_file(Page(tags, strips, places=(273, 279)))

    assert worst_difference(reopen(render_one(data, "500:png")), image) < 1


def test_surplus_strips_share_the_height_equally(
    quarters: Draw, render_one: RenderOne, reopen: Reopen
) -> None:
    image = quarters(20, 40)
    rows = image.tobytes()
    strips = [rows[at : at + 600] for at in range(0, 2400, 600)]

    data = tiff_file(Page(tags_of(20, 40) | {278: 2**31 + 1}, strips))

    assert worst_difference(reopen(render_one(data, "500:png")), image) < 1


def test_strips_without_sizes_end_where_the_next_begins(
    quarters: Draw, render_one: RenderOne, reopen: Reopen
) -> None:
    image = quarters(20, 40)
    rows = image.tobytes()
    strips = [zlib.compress(rows[at : at + 600]) for at in range(0, 2400, 600)]
    tags = tags_of(20, 40) | {259: 8, 278: 10, 279: (0, 0, 0, 0)}

    assert worst_difference(reopen(render_one(tiff_file(Page(tags, strips)), "500:png")), image) < 1


# --- damage -----------------------------------------------------------------------------------


def test_a_damaged_strip_leaves_the_others(quarters: Draw, render_all: Render) -> None:
    rows = quarters(20, 40).tobytes()
    strips = [zlib.compress(rows[at : at + 600]) for at in range(0, 2400, 600)]
    strips[1] = b"\xff" * len(strips[1])
    tags = tags_of(20, 40) | {259: 8, 278: 10}

    rendered = render_all(tiff_file(Page(tags, strips)), "500:png")

    assert rendered.warnings == ("truncated",)


def test_a_file_cut_short_is_shown_up_to_the_cut(
    quarters: Draw, render_all: Render, reopen: Reopen
) -> None:
    rows = quarters(60, 40).tobytes()
    tags = tags_of(60, 40) | {279: len(rows)}
    directory_bytes = len(tiff_file(Page(tags | {273: 0}, [])))
    data = tiff_file(Page(tags | {273: directory_bytes}, []))

    rendered = render_all(data + rows[: 60 * 25 * 3], "500:png")

    assert rendered.warnings == ("truncated",)
    assert reopen(rendered.renditions[0]).convert("RGB").getpixel((5, 5)) == (220, 30, 30)


def test_colours_in_floats_that_are_all_beyond_white_are_refused() -> None:
    tags = tags_of(8, 8, bits=32) | {339: (FLOAT,) * 3}

    with pytest.raises(UnsupportedFormat):
        render(tiff_file(Page(tags, [struct.pack("<f", 300) * 192])), Recipe.parse("500"))


# --- cost -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bits", "tags"),
    [(8, {259: 8}), (16, {259: 8}), (8, {259: 8, 317: 2}), (32, {259: 8, 339: (FLOAT,) * 3})],
)
def test_one_strip_of_100_megapixels_is_estimated_at_a_few_bands(
    bits: int, tags: dict[int, Value]
) -> None:
    data = tiff_file(Page(tags_of(10_000, 10_000, bits=bits) | tags, [b"x"]))
    facts = probe(data)

    assert estimate_memory(facts, make_plans(facts, Recipe.parse("500"))) < 128 << 20


def test_fifty_megapixels_in_one_strip_are_accepted() -> None:
    facts = probe(tiff_file(Page(tags_of(8_660, 5_774) | {259: 5}, [b"x"])))

    assert estimate_memory(facts, make_plans(facts, Recipe.parse("500"))) < 450 << 20


@pytest.mark.parametrize(
    "tags", [{322: 60_000, 323: 60_000}, {256: 10_000, 257: 10_000, 278: 10_000}]
)
def test_a_strip_or_tile_that_needs_too_much_memory_is_refused(tags: dict[int, Value]) -> None:
    with pytest.raises(OverBudget):
        probe(tiff_file(Page(tags_of(10, 10) | {259: 5} | tags, [b"x"])))


def test_slow_samples_add_cpu_time_to_the_facts() -> None:
    plain = probe(tiff_file(Page(tags_of(8_000, 8_000), [b"x"])))
    floats = probe(tiff_file(Page(tags_of(8_000, 8_000, bits=32) | {339: (FLOAT,) * 3}, [b"x"])))

    assert plain.extra_cpu_s == 0
    assert floats.extra_cpu_s > 6.4


@pytest.mark.parametrize("height", [203, 408, 1_201])
def test_rows_that_arrive_in_bands_are_averaged_like_the_whole(
    height: int, noise: Draw, render_one: RenderOne, reopen: Reopen, save: Save
) -> None:
    image = noise(1_600, height)
    rows = [image.crop((0, y, 1_600, min(y + 7, height))) for y in range(0, height, 7)]
    tags = tags_of(1_600, height) | {259: 8, 278: 7}
    data = tiff_file(Page(tags, [zlib.compress(strip.tobytes(), 1) for strip in rows]))

    small = reopen(render_one(data, "100:png"))

    assert worst_difference(small, reopen(render_one(save(image, "PNG"), "100:png"))) < 2
