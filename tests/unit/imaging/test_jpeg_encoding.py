import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO

import pytest
from fakes import jpegs
from PIL import Image, ImageChops, ImageFilter, ImageStat, JpegImagePlugin

from imagemill.imaging import Rendered, render
from imagemill.imaging.encode_jpeg import encode_jpeg
from imagemill.imaging.facts import Facts
from imagemill.imaging.fastjpeg import Samples, Sampling
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import make_plans
from imagemill.imaging.still import average, to_pixels, to_samples
from imagemill.recipe import Recipe

Save = Callable[..., bytes]
# A soft image: halving its chroma loses little.
SOFT = jpegs.scene(607, 405).filter(ImageFilter.GaussianBlur(3))


def rendered(data: bytes, recipe: str = "200:jpeg", *, sandboxed: bool = True) -> Rendered:
    return render(data, Recipe.parse(recipe), sandboxed=sandboxed)


def opened(made: Rendered, index: int = 0) -> Image.Image:
    return Image.open(BytesIO(made.renditions[index].data))


def errors(made: Rendered, ideal: Image.Image) -> list[float]:
    """Return the error of luma and both chroma channels, rms in levels of 255."""
    difference = ImageChops.difference(opened(made).convert("YCbCr"), ideal)
    return ImageStat.Stat(difference).rms


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("box", ["200", "91x60:cover", "33"])
def test_a_jpeg_made_without_rgb_is_as_near_to_the_ideal_as_that_of_the_library(
    box: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = jpegs.save(SOFT, quality=97, subsampling="4:4:4", exif=exif)
    ideal = opened(rendered(data, f"a={box}:png", sandboxed=False)).convert("YCbCr")

    ours, theirs = (
        rendered(data, f"a={box}:jpeg:q95", sandboxed=sandboxed) for sandboxed in (True, False)
    )

    assert (ours.sandbox, theirs.sandbox) == ("drawn", "not_asked")
    pairs = zip(errors(ours, ideal), errors(theirs, ideal), strict=True)
    assert all(our < 1.25 * their for our, their in pairs)


@pytest.mark.parametrize("to", ["PNG", "WEBP", "TIFF", "BMP"])
def test_pixels_of_any_format_are_encoded_like_by_the_library(to: str, save: Save) -> None:
    data = save(SOFT, to)

    ours, theirs = rendered(data), rendered(data, sandboxed=False)

    assert jpegs.rms_difference(opened(ours), opened(theirs)) < 3


def test_grey_stays_grey(save: Save) -> None:
    for to in ("JPEG", "PNG"):
        made = rendered(save(SOFT.convert("L"), to))

        assert opened(made).mode == "L"


def test_a_drawing_keeps_all_its_colour(save: Save) -> None:
    drawn, photo = (opened(rendered(save(image, "PNG"))) for image in (SOFT.quantize(32), SOFT))

    assert JpegImagePlugin.get_sampling(drawn) == 0
    assert JpegImagePlugin.get_sampling(photo) == 2


def test_transparency_becomes_white(save: Save) -> None:
    clear = Image.new("RGBA", (64, 64), (200, 0, 0, 0))

    made = opened(rendered(save(clear, "PNG")))

    assert made.convert("RGB").getextrema() == ((255, 255),) * 3


def test_the_tags_of_a_rendition_are_those_of_the_library() -> None:
    exif = Image.Exif()
    exif[0x8298] = "Ada"
    data = jpegs.save(SOFT, exif=exif)

    ours, theirs = opened(rendered(data)), opened(rendered(data, sandboxed=False))

    assert ours.info["icc_profile"] == theirs.info["icc_profile"]
    assert ours.getexif() == theirs.getexif() == {0x8298: "Ada"}
    assert ours.info["jfif"] == theirs.info["jfif"]


@pytest.mark.parametrize("sampling", ["4:2:0", "4:4:4"])
@pytest.mark.parametrize("size", [(20, 13), (150, 101)])
def test_samples_are_averaged_as_well_as_pixels(size: tuple[int, int], sampling: Sampling) -> None:
    samples = to_samples(SOFT, sampling)
    exact = SOFT.resize(size, Image.Resampling.BOX)

    ours, theirs = (average(image, size, gap=2.0) for image in (samples, SOFT))

    assert isinstance(samples, Samples)
    ours_off, theirs_off = (jpegs.rms_difference(image, exact) for image in (ours, theirs))
    assert ours_off < 1.3 * theirs_off + 2.5


@pytest.mark.parametrize("size", [(2_100, 2_000), (2_000, 1_999), (3, 65_001)])
def test_images_of_any_size_are_converted_in_bands(size: tuple[int, int]) -> None:
    image = Image.linear_gradient("L").resize(size).convert("RGB")

    samples = to_samples(image, "4:2:0")

    assert isinstance(samples, Samples)
    luma = Image.frombytes("L", size, samples.data[: size[0] * size[1]])
    assert jpegs.rms_difference(luma, image.convert("L")) < 1


@pytest.mark.parametrize("sampling", ["4:2:0", "4:4:4"])
def test_samples_become_the_pixels_that_they_were(sampling: Sampling) -> None:
    assert jpegs.rms_difference(to_pixels(to_samples(SOFT, sampling)), SOFT) < 5


def test_formats_of_one_size_share_an_image() -> None:
    data = jpegs.save(SOFT)

    both = rendered(data, "a=200:jpeg, b=200:webp, c=200:png, d=200:jpeg:q50")

    alone = rendered(data, "b=200:webp, c=200:png")
    assert [made.data for made in both.renditions[1:3]] == [made.data for made in alone.renditions]
    jpeg, png, smaller = (opened(both, index) for index in (0, 2, 3))
    assert jpegs.rms_difference(jpeg, png.convert("RGB")) < 7
    assert len(both.renditions[3].data) < len(both.renditions[0].data)
    assert smaller.size == jpeg.size


def test_the_same_image_gives_the_same_bytes() -> None:
    data = jpegs.save(SOFT)

    assert rendered(data, "200, 90:jpeg") == rendered(data, "200, 90:jpeg")


def test_small_files_have_one_scan_where_that_is_smaller(save: Save) -> None:
    small = rendered(save(jpegs.scene(607, 405), "PNG"), "8:jpeg, 600:jpeg")

    assert not opened(small, 0).info.get("progressive")
    assert opened(small, 1).info.get("progressive")


def test_pillow_writes_one_scan(save: Save) -> None:
    made = rendered(save(jpegs.scene(607, 405), "PNG"), "400:jpeg", sandboxed=False)

    assert not opened(made).info.get("progressive")


def test_pillow_encodes_samples_that_the_sandbox_refuses() -> None:
    grey = Samples(30, 20, "grey", bytes(range(200)) * 3)
    plan = make_plans(Facts("jpeg", 1, 30, 20), Recipe.parse("30"))[0]

    # A quality that the sandbox does not know stands for too little memory.
    made = Image.open(BytesIO(encode_jpeg(grey, plan, 101, OutputTags())))

    assert (made.size, made.mode) == ((30, 20), "L")


@pytest.mark.parametrize("sandboxed", [True, False])
def test_a_drawing_of_noise_is_encoded(
    sandboxed: bool, noise: Callable[[int, int], Image.Image], save: Save
) -> None:
    data = save(noise(300, 200).quantize(256), "PNG")

    made = rendered(data, "300:jpeg", sandboxed=sandboxed).renditions[0]

    assert len(made.data) > 50_000


def test_without_wasmtime_pillow_encodes() -> None:
    script = (
        "import sys; sys.modules['wasmtime'] = None\n"
        "from imagemill.imaging import render; from imagemill.recipe import Recipe\n"
        "made = render(sys.stdin.buffer.read(), Recipe.parse('200'))\n"
        "sys.stdout.buffer.write(made.renditions[0].data)"
    )
    data = jpegs.save(SOFT)

    done = subprocess.run(
        [sys.executable, "-c", script], input=data, capture_output=True, check=True, env=os.environ
    )

    assert done.stdout == rendered(data, "200", sandboxed=False).renditions[0].data
