"""`quality=auto` gives each image the quality that its score of SSIMULACRA 2 needs."""

from collections.abc import Callable
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from imagemill.imaging import Rendition, render
from imagemill.imaging.arrow import pixel_bytes
from imagemill.imaging.costs import estimate_cpu_s
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import score
from imagemill.imaging.memory import estimate_memory
from imagemill.imaging.plan import make_plans
from imagemill.imaging.target_quality import typical_quality
from imagemill.recipe import Recipe

Save = Callable[..., bytes]
RenderOne = Callable[..., Rendition]
SIDE = 240
LOSSY = ("jpeg", "webp", "avif", "jxl")


def textured(strength: float) -> Image.Image:
    """Return smooth colours under a texture, the same in every run."""
    count = SIDE // 3
    noise = Random(3).randbytes(3 * count * count)  # noqa: S311  # not a secret
    grain = Image.frombytes("RGB", (count, count), noise)
    ramp = Image.linear_gradient("L").resize((SIDE, SIDE))
    smooth = Image.merge("RGB", (ramp, ramp.rotate(180), ramp.rotate(90)))
    return Image.blend(smooth, grain.resize((SIDE, SIDE), Image.Resampling.BICUBIC), strength)


def scored(image: Image.Image, rendition: Rendition) -> float:
    # As the function decodes JPEG XL, which Pillow does not.
    shown = render(rendition.data, Recipe.parse(f"{image.width}:png")).renditions[0]
    made = Image.open(BytesIO(shown.data)).convert("RGB")
    with pixel_bytes(image) as first, pixel_bytes(made) as second:
        return score(image.size, first, second)


@pytest.mark.parametrize("to", LOSSY)
@pytest.mark.parametrize("strength", [0.1, 0.3])
def test_the_target_is_reached(to: str, strength: float, save: Save, render_one: RenderOne) -> None:
    image = textured(strength)

    made = render_one(save(image, "PNG"), f"{SIDE}:{to}:quality=auto:70")

    assert made.format == to
    assert scored(image, made) == pytest.approx(70, abs=1.5)


def test_the_default_target_is_75(save: Save, render_one: RenderOne) -> None:
    data = save(textured(0.1), "PNG")

    default, named = (render_one(data, f"{SIDE}:webp:{word}") for word in ("q=auto", "qauto75"))

    assert default == named


def test_the_quality_that_was_chosen_is_told_and_makes_the_same_file(
    save: Save, render_one: RenderOne
) -> None:
    data = save(textured(0.1), "PNG")

    chosen = render_one(data, f"{SIDE}:webp:quality=auto")
    named = render_one(data, f"{SIDE}:webp:q{chosen.quality}")

    assert named.data == chosen.data
    assert named.quality is None


def test_a_jpeg_keeps_all_its_colour_where_half_of_it_does_not_suffice(
    save: Save, render_one: RenderOne
) -> None:
    image = textured(0.7)

    made = render_one(save(image, "PNG"), f"{SIDE}:jpeg:quality=auto:90")

    # The sampling factors of luma in the frame header: T.81, B.2.2.
    frame = max(map(made.data.find, (b"\xff\xc0", b"\xff\xc2")))
    assert made.data[frame + 11] == 0x11
    assert scored(image, made) == pytest.approx(90, abs=1.5)


def test_the_quality_of_the_original_is_the_highest(save: Save, render_one: RenderOne) -> None:
    original = save(textured(0.3), "JPEG", quality=30)

    made = render_one(original, f"{SIDE}:webp:quality=auto:90")

    assert made.quality is not None
    assert made.quality <= 30


def test_the_most_bytes_have_priority(save: Save, render_one: RenderOne) -> None:
    data = save(textured(0.3), "PNG")

    made = render_one(data, f"{SIDE}:webp:quality=auto:80:max=5kB")

    assert len(made.data) <= 5_000
    assert made.quality is None


def test_transparency_is_kept(save: Save, render_one: RenderOne) -> None:
    image = textured(0.1)
    image.putalpha(Image.linear_gradient("L").resize(image.size))

    made = render_one(save(image, "PNG"), f"{SIDE}:webp:quality=auto")

    assert made.quality is not None
    assert Image.open(BytesIO(made.data)).mode == "RGBA"


@pytest.mark.parametrize("to", ["PNG", "GIF"])
def test_formats_without_a_quality_have_none(to: str, save: Save, render_one: RenderOne) -> None:
    data = save(textured(0.1), to)

    made, plain = render_one(data, "99:quality=auto"), render_one(data, "99")

    assert made == plain


def test_an_animation_has_the_usual_quality(save: Save, render_one: RenderOne) -> None:
    first, second = textured(0.1), textured(0.3)
    data = save(first, "WEBP", save_all=True, append_images=[second], duration=90)

    assert render_one(data, "99:quality=auto") == render_one(data, "99")


def test_without_the_sandbox_the_quality_is_the_usual_one_for_the_target(save: Save) -> None:
    data, recipe = save(textured(0.3), "PNG"), Recipe.parse("99:webp:quality=auto:75")

    made = render(data, recipe, sandboxed=False).renditions[0]

    assert made.quality == typical_quality("webp", 75)


@pytest.mark.parametrize("to", ["jpeg", "jxl"])
def test_a_large_image_is_measured_by_a_sample(to: str, save: Save, render_one: RenderOne) -> None:
    image = textured(0.3).resize((1_200, 1_200), Image.Resampling.NEAREST)

    made = render_one(save(image, "PNG", compress_level=1), f"1200:{to}:quality=auto:80")

    assert scored(image, made) == pytest.approx(80, abs=2)


@pytest.mark.parametrize("to", LOSSY)
def test_searching_is_part_of_the_estimates(to: str) -> None:
    facts = Facts("bmp", 0, 1_000, 1_000)
    plain, auto = (
        make_plans(facts, Recipe.parse(f"1000:{to}{words}")) for words in ("", ":quality=auto")
    )

    assert estimate_cpu_s(facts, auto) > 1.3 * estimate_cpu_s(facts, plain)
    assert estimate_memory(facts, auto) > estimate_memory(facts, plain) + 25_000_000
