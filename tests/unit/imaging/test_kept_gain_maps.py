"""Gain maps that are kept: cropped, resized and turned with the rendition."""

import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from io import BytesIO

import pytest
from fakes.gain_maps import (
    APPLE,
    ISO,
    LOCATION,
    ULTRA_HDR,
    XMP,
    joined,
    jpeg,
    packet,
    segment,
    ultra_hdr,
    with_segments,
)
from fakes.heifs import APPLE_MAP, Item, coded, heif
from PIL import Image, ImageStat

from imagemill.imaging import Rendered, render
from imagemill.imaging.fastjpeg import is_available
from imagemill.imaging.gain_maps.apple import logarithms
from imagemill.imaging.gain_maps.find import find_gain_map
from imagemill.imaging.gain_maps.found import GainMap
from imagemill.imaging.gain_maps.metadata import GainMetadata, iso_bytes
from imagemill.imaging.limits import Limits
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import make_plans
from imagemill.imaging.probing import probe
from imagemill.recipe import Recipe

Render = Callable[..., Rendered]
Draw = Callable[[int, int], Image.Image]
SIDE = 240


def found(data: bytes) -> GainMap | None:
    return find_gain_map(data, "jpeg", lambda: b"").gain_map


def base_of(data: bytes) -> bytes:
    """Return the first image without the segments that declare the second."""
    kept = found(data)
    assert kept is not None
    first = data[: kept.place.start]
    for start in (b"http://ns.adobe.com/xap/1.0/\0", ISO, b"MPF\0"):
        at = first.index(start) - 4
        length = int.from_bytes(first[at + 2 : at + 4], "big")
        first = first[:at] + first[at + 2 + length :]
    return first


def map_of(data: bytes) -> Image.Image:
    kept = found(data)
    assert kept is not None
    return Image.open(BytesIO(data[kept.place.start : kept.place.end]))


def corners(image: Image.Image) -> list[int]:
    """Return the levels in the middle of the four quarters: left to right, top to bottom."""
    grey, width, height = image.convert("L"), image.width, image.height
    places = [(x, y) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]
    return [grey.crop((x, y, x + 1, y + 1)).tobytes()[0] for x, y in places]


def far(levels: Sequence[float], wanted: Sequence[float]) -> float:
    return max(abs(a - b) for a, b in zip(levels, wanted, strict=True))


@pytest.fixture
def quarters_of_gain() -> Image.Image:
    """A map of 30, 90, 150 and 210: left to right, top to bottom."""
    image = Image.new("L", (SIDE // 2, SIDE // 2), 30)
    half = SIDE // 4
    for level, place in ((90, (half, 0)), (150, (0, half)), (210, (half, half))):
        image.paste(level, (*place, place[0] + half, place[1] + half))
    return image


@pytest.fixture
def bright(quarters: Draw, quarters_of_gain: Image.Image) -> bytes:
    return ultra_hdr(quarters(SIDE, SIDE), quarters_of_gain)


def test_a_jpeg_keeps_its_gain_map_beside_the_same_base(bright: bytes, render_all: Render) -> None:
    kept, plain = render_all(bright, "120"), render_all(bright, "120:hdr=off")

    assert base_of(kept.renditions[0].data) == plain.renditions[0].data
    assert (kept.renditions[0].hdr, plain.renditions[0].hdr) == ("gain_map", None)
    assert (kept.warnings, plain.warnings) == ((), ("hdr",))
    assert found(plain.renditions[0].data) is None


@pytest.mark.parametrize("recipe", ["120", "240", "40x40:cover", "1000"])
def test_the_map_has_the_gain_of_the_original(
    recipe: str, bright: bytes, render_all: Render
) -> None:
    made = render_all(bright, recipe).renditions[0]

    assert far(corners(map_of(made.data)), (30, 90, 150, 210)) <= 3


@pytest.mark.parametrize(
    ("recipe", "levels"),
    [
        ("120:mirror", [90, 30, 210, 150]),
        ("120:rotate90", [150, 30, 210, 90]),
        ("120:mirror:rotate270", [30, 150, 90, 210]),
        ("80:crop120x120x120x120", [210] * 4),
        ("80:crop119x121x121x0", [90] * 4),
        ("40x80:cover:west", [30, 30, 150, 150]),
        ("40x80:cover:focus0.9x0.5:rotate180", [210, 210, 90, 90]),
    ],
)
def test_the_map_is_cropped_and_turned_with_the_image(
    recipe: str, levels: list[int], bright: bytes, render_all: Render
) -> None:
    made = render_all(bright, recipe).renditions[0]

    gained = map_of(made.data)
    assert far(corners(gained), levels) <= 4
    assert abs(gained.width / gained.height - made.width / made.height) < 0.05


@pytest.mark.parametrize(("recipe", "sides"), [("100", (50, 50)), ("239", (120, 120))])
def test_the_map_has_half_the_sides_of_the_rendition_but_no_more_than_its_own(
    recipe: str, sides: tuple[int, int], bright: bytes, render_all: Render
) -> None:
    made = render_all(bright, recipe).renditions[0]

    assert map_of(made.data).size == sides


@pytest.mark.parametrize("orientation", range(2, 9))
def test_the_map_is_turned_upright_like_the_image(
    orientation: int, quarters: Draw, quarters_of_gain: Image.Image, render_all: Render
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = ultra_hdr(quarters(SIDE, SIDE), quarters_of_gain, exif=exif)
    upright = {2: [90, 30, 210, 150], 3: [210, 150, 90, 30], 4: [150, 210, 30, 90]}
    upright |= {5: [30, 150, 90, 210], 6: [150, 30, 210, 90], 7: [210, 90, 150, 30]}
    upright |= {8: [90, 210, 30, 150]}

    gained = map_of(render_all(data, "120").renditions[0].data)

    assert far(corners(gained), upright[orientation]) <= 4


def test_padding_has_no_gain(bright: bytes, render_all: Render) -> None:
    gained = map_of(render_all(bright, "120x60:pad").renditions[0].data).convert("L")

    # A quarter of the way from -1 to 3 stops.
    assert gained.getpixel((1, gained.height // 2)) in range(62, 67)
    assert gained.width == 2 * gained.height


def test_a_map_in_colour_stays_in_colour(quarters: Draw, render_all: Render) -> None:
    stops = "".join(f"<rdf:li>{stops}</rdf:li>" for stops in (1, 2, 3))
    content = f"<hdrgm:GainMapMax><rdf:Seq>{stops}</rdf:Seq></hdrgm:GainMapMax>"
    gain = Image.new("RGB", (100, 50), (200, 100, 50))
    data = ultra_hdr(quarters(200, 100), gain, 'hdrgm:Version="1.0"', content)

    made = render_all(data, "100").renditions[0].data

    kept = found(made)
    assert kept is not None
    assert (kept.metadata.maximum, kept.metadata.alternate_headroom) == ((1, 2, 3), 3)
    assert far(ImageStat.Stat(map_of(made)).mean, (200, 100, 50)) <= 4


def test_grey_renditions_have_a_grey_map_and_bitonal_ones_none(
    quarters: Draw, render_all: Render
) -> None:
    data = ultra_hdr(quarters(200, 100), Image.new("RGB", (100, 50), (200, 100, 50)))

    grey, bitonal = render_all(data, "a=100:gray, b=100:bitonal").renditions

    assert map_of(grey.data).mode == "L"
    assert (bitonal.hdr, found(bitonal.data)) == (None, None)


def test_nothing_private_is_in_the_second_image(bright: bytes, render_all: Render) -> None:
    made = render_all(bright, "120, 1000").renditions

    assert LOCATION in bright
    assert not any(LOCATION[6:] in one.data for one in made)


@pytest.mark.parametrize("to", ["webp", "avif", "png"])
def test_other_formats_lose_the_map_with_a_warning(
    to: str, bright: bytes, render_all: Render
) -> None:
    rendered = render_all(bright, f"120:{to}, 60:jpeg")

    assert [one.hdr for one in rendered.renditions] == [None, "gain_map"]
    assert rendered.warnings == ("hdr",)


def test_a_rendition_with_its_map_has_no_more_bytes_than_the_original(
    quarters: Draw, render_all: Render
) -> None:
    data = ultra_hdr(quarters(64, 64), Image.new("L", (1, 1)), quality=30)

    made = render_all(data, "1000").renditions[0]

    assert len(made.data) <= len(data)
    assert made.hdr is None


@pytest.mark.parametrize("offset", [1, 100, 2**31, 2**32 - 1])
def test_an_index_that_lies_costs_the_gain_map_only(
    offset: int, quarters: Draw, render_all: Render
) -> None:
    base = jpeg(quarters(80, 60))
    gain = with_segments(jpeg(Image.new("L", (20, 15))), segment(0xE1, packet(ULTRA_HDR)))
    declared = segment(0xE1, packet('hdrgm:Version="1.0"'))

    rendered = render_all(joined(base, gain, declared, offset=offset), "40")

    assert rendered.renditions[0].data == render_all(base, "40").renditions[0].data
    assert rendered.warnings == ("gain_map_ignored", "hdr")


def test_a_gain_map_that_cannot_be_decoded_costs_the_gain_map_only(
    bright: bytes, render_all: Render
) -> None:
    kept = found(bright)
    assert kept is not None
    broken = bright[: kept.place.start + 900]

    rendered = render_all(broken, "120")

    assert rendered.renditions[0].data == render_all(bright, "120:hdr=off").renditions[0].data
    assert rendered.warnings == ("gain_map_ignored", "hdr")


def test_a_progressive_map_is_kept(
    quarters: Draw, quarters_of_gain: Image.Image, render_all: Render
) -> None:
    gain = with_segments(jpeg(quarters_of_gain, progressive=True), segment(0xE1, packet(ULTRA_HDR)))
    data = joined(jpeg(quarters(SIDE, SIDE)), gain, segment(0xE1, packet('hdrgm:Version="1.0"')))

    made = render_all(data, "120").renditions[0]

    assert far(corners(map_of(made.data)), (30, 90, 150, 210)) <= 3


def test_a_map_of_hundreds_of_scans_costs_the_gain_map_only(
    quarters: Draw, render_all: Render
) -> None:
    gain = jpeg(Image.new("L", (800, 800), 90), progressive=True)
    last_scan = gain[gain.rindex(b"\xff\xda") : -2]
    gain = gain[:-2] + 400 * last_scan + gain[-2:]
    own = segment(0xE1, packet(ULTRA_HDR))
    data = joined(jpeg(quarters(SIDE, SIDE)), with_segments(gain, own))

    rendered = render_all(data, "120")

    assert rendered.renditions[0].hdr is None
    assert rendered.warnings == ("gain_map_ignored", "hdr")


def test_a_gain_map_over_the_limits_costs_the_gain_map_only(bright: bytes) -> None:
    without = Recipe.parse("120:hdr=off")
    plain, facts = render(bright, without), probe(bright)
    needed = estimate_memory(facts, make_plans(facts, without), sandboxed=is_available())

    rendered = render(bright, Recipe.parse("120"), Limits(max_memory_bytes=needed))

    assert rendered.renditions[0].data == plain.renditions[0].data
    assert rendered.warnings == ("gain_map_ignored", "hdr")


def test_an_avif_gives_its_gain_map_to_a_jpeg(
    quarters: Draw, quarters_of_gain: Image.Image, render_all: Render
) -> None:
    metadata = GainMetadata((-1.0,), (3.0,), (1.0,), (0.0,), (0.0,), 0.0, 3.0)
    size = (b"ispe", struct.pack(">III", 0, SIDE, SIDE))
    items = (
        coded(quarters(SIDE, SIDE)),
        coded(quarters_of_gain),
        Item(b"tmap", b"\0" + iso_bytes(metadata), (size,), b"dimg", (1, 2)),
    )

    rendered = render_all(heif(b"avif", items), "a=120:jpeg:mirror, b=120")

    jpeg_one, avif_one = rendered.renditions
    kept = found(jpeg_one.data)
    assert kept is not None
    assert (kept.metadata, rendered.warnings, avif_one.hdr) == (metadata, ("hdr",), None)
    assert far(corners(map_of(jpeg_one.data)), (90, 30, 210, 150)) <= 6


def test_a_heif_gives_its_auxiliary_map_to_a_jpeg(
    quarters: Draw, quarters_of_gain: Image.Image, render_all: Render
) -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()
    xmp = packet('HDRGainMap:HDRGainMapHeadroom="8"', APPLE, "HDRGainMap")[len(XMP) :]
    items = (
        coded(quarters(SIDE, SIDE), to="HEIF"),
        coded(
            quarters_of_gain, (b"auxC", bytes(4) + APPLE_MAP), to="HEIF", reference=b"auxl", of=1
        ),
        Item(b"mime", xmp, (), b"cdsc", (2,)),
    )

    rendered = render_all(heif(b"heic", items), "120")

    kept = found(rendered.renditions[0].data)
    assert kept is not None
    assert (kept.metadata.maximum, rendered.warnings) == ((3.0,), ())
    levels = [logarithms(3.0)[level] for level in (30, 90, 150, 210)]
    assert far(corners(map_of(rendered.renditions[0].data)), levels) <= 6


def test_an_item_that_cannot_be_decoded_costs_the_gain_map_only(
    quarters: Draw, quarters_of_gain: Image.Image, render_all: Render
) -> None:
    metadata = GainMetadata((-1.0,), (3.0,), (1.0,), (0.0,), (0.0,), 0.0, 3.0)
    broken = replace(coded(quarters_of_gain), content=bytes(200))
    tone_mapped = Item(b"tmap", b"\0" + iso_bytes(metadata), (), b"dimg", (1, 2))

    rendered = render_all(
        heif(b"avif", (coded(quarters(SIDE, SIDE)), broken, tone_mapped)), "120:jpeg"
    )

    assert rendered.warnings == ("gain_map_ignored", "hdr")
    assert rendered.renditions[0].hdr is None


def test_a_rendition_that_is_not_described_is_the_same(bright: bytes) -> None:
    recipe = Recipe.parse("120")

    described, bare = (render(bright, recipe, described=each) for each in (True, False))

    assert bare.renditions == described.renditions
