"""A PNG of a drawing gets a palette if nothing visible changes; others keep their colours."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageDraw

from imagemill.imaging import Rendition
from imagemill.imaging.palettes import is_unseen

Save = Callable[..., bytes]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]


def logo(mode: str) -> Image.Image:
    """Return flat areas with smooth edges, on a transparent or white background."""
    image = Image.new("RGBA", (1600, 800), (0, 0, 0, 0) if mode == "RGBA" else "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((100, 100, 700, 700), fill=(220, 40, 60, 255))
    pen.ellipse((250, 250, 550, 550), fill=(255, 255, 255, 255))
    pen.rounded_rectangle((800, 200, 1500, 600), 80, fill=(30, 60, 140, 255))
    return image.convert(mode)


def visible_difference(one: Image.Image, other: Image.Image) -> int:
    pair = (image.convert("RGBA").convert("RGBa") for image in (one, other))
    changes = ImageChops.difference(*pair)
    return max(
        max(value for value, count in enumerate(band.histogram()) if count)
        for band in changes.split()
    )


def in_all_colours(image: Image.Image) -> bytes:
    file = BytesIO()
    image.save(file, "PNG", optimize=True)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_logo_gets_a_palette_and_few_bytes(
    mode: str, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = logo(mode)
    ideal = image.convert("RGBa").resize((400, 200), Image.Resampling.LANCZOS).convert("RGBA")

    made = render_one(save(image, "PNG"), "400")

    assert reopen(made).mode == "P"
    assert len(made.data) < 0.6 * len(in_all_colours(ideal.convert(mode)))
    assert visible_difference(reopen(made), ideal) <= 40


def test_a_gradient_gets_no_palette(save: Save, render_one: RenderOne, reopen: Reopen) -> None:
    shade = Image.linear_gradient("L").resize((800, 800), Image.Resampling.BICUBIC)
    image = Image.merge("RGB", (shade, shade.rotate(90), shade.rotate(180)))

    assert reopen(render_one(save(image, "PNG"), "400")).mode == "RGB"


def test_a_photo_gets_no_palette(
    noise: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    assert reopen(render_one(save(noise(800, 600), "PNG"), "200")).mode == "RGB"


def test_few_colours_are_kept_exactly(
    quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = quarters(64, 64)

    made = render_one(save(image, "TIFF"), "500:png")

    assert reopen(made).mode == "P"
    assert reopen(made).convert("RGB").tobytes() == image.tobytes()


def test_colours_of_transparent_pixels_do_not_count() -> None:
    clear = Image.new("RGBA", (20, 20), (255, 0, 0, 0))

    assert is_unseen(clear, Image.new("RGBA", (20, 20), (0, 0, 255, 0)))
    assert not is_unseen(clear, Image.new("RGBA", (20, 20), (0, 0, 255, 9)))


def test_a_few_pixels_may_differ_more_than_the_others() -> None:
    grey, changed = Image.new("RGB", (100, 100), "grey"), Image.new("RGB", (100, 100), "grey")

    changed.paste((150, 150, 150), (0, 0, 100, 2))
    assert is_unseen(grey, changed)

    changed.paste((150, 150, 150), (0, 0, 100, 3))
    assert not is_unseen(grey, changed)


def test_no_pixel_may_differ_much() -> None:
    grey, changed = Image.new("RGB", (100, 100), "grey"), Image.new("RGB", (100, 100), "grey")

    changed.putpixel((5, 5), (161, 128, 128))

    assert not is_unseen(grey, changed)
