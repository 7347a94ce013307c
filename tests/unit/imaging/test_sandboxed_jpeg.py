import os
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from io import BytesIO

import pytest
from fakes import jpegs
from PIL import Image, ImageCms, ImageFilter

from imagemill.errors import CorruptImage
from imagemill.imaging import DEFAULT_LIMITS, Rendered, render
from imagemill.imaging.worker_process import render_isolated
from imagemill.recipe import Recipe

SIDE = 100
# An image of 48 by 32 px, 4:2:0; stored here, because encoders may change.
SMALL = b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVk"
    "VGZIhlbXd7gYKBTmCNl4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8"
    "fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAARCAAgADADASIAAhEBAxEB/8QAGAABAQEBAQAAAAAAAAAAAAAAAwQFAg"
    "H/xAAoEAACAQIFAgcBAQAAAAAAAAABAgMAEQQSITFBE1EFFCJCYYGRsXH/xAAWAQEBAQAAAAAAAAAAAAAAAAAEAwX/"
    "xAAhEQACAgICAQUAAAAAAAAAAAABAgADBBEhMRITIjJRYf/aAAwDAQACEQMRAD8AwUhZjlVST2AqpfD8Ra/T/WFNAW"
    "gbMltra1rRLniV7i5F9K07ck7hVtYfGYS4SUOFcFPkj+Vqp5NAqlVJAAuU1/lHLIWkYG1lJAI5rxoHeMvHlY22vsfm"
    "s+3JZz+RNOUUfT6AiNFh5GzRrYA8aA/VctAAbrt27VLA+IixPTdSc2pF9h3q7MLeo2HJ7UZbrVuB8uIxc5BrmEIu4p"
    "1gfpkqfTyAw/zan8sSdDamGDiQBnlYg+1RY1bIbQmLihLBoNz9TP8ALg+61dqqxWyqzudL7D6p+i/Frd6phw6oVLEF"
    "jtQtv0Yhq1B9whQwoynqg3I44qefw6WWN0jIN9jV0siI2UoWI+qpwbJNcBSpUajj9q6qOCO5b0qyBx1P/9k="
)


def render_jpeg(data: bytes, *, recipe: str = f"{SIDE}:png", sandboxed: bool = True) -> Rendered:
    return render(data, Recipe.parse(recipe), sandboxed=sandboxed)


def pixels(rendered: Rendered) -> Image.Image:
    return Image.open(BytesIO(rendered.renditions[0].data))


def assert_of_one_decoder(ours: Rendered, theirs: Rendered) -> None:
    """Images of the same decoder differ only by the rounding of two resizers."""
    assert jpegs.rms_difference(pixels(ours), pixels(theirs)) < 0.7


@pytest.mark.parametrize("progressive", [False, True])
def test_an_image_is_decoded_from_more_than_the_block_means(
    progressive: bool, noise: Callable[[int, int], Image.Image]
) -> None:
    fine = noise(1400, 1050).convert("L").filter(ImageFilter.GaussianBlur(2))
    data = jpegs.save(fine, quality=95, progressive=progressive)

    rendered = render_jpeg(data)

    assert rendered.sandbox == "drawn"
    assert jpegs.rms_difference(pixels(rendered), jpegs.decoded_in_full(data, SIDE)) < 0.5


@pytest.mark.parametrize("progressive", [False, True])
def test_a_grey_image_stays_grey(progressive: bool) -> None:
    data = jpegs.save(jpegs.scene(801, 603).convert("L"), progressive=progressive)

    rendered = render_jpeg(data)

    assert (rendered.sandbox, pixels(rendered).mode) == ("drawn", "L")
    assert jpegs.rms_difference(pixels(rendered), jpegs.decoded_in_full(data, SIDE)) < 4.0


@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_odd_sized_image_is_upright_for_every_orientation(orientation: int) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = jpegs.save(jpegs.scene(807, 601), subsampling="4:2:0", exif=exif)

    ours, theirs = render_jpeg(data), render_jpeg(data, sandboxed=False)

    assert (ours.sandbox, theirs.sandbox) == ("drawn", "not_asked")
    assert jpegs.rms_difference(pixels(ours), pixels(theirs)) < 4.0


def test_a_part_of_an_image_is_cut_where_it_should_be() -> None:
    data = jpegs.save(jpegs.scene(1207, 803), subsampling="4:2:0")

    ours = render_jpeg(data, recipe="90x90:cover:png")
    theirs = render_jpeg(data, recipe="90x90:cover:png", sandboxed=False)

    assert ours.sandbox == "drawn"
    assert jpegs.rms_difference(pixels(ours), pixels(theirs)) < 4.0


def test_a_profile_is_followed() -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = lab.replace(b"rXYZ", b"tmp!").replace(b"bXYZ", b"rXYZ").replace(b"tmp!", b"bXYZ")
    data = jpegs.save(jpegs.scene(801, 603), icc_profile=swapped)

    ours, theirs = render_jpeg(data), render_jpeg(data, sandboxed=False)

    assert ours.sandbox == "drawn"
    assert jpegs.rms_difference(pixels(ours), pixels(theirs)) < 4.0
    assert jpegs.rms_difference(pixels(ours), jpegs.decoded_in_full(data, SIDE)) > 10


def test_one_decode_in_the_sandbox_serves_every_preset() -> None:
    data = jpegs.save(jpegs.scene(1207, 803))

    rendered = render_jpeg(data, recipe="150:jpeg, 100:webp, s=40x40:cover:png")

    assert rendered.sandbox == "drawn"
    assert [(made.width, made.height) for made in rendered.renditions] == [
        (150, 100),
        (100, 67),
        (40, 40),
    ]


def test_the_pixels_are_the_same_on_every_machine() -> None:
    rendered = render_jpeg(SMALL, recipe="12:png")

    assert rendered.sandbox == "drawn"
    assert sha256(pixels(rendered).tobytes()).hexdigest() == (
        "7c01e2bef2ba61ea9df3fe9c143b42281893f11b0e0ca61c97402df6b031b33d"
    )


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("share", [0.2, 0.7, 0.999])
def test_a_file_cut_short_is_left_to_the_library(share: float, progressive: bool) -> None:
    whole = jpegs.save(jpegs.scene(1207, 803), progressive=progressive)
    data = whole[: int(len(whole) * share)]

    ours, theirs = render_jpeg(data), render_jpeg(data, sandboxed=False)

    assert ours.sandbox == "damaged"
    assert ours.warnings == theirs.warnings == ("truncated",)
    assert_of_one_decoder(ours, theirs)


@pytest.mark.parametrize(("progressive", "outcome"), [(False, "damaged"), (True, "corrupt")])
def test_coarse_samples_of_a_file_cut_short_are_refused(progressive: bool, outcome: str) -> None:
    whole = jpegs.save(jpegs.scene(1207, 803), progressive=progressive)

    rendered = render_jpeg(whole[: len(whole) // 2], recipe=f"{SIDE}:jpeg")

    assert (rendered.sandbox, rendered.warnings) == (outcome, ("truncated",))


def test_a_file_without_an_end_is_left_to_the_library() -> None:
    data = jpegs.save(jpegs.scene(801, 603)).removesuffix(jpegs.END)

    ours, theirs = render_jpeg(data), render_jpeg(data, sandboxed=False)

    assert (ours.sandbox, ours.warnings) == ("corrupt", theirs.warnings)


@pytest.mark.parametrize(("change", "reason"), jpegs.UNUSUAL.values(), ids=jpegs.UNUSUAL.keys())
def test_an_unusual_file_is_left_to_the_library(change: jpegs.Change, reason: str) -> None:
    parts = jpegs.split(jpegs.save(jpegs.scene(801, 603), restart_marker_rows=4))
    data = b"".join(change(parts))

    ours, theirs = render_jpeg(data), render_jpeg(data, sandboxed=False)

    assert ours.sandbox == reason
    assert ours.warnings == theirs.warnings
    assert_of_one_decoder(ours, theirs)


def test_grey_with_impossible_sampling_factors_is_corrupt() -> None:
    data = jpegs.save(jpegs.scene(801, 603).convert("L"))
    impossible = data.replace(b"\3\x21\1\1\x11\0", b"\3\x21\1\1\x8f\0", 1)

    with pytest.raises(CorruptImage):
        render_jpeg(impossible)


def test_cmyk_is_left_to_the_library() -> None:
    data = jpegs.save(jpegs.scene(801, 603).convert("CMYK"))

    ours, theirs = render_jpeg(data), render_jpeg(data, sandboxed=False)

    assert ours.sandbox == "unsupported"
    assert_of_one_decoder(ours, theirs)


def test_scans_that_never_reach_the_last_bit_are_left_to_the_library() -> None:
    parts = jpegs.split(jpegs.save(jpegs.scene(801, 603), progressive=True))
    data = b"".join([*parts[:-2], parts[-1]])

    ours, theirs = render_jpeg(data), render_jpeg(data, sandboxed=False)

    assert ours.sandbox == "unsupported"
    assert_of_one_decoder(ours, theirs)


@pytest.mark.parametrize("progressive", [False, True])
# Subsampled chroma is enlarged by another filter than libjpeg's.
@pytest.mark.parametrize(("sampling", "most"), [("4:4:4", 2.0), ("4:2:0", 6.0)])
@pytest.mark.parametrize("side", [60, 100, 101, 130, 290])
def test_an_image_of_any_size_is_drawn_in_the_sandbox(
    side: int, sampling: str, most: float, progressive: bool
) -> None:
    data = jpegs.save(jpegs.scene(side, side), subsampling=sampling, progressive=progressive)

    ours, theirs = render_jpeg(data), render_jpeg(data, sandboxed=False)

    assert ours.sandbox == "drawn"
    assert jpegs.rms_difference(pixels(ours), pixels(theirs)) < most


def test_other_formats_are_not_decoded_in_the_sandbox() -> None:
    file = BytesIO()
    jpegs.scene(801, 603).save(file, "WEBP")

    assert render_jpeg(file.getvalue()).sandbox == "not_asked"


def test_an_isolated_process_uses_the_compiled_decoder() -> None:
    data, recipe = jpegs.save(jpegs.scene(801, 603)), Recipe.parse("100")

    apart = render_isolated(data, recipe, DEFAULT_LIMITS, 60)

    assert apart.sandbox == "drawn"
    assert replace(apart, compiled=0) == render(data, recipe)


def test_without_wasmtime_the_library_decodes() -> None:
    script = (
        "import sys; sys.modules['wasmtime'] = None\n"
        "from imagemill.imaging import render; from imagemill.recipe import Recipe\n"
        "made = render(sys.stdin.buffer.read(), Recipe.parse('100'))\n"
        "print(made.sandbox, made.renditions[0].width, made.warnings)"
    )
    data = jpegs.save(jpegs.scene(801, 603))

    done = subprocess.run(
        [sys.executable, "-c", script], input=data, capture_output=True, check=True, env=os.environ
    )

    assert done.stdout.split() == [b"unavailable", b"100", b"()"]
