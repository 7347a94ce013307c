from collections.abc import Callable

import pytest
from PIL import Image

from imagemill.imaging import Rendition

Save = Callable[..., bytes]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]


def halves(mode: str, left: object, right: object, width: int = 400) -> Image.Image:
    drawn = "I" if mode == "I;16" else mode
    image = Image.new(drawn, (width, width // 2), left)  # type: ignore[arg-type]  # any ink
    image.paste(right, (width // 2, 0, width, width // 2))  # type: ignore[arg-type]
    return image.convert(mode)


@pytest.mark.parametrize("recipe", ["100:png", "100:webp", "100:avif", "500:png"])
def test_alpha_is_kept(recipe: str, save: Save, render_one: RenderOne, reopen: Reopen) -> None:
    data = save(halves("RGBA", (200, 40, 40, 0), (40, 40, 200, 128)), "PNG")

    alpha = reopen(render_one(data, recipe)).convert("RGBA").getchannel("A")

    assert alpha.getpixel((10, 10)) == 0
    assert alpha.getpixel((alpha.width - 10, 10)) == pytest.approx(128, abs=2)


def test_colours_of_transparent_pixels_do_not_bleed(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = Image.new("RGBA", (400, 400), (0, 255, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 203, 400))

    small = reopen(render_one(save(image, "PNG"), "40")).convert("RGBA")

    greens = [small.getpixel((x, 20)) for x in range(18, 23)]
    assert max(rgba[1] for rgba in greens if isinstance(rgba, tuple) and rgba[3]) < 8


def test_a_format_without_alpha_shows_it_on_white(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(halves("RGBA", (0, 0, 0, 0), (0, 0, 0, 128)), "PNG")

    small = reopen(render_one(data, "100:jpeg"))

    assert small.getpixel((10, 10)) == (255, 255, 255)
    assert small.getpixel((90, 10)) == pytest.approx((127, 127, 127), abs=2)


def test_a_clear_palette_entry_stays_clear(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = halves("P", 0, 1)
    image.putpalette([255, 0, 0, 0, 0, 255])
    data = save(image, "PNG", transparency=0)

    small = reopen(render_one(data, "100")).convert("RGBA")

    assert small.getpixel((10, 10))[3] == 0  # type: ignore[index]  # RGBA is a tuple
    assert small.getpixel((90, 10)) == (0, 0, 255, 255)


@pytest.mark.parametrize(("mode", "key", "ink"), [("RGB", (9, 8, 7), (200, 100, 50)), ("L", 7, 90)])
def test_a_clear_key_colour_stays_clear(
    mode: str, key: object, ink: object, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(halves(mode, key, ink), "PNG", transparency=key)

    small = reopen(render_one(data, "100")).convert("RGBA")

    assert small.getpixel((10, 10))[3] == 0  # type: ignore[index]  # RGBA is a tuple
    assert small.getpixel((90, 10))[3] == 255  # type: ignore[index]


def test_a_palette_is_blended_in_colour_not_in_index(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = Image.new("P", (400, 400), 0)
    image.putpalette([0, 0, 0, 255, 0, 0, 255, 255, 255])
    for x in range(0, 400, 2):
        image.paste(2, (x, 0, x + 1, 400))

    small = reopen(render_one(save(image, "PNG"), "40:png")).convert("RGB")

    assert small.getpixel((20, 20)) == pytest.approx((127, 127, 127), abs=3)


def test_a_bilevel_drawing_is_blended_to_grey(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = Image.new("1", (400, 400), 0)
    for x in range(0, 400, 2):
        image.paste(1, (x, 0, x + 1, 400))

    small = reopen(render_one(save(image, "PNG"), "40"))

    assert small.convert("L").getpixel((20, 20)) == pytest.approx(127, abs=3)


@pytest.mark.parametrize("to", ["PNG", "TIFF"])
@pytest.mark.parametrize("recipe", ["100:png", "500:png"])
def test_sixteen_bits_are_scaled_not_clipped(
    to: str, recipe: str, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(halves("I;16", 0x4000, 0xC000), to)

    small = reopen(render_one(data, recipe)).convert("L")

    assert small.getpixel((10, 10)) == pytest.approx(64, abs=1)
    assert small.getpixel((small.width - 10, 10)) == pytest.approx(191, abs=1)


def test_sixteen_bits_with_a_clear_grey_keep_it_clear(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(halves("I;16", 0x4000, 0xC000), "PNG", transparency=0x4000)

    small = reopen(render_one(data, "100")).convert("LA")

    assert small.getpixel((10, 10))[1] == 0  # type: ignore[index]  # LA is a tuple
    assert small.getpixel((90, 10)) == pytest.approx((191, 255), abs=1)


@pytest.mark.parametrize(
    ("left", "right", "greys"), [(0.25, 1.0, (64, 255)), (-10.0, 30.0, (0, 255))]
)
def test_floats_are_stretched_to_8_bit_grey(
    left: float,
    right: float,
    greys: tuple[int, int],
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    data = save(halves("F", left, right), "TIFF")

    small = reopen(render_one(data, "100:png")).convert("L")

    assert (small.getpixel((10, 10)), small.getpixel((90, 10))) == pytest.approx(greys, abs=1)


def test_a_large_image_is_the_same_reduced_in_bands(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    tall = Image.linear_gradient("L").resize((2400, 4800)).convert("RGB")

    small = reopen(render_one(save(tall, "PNG", compress_level=1), "200")).convert("L")

    expected = tall.convert("L").resize(small.size, Image.Resampling.LANCZOS)
    rows = zip(
        small.crop((50, 0, 51, 200)).tobytes(),
        expected.crop((50, 0, 51, 200)).tobytes(),
        strict=True,
    )
    assert max(abs(a - b) for a, b in rows) <= 2
