"""AVIF with 10 bits per sample, from originals that have more than 8."""

import struct
from array import array
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from random import Random
from zlib import compress

import pytest
from PIL import Image

from imagemill.errors import ConfigurationInvalid, ImageRejected
from imagemill.imaging import Rendition, libavif, probe
from imagemill.imaging.costs import estimate_cpu_s
from imagemill.imaging.formats.avif import read_codes, read_depth
from imagemill.imaging.formats.png import make_chunk
from imagemill.imaging.icc import p3_profile
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import make_plans
from imagemill.recipe import Recipe

pillow_heif = pytest.importorskip("pillow_heif")
LIBRARY = libavif.load()
pytestmark = pytest.mark.skipif(LIBRARY is None, reason="needs pillow-avif-plugin")
Save = Callable[..., bytes]
RenderOne = Callable[..., Rendition]
Pixel = Callable[[int, int], tuple[int, ...]]
PQ = (9, 16)
HEIC_PQ = {"color_primaries": 9, "transfer_characteristics": 16, "matrix_coefficients": 9}


def ramp(x: int, y: int) -> tuple[int, ...]:  # noqa: ARG001
    """Return a grey of 16 bits: 2,048 columns from black to white."""
    return (32 * x, 32 * x, 32 * x)


def corners(x: int, y: int) -> tuple[int, ...]:
    """Return red at the top left, blue at the bottom right, of 96 × 64 px."""
    return (60_000 - 500 * x, 20_000, 700 * y)


def samples(width: int, height: int, pixel: Pixel) -> "array[int]":
    return array("H", [v for y in range(height) for x in range(width) for v in pixel(x, y)])


def png(width: int, height: int, pixel: Pixel, *chunks: tuple[bytes, bytes]) -> bytes:
    """Return a PNG with 16 bits per sample."""
    channels = len(pixel(0, 0))
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    values = samples(width, height, pixel)
    values.byteswap()
    data, row = values.tobytes(), 2 * channels * width
    rows = b"".join(b"\0" + data[at : at + row] for at in range(0, len(data), row))
    parts = ((b"IHDR", header), *chunks, (b"IDAT", compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(make_chunk(*part) for part in parts)


def tiff(width: int, height: int, pixel: Pixel) -> bytes:
    """Return an uncompressed TIFF with 16 bits per sample."""
    channels = len(pixel(0, 0))
    data = samples(width, height, pixel).tobytes()
    place = 8 + len(data)
    bits = (258, 3, 3, place) if channels == 3 else (258, 3, 1, 16)
    entries = [(256, 4, 1, width), (257, 4, 1, height), bits, (259, 3, 1, 1)]
    entries += [(262, 3, 1, 2 if channels == 3 else 1), (273, 4, 1, 8), (277, 3, 1, channels)]
    entries += [(278, 4, 1, height), (279, 4, 1, len(data))]
    directory = struct.pack("<H", len(entries))
    directory += b"".join(struct.pack("<HHII", *entry) for entry in entries) + bytes(4)
    more = struct.pack("<HHH", 16, 16, 16)
    return b"II*\0" + struct.pack("<I", place + len(more)) + data + more + directory


def avif(width: int, height: int, pixel: Pixel, codes: tuple[int, int] | None = None) -> bytes:
    """Return an AVIF with 10 bits per sample."""
    assert LIBRARY is not None
    pixels = libavif.DeepPixels(width, height, 3, samples(width, height, pixel).tobytes())
    coding = libavif.Coding("svt", 8, 90, {"tune": "4", "crf": "2"})
    return LIBRARY.encode_deep(pixels, coding, libavif.Attached(codes=codes))


def heic(width: int, height: int, pixel: Pixel, **codes: int) -> bytes:
    """Return a HEIC with 10 bits per sample."""
    data, out = samples(width, height, pixel).tobytes(), BytesIO()
    made = pillow_heif.from_bytes(mode="RGB;16", size=(width, height), data=data)
    made.save(out, quality=95, chroma=444, **codes)
    return out.getvalue()


def decoded(data: bytes) -> "tuple[libavif.DeepPixels, array[int]]":
    assert LIBRARY is not None
    pixels, values = LIBRARY.decode_deep(data), array("H")
    values.frombytes(pixels.data)
    return pixels, values


def pixel_of(data: bytes, x: int, y: int) -> list[int]:
    pixels, values = decoded(data)
    at = pixels.channels * (y * pixels.width + x)
    return list(values[at : at + pixels.channels])


MAKERS = [png, tiff, avif, heic]


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_gradient_keeps_more_than_256_levels(
    make: Callable[..., bytes], render_one: RenderOne
) -> None:
    original = make(2048, 32, ramp)

    deep = render_one(original, "1024:avif:depth=10:q95").data
    flat = render_one(original, "1024:avif:q95").data

    assert (probe(original).depth, read_depth(deep), read_depth(flat)) == (
        10 if make in (avif, heic) else 16,
        10,
        8,
    )
    _, values = decoded(deep)
    _, fewer = decoded(flat)
    assert len(set(values[: 3 * 1024 : 3])) > 800
    assert len(set(fewer[: 3 * 1024 : 3])) <= 256


@pytest.mark.parametrize("make", [png, tiff], ids=lambda make: make.__name__)
def test_grey_keeps_more_than_256_levels(make: Callable[..., bytes], render_one: RenderOne) -> None:
    original = make(2048, 16, lambda x, y: (32 * x,))  # noqa: ARG005

    data = render_one(original, "1024:avif:depth=10:q95").data

    _, values = decoded(data)
    assert len(set(values[: 3 * 1024 : 3])) > 800


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_the_values_are_those_of_the_original(
    make: Callable[..., bytes], render_one: RenderOne
) -> None:
    data = render_one(make(96, 64, corners), "48:avif:depth=10:q95").data

    for x, y in ((8, 8), (40, 8), (8, 24), (40, 24)):
        assert pixel_of(data, x, y) == pytest.approx(corners(2 * x, 2 * y), abs=1_500)


def test_a_part_is_cropped_turned_and_mirrored_like_one_with_8_bits(render_one: RenderOne) -> None:
    original, options = png(96, 64, corners), "32x32:cover:focus0.9x0.5:mirror:rotate90:avif:q95"

    deep = render_one(original, f"{options}:depth=10").data
    flat = render_one(original, options).data

    for x, y in ((4, 4), (27, 4), (4, 27), (27, 27)):
        assert pixel_of(deep, x, y) == pytest.approx(pixel_of(flat, x, y), abs=1_500)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_the_orientation_is_applied(orientation: int, render_one: RenderOne) -> None:
    entry = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0)
    exif = b"II*\0\x08\0\0\0\x01\0" + entry + bytes(4)
    original = png(96, 64, corners, (b"eXIf", exif))

    deep = render_one(original, "48:avif:depth=10:q95").data
    flat = render_one(original, "48:avif:q95").data

    assert pixel_of(deep, 5, 5) == pytest.approx(pixel_of(flat, 5, 5), abs=1_500)


def test_transparency_is_kept_and_clear_pixels_do_not_colour_others(render_one: RenderOne) -> None:
    def half(x: int, y: int) -> tuple[int, ...]:  # noqa: ARG001
        return (50_000, 10_000, 10_000, 65_535) if x < 32 else (0, 60_000, 0, 0)

    data = render_one(png(64, 64, half), "32:avif:depth=10:q95").data

    assert pixel_of(data, 8, 16)[3] > 65_000
    assert pixel_of(data, 24, 16)[3] < 500
    assert pixel_of(data, 15, 16)[:2] == pytest.approx([50_000, 10_000], abs=4_000)


@pytest.mark.parametrize(
    "original",
    [
        pytest.param(lambda: avif(96, 64, corners, PQ), id="avif"),
        pytest.param(lambda: png(96, 64, corners, (b"cICP", bytes((*PQ, 0, 1)))), id="png"),
        pytest.param(lambda: heic(96, 64, corners, **HEIC_PQ), id="heic"),
    ],
)
def test_hdr_by_colour_codes_stays_as_it_is(
    original: Callable[[], bytes], render_one: RenderOne
) -> None:
    made = render_one(original(), "48:avif:depth=10:q95")

    assert made.hdr == "pq"
    assert (read_codes(made.data), read_depth(made.data)) == (PQ, 10)
    assert pixel_of(made.data, 8, 8) == pytest.approx(corners(16, 16), abs=2_000)


def test_wide_gamut_stays_with_its_profile(render_one: RenderOne) -> None:
    packed = b"ICC\0\0" + compress(p3_profile())
    made = render_one(png(96, 64, corners, (b"iCCP", packed)), "48:avif:depth=10:q95")

    assert p3_profile() in made.data
    assert pixel_of(made.data, 8, 8) == pytest.approx(corners(16, 16), abs=1_500)


@pytest.mark.parametrize("word", ["gray", "blur2", "bgffffff:pad"])
def test_edited_pixels_have_8_bits(word: str, render_one: RenderOne) -> None:
    made = render_one(png(96, 64, corners), f"48x48:avif:depth=10:{word}:q95")

    assert read_depth(made.data) == 8


def test_colours_that_have_to_be_converted_have_8_bits(render_one: RenderOne) -> None:
    gamma = (b"gAMA", struct.pack(">I", 100_000))
    original = png(96, 64, lambda x, y: corners(x, y)[:1], gamma)

    made = render_one(original, "48:avif:depth=10:q95")

    assert probe(original).depth == 16
    assert read_depth(made.data) == 8


def test_an_original_with_8_bits_stays_at_8(save: Save, render_one: RenderOne) -> None:
    data = save(Image.linear_gradient("L").convert("RGB"), "PNG")

    deep, flat = (render_one(data, f"128:avif{word}").data for word in (":depth=10", ""))

    assert deep == flat
    assert read_depth(deep) == 8


@pytest.mark.parametrize("word", ["quality=auto:70", "max=2kB", "e0", "e6", "q100"])
def test_other_options_of_the_encoder_work_with_10_bits(word: str, render_one: RenderOne) -> None:
    made = render_one(png(96, 64, corners), f"64:avif:depth=10:{word}")

    assert read_depth(made.data) == 10
    assert len(made.data) < 4_000


@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_damaged_files_give_a_rejection_or_an_image(
    make: Callable[..., bytes], render_one: RenderOne
) -> None:
    original = make(96, 64, corners)
    chance = Random(5)  # noqa: S311 - not a secret
    sizes = set()

    for _ in range(60):
        damaged = bytearray(original)
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
        with suppress(ImageRejected):
            made = render_one(bytes(damaged), "48:avif:depth=10")
            sizes.add(len(made.data) > 0)

    assert sizes == {True}


def test_memory_and_time_are_estimated() -> None:
    facts = probe(png(96, 64, corners))
    deep, flat = (make_plans(facts, Recipe.parse(text)) for text in ("48:avif:depth=10", "48:avif"))

    more_bytes = estimate_memory(facts, deep) - estimate_memory(facts, flat)
    more_s = estimate_cpu_s(facts, deep) - estimate_cpu_s(facts, flat)

    assert more_bytes / (96 * 64) == pytest.approx(28, abs=1)
    assert more_s * 1e9 / (96 * 64) == pytest.approx(180, abs=1)


def test_the_option_is_part_of_the_hash_and_needs_avif() -> None:
    with pytest.raises(ConfigurationInvalid, match="expected the format avif"):
        Recipe.parse("500:webp:depth=10")

    assert Recipe.parse("500:avif:depth=10").hash != Recipe.parse("500:avif").hash
    assert Recipe.parse("500:avif:depth=8").hash == Recipe.parse("500:avif").hash
    assert str(Recipe.parse("500:avif:depth=10")) == "500=500x500:inside:avif:depth10"
