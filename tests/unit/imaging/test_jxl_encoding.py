"""Renditions in JPEG XL."""

from collections.abc import Callable

import pytest
from PIL import Image, ImageChops

from imagemill.imaging import Rendition, probe
from imagemill.imaging.decode import open_image
from imagemill.imaging.jxl.encoder import Coding, FrameEncoder
from imagemill.imaging.jxl.sandbox import prepare

Save = Callable[..., bytes]
RenderOne = Callable[..., Rendition]
Draw = Callable[[int, int], Image.Image]

pytestmark = pytest.mark.skipif(not prepare(), reason="needs wasmtime")
SIZE = (60, 40)
LOSSLESS = Coding(*SIZE, 3, 100, 1)


def difference(one: Image.Image, other: Image.Image) -> int:
    """Return the largest difference of any sample."""
    return max(ImageChops.difference(one, other).tobytes())


def decoded(rendition: Rendition) -> Image.Image:
    image = open_image(rendition.data, "jxl")
    image.load()
    return image


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_a_preset_may_ask_for_jpeg_xl(
    mode: str, quarters: Draw, save: Save, render_one: RenderOne
) -> None:
    pixels = quarters(1200, 800).convert(mode)
    if mode == "RGBA":
        pixels.putalpha(Image.linear_gradient("L").resize(pixels.size))

    made = render_one(save(pixels, "PNG"), "400:jxl")

    assert (made.format, made.content_type) == ("jxl", "image/jxl")
    assert decoded(made).size == (400, 267)
    assert decoded(made).has_transparency_data == (mode == "RGBA")


def test_quality_100_is_lossless(quarters: Draw, save: Save, render_one: RenderOne) -> None:
    pixels = quarters(200, 100)

    made = render_one(save(pixels, "PNG"), "200:jxl:q100")

    assert difference(decoded(made), pixels) == 0


def test_a_drawing_is_lossless_where_that_is_smaller(
    quarters: Draw, save: Save, render_one: RenderOne
) -> None:
    pixels = quarters(200, 100)

    made = render_one(save(pixels, "PNG"), "200:jxl")

    assert difference(decoded(made), pixels) == 0


def test_quality_and_effort_of_the_preset_are_used(save: Save, render_one: RenderOne) -> None:
    noise = Image.effect_noise((900, 600), 60).resize((600, 400)).convert("RGB")
    data = save(noise, "JPEG", quality=95)

    usual, coarse, slow = (render_one(data, f"400:jxl{how}") for how in ("", ":q50", ":e4"))

    assert len(coarse.data) < len(usual.data)
    assert len(slow.data) != len(usual.data)


def test_an_animation_becomes_animated_jpeg_xl(
    quarters: Draw, save: Save, render_one: RenderOne
) -> None:
    frames = [quarters(*SIZE).rotate(turn) for turn in (0, 90, 180)]
    data = save(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=80, loop=0)

    made = probe(render_one(data, "30:jxl").data)

    assert (made.format, made.frames, made.width) == ("jxl", 3, 30)


def test_an_animated_original_is_kept_moving_as_webp(quarters: Draw, render_one: RenderOne) -> None:
    encoder = FrameEncoder(LOSSLESS, 0)
    for turn in (0, 90):
        encoder.add(quarters(*SIZE).rotate(turn).tobytes(), 50)

    made = render_one(encoder.finish(), "30")

    assert (made.format, probe(made.data).frames) == ("webp", 2)
