"""A region of a large image, decoded alone, against the same region of the whole image."""

from collections.abc import Callable
from io import BytesIO

import pytest
from fakes import jpegs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageStat

from imagemill.imaging import Rendered, Rendition, render
from imagemill.imaging.costs import estimate_cpu_s
from imagemill.imaging.facts import Facts
from imagemill.imaging.geometry import Box
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import Plan, make_plans
from imagemill.imaging.regions import part_to_decode
from imagemill.recipe import Recipe

MIB = 1 << 20
SIZE = (1_500, 1_100)
SCENE = jpegs.scene(*SIZE)
ORIENTATION = 0x0112


def sideways(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return jpegs.save(SCENE, quality=85, exif=exif)


JPEGS = {
    "baseline": jpegs.save(SCENE, quality=85),
    "progressive": jpegs.save(SCENE, quality=85, progressive=True),
    "orientation 6": sideways(6),
    "orientation 4": sideways(4),
}

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]


def plans_for(facts: Facts, recipe: str) -> tuple[Plan, ...]:
    return make_plans(facts, Recipe.parse(recipe))


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(sorted(JPEGS)),
    left=st.integers(0, 1_000),
    top=st.integers(0, 1_000),
    width=st.integers(1, 700),
    height=st.integers(1, 700),
    side=st.sampled_from([16, 100, 512]),
    to=st.sampled_from(["jpeg", "png"]),
)
def test_a_region_of_a_jpeg_has_the_same_bytes_as_from_the_whole(
    name: str, left: int, top: int, width: int, height: int, side: int, to: str
) -> None:
    region = f"x={side}:{to}:crop{width}x{height}x{left}x{top}"

    alone = render(JPEGS[name], Recipe.parse(region))
    # A second preset that shows the whole image needs all of it decoded, but not more finely.
    among = render(JPEGS[name], Recipe.parse(f"{region},whole=1"))

    assert alone.sandbox == "drawn"
    assert alone.renditions[0].data == among.renditions[0].data


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P"])
@pytest.mark.parametrize("region", ["crop300x200x1100x850", "crop500x20x0x0", "pcrop30x80x50x10"])
def test_a_region_of_a_png_equals_that_of_the_whole(
    mode: str, region: str, save: Save, render_one: RenderOne
) -> None:
    data = save(SCENE.convert(mode), "PNG", compress_level=1)

    recipe = f"x=100:jpeg:q95:{region}"
    alone, among = render_one(data, recipe), render_one(data, f"{recipe},whole=1")

    ours, theirs = (Image.open(BytesIO(each.data)).convert("L") for each in (alone, among))
    assert ImageStat.Stat(ImageChops.difference(ours, theirs)).mean[0] < 0.2


def test_a_region_of_a_damaged_png_is_decoded_up_to_its_last_row(
    save: Save, render_all: Render
) -> None:
    data = save(SCENE, "PNG", compress_level=1)

    rendered = render_all(data[: len(data) * 9 // 10], "x=100:crop200x200x0x0")

    assert rendered.sandbox == "drawn"
    assert (
        rendered.renditions[0].data == render_all(data, "x=100:crop200x200x0x0").renditions[0].data
    )


@pytest.mark.parametrize(
    ("recipe", "part"),
    [
        ("x=100:crop100x100x600x700", Box(512, 512, 1024, 1024)),
        ("x=100:crop800x800x1000x1000", Box(768, 768, 2048, 2048)),
        ("x=100:crop10x10x0x0,y=50:crop10x10x3990x0", Box(0, 0, 4000, 256)),
        ("x=100:crop10x10x0x0,y=50", Box(0, 0, 4000, 3000)),
        ("x=10x10:cover", Box(0, 0, 4000, 3000)),
        ("x=1000x1000:cover,y=10:crop10x10x1000x0", Box(0, 0, 4000, 3000)),
    ],
)
def test_a_part_is_decoded_that_all_regions_need(recipe: str, part: Box) -> None:
    facts = Facts("jpeg", 1, 4000, 3000)

    assert part_to_decode(facts, plans_for(facts, recipe)) == part


def test_the_part_of_a_sideways_image_is_as_stored() -> None:
    facts = Facts("jpeg", 1, 3000, 4000, orientation=6)

    # The upper left corner was stored at the lower left.
    assert part_to_decode(facts, plans_for(facts, "x=10:crop10x10x0x0")) == Box(0, 2816, 256, 3000)


@pytest.mark.parametrize(
    ("facts", "most_mib"),
    [
        (Facts("jpeg", 30 * MIB, 12_000, 8_300), 60),
        (Facts("jpeg", 30 * MIB, 12_000, 8_300, is_progressive=True), 110),
        (Facts("png", 90 * MIB, 12_000, 8_300), 30),
    ],
)
def test_a_tile_of_a_huge_image_is_estimated_by_its_own_size(facts: Facts, most_mib: int) -> None:
    tile = plans_for(facts, "x=512:crop512x512x6000x6000")
    among = plans_for(facts, "x=512:crop12000x8300x0x0,y=512:crop512x512x6000x6000")

    assert estimate_memory(facts, tile, sandboxed=True) < most_mib * MIB
    assert estimate_memory(facts, among, sandboxed=True) > 2 * most_mib * MIB
    assert estimate_cpu_s(facts, tile, sandboxed=True) < estimate_cpu_s(
        facts, among, sandboxed=True
    )
