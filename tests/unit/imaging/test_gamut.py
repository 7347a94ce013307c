"""Colours beyond sRGB that a preset keeps: the same values, with a profile."""

from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from imagemill.imaging import Rendered, Rendition
from imagemill.imaging.formats.avif import read_codes
from imagemill.imaging.icc import from_codes, p3_profile, srgb_tag
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.strip_metadata import without_tag

Save = Callable[..., bytes]
RenderAll = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Draw = Callable[[int, int], Image.Image]
FORMATS = ["jpeg", "png", "webp", "avif"]
# A red of Display P3 that sRGB has not.
RED = (250, 20, 20)
WIDE = ImageCms.ImageCmsProfile(BytesIO(p3_profile()))


def opened(rendition: Rendition) -> Image.Image:
    return Image.open(BytesIO(rendition.data))


def far(found: tuple[int, ...], wanted: tuple[int, ...]) -> int:
    return max(abs(a - b) for a, b in zip(found, wanted, strict=True))


def middle(image: Image.Image) -> tuple[int, ...]:
    pixels = image.convert("RGB")
    place = pixels.width // 2, pixels.height // 2
    return tuple(pixels.crop((*place, place[0] + 1, place[1] + 1)).tobytes())


@pytest.fixture
def wide(save: Save, noise: Draw) -> bytes:
    """A red image with noise at its edges, in Display P3."""
    image = noise(200, 160)
    image.paste(RED, (20, 20, 180, 140))
    return save(image, "PNG", icc_profile=p3_profile())


@pytest.mark.parametrize("to", FORMATS)
def test_display_p3_stays_display_p3(to: str, wide: bytes, render_one: RenderOne) -> None:
    made = render_one(wide, f"100:{to}:gamut=keep")

    image = opened(made)
    assert image.info["icc_profile"] == p3_profile()
    assert far(middle(image), RED) <= 4


@pytest.mark.parametrize("to", FORMATS)
def test_without_the_option_it_becomes_srgb(to: str, wide: bytes, render_one: RenderOne) -> None:
    image = opened(render_one(wide, f"100:{to}"))

    assert image.info.get("icc_profile") != p3_profile()
    assert far(middle(image), RED) > 4


def test_an_avif_says_it_in_its_codes_as_well(wide: bytes, render_one: RenderOne) -> None:
    assert read_codes(render_one(wide, "100:avif:gamut=keep").data) == (12, 13)


def test_both_kinds_are_made_of_one_jpeg(save: Save, noise: Draw, render_all: RenderAll) -> None:
    image = noise(200, 160)
    image.paste(RED, (20, 20, 180, 140))
    data = save(image, "JPEG", icc_profile=p3_profile(), quality=95)

    rendered = render_all(data, "a=100, b=100:gamut=keep, c=50:gamut=keep, d=50")

    profiles = [opened(made).info["icc_profile"] for made in rendered.renditions]
    assert profiles == [
        srgb_tag(is_grey=False),
        p3_profile(),
        p3_profile(),
        srgb_tag(is_grey=False),
    ]
    distances = [far(middle(opened(made)), RED) for made in rendered.renditions]
    assert [distance <= 6 for distance in distances] == [False, True, True, False]


def test_a_copy_of_the_original_size_keeps_its_profile(
    save: Save, noise: Draw, render_one: RenderOne
) -> None:
    data = save(noise(60, 40), "JPEG", icc_profile=p3_profile(), quality=20, optimize=True)

    made = render_one(data, "500:gamut=keep")

    assert opened(made).info["icc_profile"] == p3_profile()
    assert opened(made).tobytes() == Image.open(BytesIO(data)).tobytes()


def test_other_matrices_stay_as_they_are(save: Save, noise: Draw, render_one: RenderOne) -> None:
    gamma = from_codes(9, 4)
    image = noise(200, 160)
    image.paste(RED, (20, 20, 180, 140))

    kept = opened(render_one(save(image, "PNG", icc_profile=gamma), "100:gamut=keep"))

    assert far(middle(kept), RED) <= 2
    transform = ImageCms.buildTransform(
        ImageCms.ImageCmsProfile(BytesIO(kept.info["icc_profile"])),
        ImageCms.ImageCmsProfile(BytesIO(gamma or b"")),
        "RGB",
        "RGB",
    )
    same = transform.apply(Image.new("RGB", (1, 1), (90, 140, 200)))
    assert far(middle(same), (90, 140, 200)) <= 1


def test_pq_becomes_display_p3_within_standard_range(save: Save, render_one: RenderOne) -> None:
    image = Image.new("RGB", (64, 64), (120, 60, 60))
    data = bytearray(save(image, "AVIF"))
    at = data.index(b"colrnclx")
    data[at + 8 : at + 12] = b"\0\x09\0\x10"

    made = opened(render_one(bytes(data), "32:png:gamut=keep"))

    assert made.info["icc_profile"] == p3_profile()
    assert middle(made)[0] > middle(made)[1]


@pytest.mark.parametrize("recipe", ["100:gray", "100x100:pad:bg336699"])
def test_grey_and_backgrounds_are_srgb(recipe: str, wide: bytes, render_one: RenderOne) -> None:
    image = opened(render_one(wide, f"{recipe}:jpeg:gamut=keep"))

    assert image.info["icc_profile"] != p3_profile()


def test_an_srgb_image_is_the_same_with_the_option(
    save: Save, noise: Draw, render_one: RenderOne
) -> None:
    data = save(noise(60, 40), "JPEG")

    assert render_one(data, "30:gamut=keep").data == render_one(data, "30").data


def test_placeholder_and_colour_are_srgb(wide: bytes, render_all: RenderAll) -> None:
    kept, usual = render_all(wide, "100:png:gamut=keep"), render_all(wide, "100:png")

    assert kept.colour == usual.colour


def test_the_profile_is_never_left_out_to_save_bytes(wide: bytes, render_one: RenderOne) -> None:
    made, tags = render_one(wide, "100:webp:gamut=keep"), OutputTags(profile=p3_profile())

    assert without_tag(made.data, "webp", tags) is None
