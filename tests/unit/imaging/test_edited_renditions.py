"""Edits together with everything else that a rendition depends on."""

from collections.abc import Callable
from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from imagemill.imaging import Rendered, Rendition, render
from imagemill.imaging.costs import estimate_cpu_s
from imagemill.imaging.facts import Facts
from imagemill.imaging.geometry import Size
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import make_plan
from imagemill.recipe import Recipe

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]

SOURCES = ["JPEG", "PNG", "PNG;LA", "WEBP", "GIF", "TIFF;CMYK", "BMP", "AVIF;RGBA", "PNG;I;16"]
numbers = st.integers(1, 90)
options = st.lists(
    st.one_of(
        st.sampled_from(["square", "mirror", "gray", "bitonal", "bg336699", "north", "southwest"]),
        st.sampled_from(["rotate90", "rotate180", "rotate270", "jpeg", "webp", "keep", "q30"]),
        st.builds("crop{}x{}".format, numbers, numbers),
        st.builds("crop{}x{}x{}x{}".format, numbers, numbers, numbers, numbers),
        st.builds("pcrop{}x{}x{}x{}".format, numbers, numbers, numbers, numbers),
        st.builds("scale{}".format, numbers),
        st.builds("focus0.{}x0.{}".format, numbers, numbers),
        st.builds("{}{}".format, st.sampled_from(["blur", "sharpen"]), st.sampled_from([0.5, 9])),
    ),
    max_size=6,
)


def drawn(source: str, save: Save, quarters: Draw) -> bytes:
    to, _, mode = source.partition(";")
    image = quarters(53, 41)
    if mode == "I;16":
        return save(image.convert("L").convert("I;16"), to)
    if mode in ("LA", "RGBA"):
        image.putalpha(image.convert("L"))
    return save(image.convert(mode or image.mode), to)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    source=st.sampled_from(SOURCES),
    box=st.tuples(numbers, numbers),
    fit=st.sampled_from(["inside", "cover", "exact", "pad"]),
    words=options,
)
def test_any_options_give_an_image_of_the_planned_size(
    save: Save, quarters: Draw, source: str, box: tuple[int, int], fit: str, words: list[str]
) -> None:
    recipe = Recipe.parse(":".join([f"x={box[0]}x{box[1]}", fit, *words]))

    rendered = render(drawn(source, save, quarters), recipe)

    plan = make_plan(rendered.facts, recipe.presets[0])
    rendition = rendered.renditions[0]
    size = Image.open(BytesIO(rendition.data)).size
    assert Size(*size) == Size(rendition.width, rendition.height) == plan.final_size
    if fit == "pad":
        turned = plan.edits.turn >= 5
        assert size == (box[::-1] if turned else box)


@pytest.mark.parametrize("to", ["GIF", "WEBP", "PNG"])
@pytest.mark.parametrize(
    ("options", "size", "corner"),
    [
        ("30:crop70x70x0x0", (30, 30), (220, 30, 30)),
        ("60:mirror", (60, 40), (30, 200, 40)),
        ("60:rotate90", (40, 60), (30, 40, 210)),
        ("60:gray", (60, 40), (87, 87, 87)),
        ("40x40:pad:bg336699", (40, 40), (0x33, 0x66, 0x99)),
        ("60:rotate180:blur1", (60, 40), (240, 220, 40)),
        ("60:sharpen1", (60, 40), (220, 30, 30)),
    ],
)
def test_every_frame_of_an_animation_is_edited(
    to: str,
    options: str,
    size: tuple[int, int],
    corner: tuple[int, int, int],
    save: Save,
    quarters: Draw,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    frames = [quarters(120, 80) for _ in range(3)]
    for number, frame in enumerate(frames):
        # The frames differ in their middle only.
        frame.paste((9, 9, 80 * number), (50, 30, 70, 50))
    data = save(frames[0], to, save_all=True, append_images=frames[1:], duration=100, lossless=True)

    edited = reopen(render_one(data, f"x={options}"))

    assert getattr(edited, "n_frames", 1) == 3
    for index in range(3):
        edited.seek(index)
        assert edited.size == size
        seen = edited.convert("RGB").getpixel((1, 1))
        assert isinstance(seen, tuple)
        assert max(abs(a - b) for a, b in zip(seen, corner, strict=True)) <= 12


def test_padding_of_a_clear_animation_is_transparent(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    frames = [Image.new("RGBA", (20, 20), (200, 30, shade, 255)) for shade in (0, 90)]
    for frame in frames:
        frame.putpixel((0, 0), (0, 0, 0, 0))
    data = save(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)

    padded = reopen(render_one(data, "x=40x20:pad"))
    filled = reopen(render_one(data, "x=40x20:pad:bg00ff00"))

    assert padded.convert("RGBA").getpixel((2, 10)) == (0, 0, 0, 0)
    assert not filled.has_transparency_data


@pytest.mark.parametrize("option", ["mirror", "rotate180", "gray", "blur1", "sharpen1"])
@pytest.mark.parametrize("to", ["JPEG", "WEBP", "GIF", "PNG", "AVIF"])
def test_an_edited_image_of_the_original_s_size_is_no_copy(
    option: str, to: str, save: Save, quarters: Draw, render_one: RenderOne, reopen: Reopen
) -> None:
    image = quarters(64, 48)
    image.paste((0, 0, 0), (3, 3, 9, 7))
    data = save(image, to, quality=20)

    plain, edited = render_one(data, "64"), render_one(data, f"64:{option}")

    assert (edited.width, edited.height) == (64, 48)
    assert reopen(edited).convert("RGB").tobytes() != reopen(plain).convert("RGB").tobytes()


def test_a_crop_of_everything_is_still_a_copy(save: Save, quarters: Draw) -> None:
    data = save(quarters(64, 48), "JPEG", quality=20)

    whole, cropped = (
        render(data, Recipe.parse(recipe)).renditions[0].data
        for recipe in ("x=64", "x=64:crop99x99")
    )

    assert whole == cropped


@pytest.mark.parametrize("option", ["gray", "rotate90", "blur9", "crop20x20x0x0"])
def test_the_placeholder_shows_the_image_without_edits(
    option: str, save: Save, quarters: Draw, render_all: Render
) -> None:
    data = save(quarters(120, 80), "PNG")

    plain, mixed = render_all(data, "x=100"), render_all(data, f"x=100,y=50:{option}")

    assert (mixed.placeholder, mixed.colour) == (plain.placeholder, plain.colour)


def test_an_edited_png_with_a_gamma_is_converted_to_srgb(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    grey = Image.new("RGB", (40, 30), (128, 128, 128))
    plain = save(grey, "PNG")
    gamma = b"\0\0\0\4gAMA\0\1\x86\xa0" + bytes.fromhex("31e8965f")
    data = plain[:33] + gamma + plain[33:]

    turned, padded = render_one(data, "x=40:mirror"), render_one(data, "x=40x40:pad:bg808080")

    assert b"gAMA" in turned.data
    assert b"gAMA" not in padded.data
    # Half of the light is level 188 in sRGB; the background is given in sRGB.
    seen = reopen(padded).convert("RGB")
    assert seen.getpixel((20, 20)) == (188, 188, 188)
    assert seen.getpixel((20, 1)) == (128, 128, 128)


def test_the_same_options_give_the_same_bytes(save: Save, quarters: Draw) -> None:
    data = save(quarters(64, 48), "JPEG")
    recipe = Recipe.parse("x=30x40:cover:focus0.3x0.7:mirror:rotate90:blur1:sharpen2:gray")

    made = [render(data, recipe).renditions[0].data for _ in range(2)]

    assert made[0] == made[1]


def test_presets_that_differ_in_one_edit_have_images_of_their_own(
    save: Save, quarters: Draw, render_all: Render
) -> None:
    data = save(quarters(64, 48), "JPEG")
    words = ["mirror", "rotate90", "gray", "bitonal", "blur1", "sharpen1"]
    recipe = ",".join(["x=32", *(f"{word}=32:{word}" for word in words)])

    made = sorted(rendition.data for rendition in render_all(data, recipe).renditions)
    alone = sorted(render_all(data, part).renditions[0].data for part in recipe.split(","))

    assert all(one != other for one, other in pairwise(made))
    assert made == alone


@pytest.mark.parametrize("recipe", ["a=200:mirror,b=50", "a=200,b=50:mirror"])
def test_an_image_is_not_drawn_from_one_that_is_turned(
    recipe: str, save: Save, quarters: Draw, render_all: Render, reopen: Reopen
) -> None:
    renditions = render_all(save(quarters(400, 300), "JPEG"), recipe).renditions

    corners = [reopen(each).convert("RGB").getpixel((4, 4)) for each in renditions]
    names = [
        "red" if isinstance(each, tuple) and each[0] > each[1] else "green" for each in corners
    ]
    assert names == ["green" if "mirror" in part else "red" for part in recipe.split(",")]


@pytest.mark.parametrize("option", ["blur2", "sharpen2", "gray", "bg336699"])
def test_edits_are_part_of_the_estimates(option: str) -> None:
    facts = Facts("png", 1 << 20, 4000, 3000, has_alpha=True, mode="RGBA")
    plain, edited = (
        [make_plan(facts, Recipe.parse(recipe).presets[0])]
        for recipe in ("x=4000:webp", f"x=4000:webp:{option}")
    )

    assert estimate_cpu_s(facts, edited) > estimate_cpu_s(facts, plain)
    assert estimate_memory(facts, edited) > estimate_memory(facts, plain)
