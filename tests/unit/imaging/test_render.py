from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image, ImageFile

from imagemill.imaging import Limits, Rendered, Rendition, render
from imagemill.imaging.geometry import Box, Size
from imagemill.imaging.resample import Layer
from imagemill.imaging.resize import Wanted, cheapest_that_serves
from imagemill.recipe import DEFAULT_RECIPE, Recipe

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"]

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]


def test_renditions_come_in_the_order_of_the_recipe(
    quarters: Draw, save: Save, render_all: Render
) -> None:
    rendered = render_all(save(quarters(600, 400), "JPEG"), "a=10, b=300:webp, c=20x20:cover, d=60")

    assert [
        (rendition.preset, rendition.width, rendition.height, rendition.format)
        for rendition in rendered.renditions
    ] == [
        ("a", 10, 7, "jpeg"),
        ("b", 300, 200, "webp"),
        ("c", 20, 20, "jpeg"),
        ("d", 60, 40, "jpeg"),
    ]


@pytest.mark.parametrize(("size", "fitted"), [((1, 1000), (1, 500)), ((1000, 1), (500, 1))])
@pytest.mark.parametrize("to", FORMATS)
def test_a_sliver_is_rendered(
    to: str, size: tuple[int, int], fitted: tuple[int, int], save: Save, render_one: RenderOne
) -> None:
    rendition = render_one(save(Image.new("RGB", size, "teal"), to))

    assert (rendition.width, rendition.height) == fitted


def test_one_decode_serves_every_preset(
    quarters: Draw, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = save(quarters(600, 400), "JPEG")
    loads: list[int] = []
    load = ImageFile.ImageFile.load

    def counting(image: ImageFile.ImageFile) -> object:
        loads.append(len(image.tile))
        return load(image)

    monkeypatch.setattr(ImageFile.ImageFile, "load", counting)

    render(data, Recipe.parse("300,200,100,50,x=20x20:cover"), sandboxed=False)

    assert sum(loads) == 1


def test_a_small_preset_looks_the_same_with_and_without_large_ones(
    save: Save, render_all: Render, reopen: Reopen
) -> None:
    image = Image.radial_gradient("L").resize((1600, 1200)).convert("RGB")
    data = save(image, "PNG", compress_level=1)

    beside = reopen(render_all(data, "800,400,200,50").renditions[3]).convert("L")
    alone = reopen(render_all(data, "50").renditions[0]).convert("L")

    assert max(abs(a - b) for a, b in zip(beside.tobytes(), alone.tobytes(), strict=True)) <= 2


def test_a_preset_is_not_resized_from_one_hardly_larger(
    noise: Draw, save: Save, render_all: Render
) -> None:
    data = save(noise(80, 60).resize((400, 300)), "PNG", compress_level=1)

    assert render_all(data, "80,70").renditions[1] == render_all(data, "70").renditions[0]


ORIGINAL = Size(900, 600)
WHOLE = Box(0, 0, 900, 600)


class CheapLayer(Layer):
    """A layer that costs less to resize than others of its size."""

    def cost_ns(self, original: Size, part: Box, size: Size) -> float:
        return super().cost_ns(original, part, size) / 9


def layer_of(width: int, height: int, part: Box = WHOLE) -> Layer:
    """Return a layer that shows `part` in width × height px."""
    across, down = width / part.width, height / part.height
    pixels = Image.new("L", (width, height))
    return Layer(pixels, ORIGINAL.width * across, ORIGINAL.height * down, part)


def test_a_preset_is_resized_from_the_smallest_sufficient_layer() -> None:
    layers = [layer_of(900, 600), layer_of(300, 200), layer_of(90, 60)]

    chosen = cheapest_that_serves(layers, ORIGINAL, Wanted(WHOLE, Size(75, 50), Size(100, 66)))

    assert chosen is layers[1]


def test_a_preset_is_resized_from_the_sandbox_if_that_is_quicker() -> None:
    planes = CheapLayer(Image.new("L", (900, 600)), 900, 600, WHOLE)
    layer, small = layer_of(600, 400), layer_of(150, 100)
    large, tiny = (Wanted(WHOLE, Size(*size), Size(*size)) for size in ((300, 200), (30, 20)))

    assert cheapest_that_serves([planes, layer, small], ORIGINAL, large) is planes
    assert cheapest_that_serves([planes, layer, small], ORIGINAL, tiny) is small


@pytest.mark.parametrize(
    ("shown", "serves"),
    [((300, 0, 900, 600), True), ((0, 0, 600, 600), False), ((300, 200, 900, 600), False)],
)
def test_a_preset_is_resized_from_a_layer_that_shows_all_of_it(
    shown: tuple[int, int, int, int], serves: bool
) -> None:
    whole, cropped = layer_of(900, 600), layer_of(300, 300, Box(*shown))
    wanted = Wanted(Box(300, 0, 800, 500), Size(50, 50), Size(100, 66))

    chosen = cheapest_that_serves([whole, cropped], ORIGINAL, wanted)

    assert chosen is (cropped if serves else whole)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_crop_resized_from_another_crop_shows_the_same_as_alone(
    orientation: int, save: Save, render_all: Render, reopen: Reopen
) -> None:
    image = Image.radial_gradient("L").resize((1600, 1200)).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = save(image, "PNG", compress_level=1, exif=exif)

    beside = reopen(render_all(data, "w=900x450:cover,s=120x60:cover:png").renditions[1])
    alone = reopen(render_all(data, "s=120x60:cover:png").renditions[0])

    pairs = zip(beside.convert("L").tobytes(), alone.convert("L").tobytes(), strict=True)
    assert max(abs(a - b) for a, b in pairs) <= 2


@pytest.mark.parametrize("to", FORMATS)
@pytest.mark.parametrize("recipe", ["40", "40:webp", "40:avif", "40:png"])
def test_the_same_bytes_give_the_same_bytes(
    to: str, recipe: str, noise: Draw, save: Save, render_all: Render
) -> None:
    data = save(noise(80, 60), to)

    assert render_all(data, recipe) == render_all(data, recipe)


def test_threads_do_not_disturb_one_another(noise: Draw, save: Save, render_all: Render) -> None:
    whole = [save(noise(120 + index, 90), to) for index, to in enumerate(FORMATS)]
    cut = [data[: len(data) * 2 // 3] for data in whole[:2]]
    jobs = (whole + cut) * 3
    alone = [render_all(data, "60,20:webp") for data in jobs]

    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda data: render_all(data, "60,20:webp"), jobs))

    assert together == alone


def test_no_global_setting_of_pillow_changes() -> None:
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_an_image_smaller_than_the_box_is_not_enlarged(
    quarters: Draw, save: Save, render_one: RenderOne
) -> None:
    rendition = render_one(save(quarters(30, 20), "JPEG"), "500")

    assert (rendition.width, rendition.height) == (30, 20)


def test_covering_shows_the_middle(
    quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    wide = Image.new("RGB", (600, 200), "white")
    wide.paste(quarters(200, 200), (200, 0))

    small = reopen(render_one(save(wide, "PNG"), "x=50x50:cover"))

    assert small.size == (50, 50)
    assert small.getpixel((2, 2)) == pytest.approx((220, 30, 30), abs=3)
    assert small.getpixel((47, 47)) == pytest.approx((240, 220, 40), abs=3)


def test_the_caller_s_limits_apply(quarters: Draw, save: Save) -> None:
    rendered = render(save(quarters(30, 20), "JPEG"), DEFAULT_RECIPE, Limits(max_pixels=600))

    assert rendered.facts.width == 30
