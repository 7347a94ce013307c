from collections.abc import Callable
from io import BytesIO

import pytest
from fakes import jpegs
from PIL import Image, ImageChops

from imagemill.imaging import render
from imagemill.imaging.arrow import pixel_bytes
from imagemill.imaging.geometry import Box, Size
from imagemill.imaging.modes import to_resampled
from imagemill.imaging.resample import Layer, make_layer
from imagemill.imaging.sandboxed_pixels import is_resized_in_sandbox, resize_in_sandbox
from imagemill.recipe import Recipe

Save = Callable[..., bytes]
Draw = Callable[[int, int], Image.Image]
Part = tuple[float, float, float, float]
MODES = ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"]


def rendered(data: bytes, recipe: str, *, sandboxed: bool = True) -> Image.Image:
    made = render(data, Recipe.parse(recipe), sandboxed=sandboxed)
    return Image.open(BytesIO(made.renditions[0].data)).convert("RGBA")


def greatest_difference(ours: Image.Image, theirs: Image.Image) -> int:
    return max(
        max(ImageChops.difference(*pair).tobytes())
        for pair in zip(ours.split(), theirs.split(), strict=True)
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("recipe", ["150:png", "90:png", "20:png", "100x40:cover:png"])
def test_pixels_of_every_mode_look_the_same_with_and_without_the_sandbox(
    mode: str, recipe: str, quarters: Draw, save: Save
) -> None:
    image = quarters(301, 203).convert("L" if mode == "I;16" else mode).convert(mode)
    data = save(image, "PNG", compress_level=1)

    ours, theirs = rendered(data, recipe), rendered(data, recipe, sandboxed=False)

    # Pillow clips between its two passes, which shows where black and white are dithered.
    assert jpegs.rms_difference(ours, theirs) < 4


def test_the_colour_of_transparent_pixels_does_not_show(save: Save) -> None:
    image = Image.new("RGBA", (300, 200), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 151, 200))

    small = rendered(save(image, "PNG"), "77:png")

    red, _, _, alpha = (channel.tobytes() for channel in small.split())
    assert max(level for level, seen in zip(red, alpha, strict=True) if seen > 8) <= 4


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "CMYK", "P"])
def test_bands_of_a_large_image_join_without_a_seam(mode: str) -> None:
    source = Image.linear_gradient("L").resize((1500, 1100)).convert(mode)
    whole = (0.0, 0.0, 1500.0, 1100.0)

    ours = resize_in_sandbox(source, whole, Size(700, 513))

    theirs = to_resampled(source).resize((700, 513), Image.Resampling.LANCZOS)
    assert ours.mode == theirs.mode
    assert greatest_difference(ours, theirs) <= 1


def test_only_the_rows_and_columns_used_decide_about_a_part(noise: Draw) -> None:
    image, part = noise(500, 400), (100.5, 80.25, 300.0, 270.0)

    ours = resize_in_sandbox(image, part, Size(90, 80))

    theirs = image.resize((90, 80), Image.Resampling.LANCZOS, box=part)
    assert jpegs.rms_difference(ours, theirs) < 0.7


@pytest.mark.parametrize(("mode", "accepted"), [("L", True), ("RGBA", True), ("LA", False)])
def test_modes_of_one_or_four_bytes_are_resized_in_the_sandbox(mode: str, accepted: bool) -> None:
    assert is_resized_in_sandbox(Image.new(mode, (2, 2))) is accepted


@pytest.mark.parametrize("sandboxed", [False, True])
def test_far_too_many_pixels_are_averaged_first(sandboxed: bool, noise: Draw) -> None:
    image, whole = noise(1200, 900), Box(0, 0, 1200, 900)
    layer = Layer(image, 1200, 900, whole, sandboxed=sandboxed)

    small = layer.resize(Size(1200, 900), Box(100, 50, 1000, 650), Size(90, 60))

    exact = image.resize((90, 60), Image.Resampling.LANCZOS, box=(100, 50, 1000, 650))
    assert jpegs.rms_difference(small, exact) < 8


@pytest.mark.parametrize(("sandboxed", "mode"), [(True, "RGBA"), (False, "RGBa")])
def test_pixels_are_converted_band_by_band_in_the_sandbox(sandboxed: bool, mode: str) -> None:
    image = Image.new("RGBA", (300, 200))

    layer = make_layer(image, Size(300, 200), Size(200, 134), sandboxed=sandboxed)

    assert layer.pixels.mode == mode


@pytest.mark.parametrize("mode", ["L", "RGBA", "RGBa", "CMYK"])
@pytest.mark.parametrize("size", [(301, 7), (5000, 900)])
def test_stored_pixels_are_read_without_pillow_s_encoder(mode: str, size: tuple[int, int]) -> None:
    image = Image.linear_gradient("L").resize(size).convert("CMYK" if mode == "CMYK" else "RGBA")
    image = image.convert(mode)

    with pixel_bytes(image) as stored:
        assert bytes(stored) == image.tobytes()
