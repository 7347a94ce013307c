"""A WebP of a JPEG is encoded from its samples, without RGB in between."""

from io import BytesIO

import pytest
from fakes import jpegs
from PIL import Image, ImageChops, ImageFilter, ImageStat

from imagemill.imaging import DEFAULT_LIMITS, render
from imagemill.imaging.decode_and_resize import decode_and_resize
from imagemill.imaging.fastjpeg import Samples
from imagemill.imaging.formats import libwebp_encoder
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import make_plans
from imagemill.imaging.probing import open_probed
from imagemill.imaging.still import Still, to_pixels
from imagemill.imaging.webp_samples import encode_webp
from imagemill.recipe import Recipe

TAGS = OutputTags(exif=b"MM\0*\0\0\0\x08\0\0\0\0\0\0")
SIZES = ((1, 1), (1, 40), (16, 16), (17, 9), (31, 33), (65, 48))
SOFT = jpegs.scene(300, 202).filter(ImageFilter.GaussianBlur(3))


def difference(one: Image.Image, other: Image.Image) -> float:
    """Return the largest mean difference of a channel, levels."""
    return max(ImageStat.Stat(ImageChops.difference(one, other)).mean)


def samples_of(image: Image.Image) -> Samples:
    half = ((image.width + 1) // 2, (image.height + 1) // 2)
    luma, *chroma = image.convert("YCbCr").split()
    planes = (luma, *(plane.resize(half, Image.Resampling.BOX) for plane in chroma))
    return Samples(*image.size, "4:2:0", b"".join(plane.tobytes() for plane in planes))


def opened(data: bytes | None) -> Image.Image:
    assert data is not None
    return Image.open(BytesIO(data))


@pytest.mark.parametrize("size", SIZES)
def test_the_file_shows_the_samples(size: tuple[int, int]) -> None:
    samples = samples_of(SOFT.resize(size))

    made = opened(encode_webp(samples, 95, 4, OutputTags()))

    assert (made.format, made.mode, made.size) == ("WEBP", "RGB", size)
    assert difference(made, to_pixels(samples)) < 3


def test_black_white_and_grey_keep_their_levels() -> None:
    ramp = bytes(range(0, 256, 5)) * 16
    samples = Samples(len(ramp) // 16, 16, "grey", ramp)

    made = opened(encode_webp(samples, 100, 4, OutputTags()))

    grey = Image.frombytes("L", made.size, ramp).convert("RGB")
    assert difference(made, grey) < 1


def test_the_file_has_the_colour_tag_and_the_credit() -> None:
    made = opened(encode_webp(samples_of(SOFT), 80, 2, TAGS))

    assert made.info["icc_profile"] == TAGS.options("webp", is_grey=False)["icc_profile"]
    assert made.info["exif"] == TAGS.exif


def test_samples_with_all_their_chroma_are_not_encoded() -> None:
    assert encode_webp(Samples(2, 2, "4:4:4", bytes(12)), 80, 2, OutputTags()) is None


def test_planes_of_another_size_than_the_image_are_an_error() -> None:
    with pytest.raises(ValueError, match="another size"):
        libwebp_encoder.encode(Samples(16, 16, "4:2:0", bytes(255 + 128)), 80, 2)


def test_an_image_larger_than_the_format_allows_is_not_encoded() -> None:
    planes = Samples(16_384, 1, "4:2:0", bytes(16_384 + 2 * 8_192))

    assert libwebp_encoder.encode(planes, 80, 2) is None


def stills_of(recipe: str) -> tuple[Still, ...]:
    probed = open_probed(jpegs.save(SOFT), DEFAULT_LIMITS)
    plans = make_plans(probed.facts, Recipe.parse(recipe))
    return decode_and_resize(jpegs.save(SOFT), probed, plans, DEFAULT_LIMITS).images


def test_images_of_one_size_share_their_samples() -> None:
    stills = stills_of("w=150:webp, j=150:jpeg, a=150:avif:e0, s=60:webp, p=80x80:pad:webp")

    assert [isinstance(still, Samples) for still in stills] == [True, True, True, True, False]
    assert stills[0] is stills[1] is stills[2]


def test_an_avif_with_luma_that_makes_up_for_chroma_is_made_from_pixels() -> None:
    (still,) = stills_of("150:avif")

    assert isinstance(still, Image.Image)


def test_only_samples_of_a_webp_have_the_narrow_range() -> None:
    stills = stills_of("w=150:webp, j=100:jpeg, s=60:webp")

    assert [isinstance(still, Samples) and bool(still.narrow) for still in stills] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("edit", "budget"), [("", ""), (":blur2", ""), (":gray", ""), ("", ":max=2kB")]
)
def test_a_webp_shows_the_photo(edit: str, budget: str) -> None:
    recipe = Recipe.parse(f"w=150:webp:q95{edit}{budget}, p=150:png{edit}")

    webp, png = render(jpegs.save(SOFT), recipe).renditions

    shown = Image.open(BytesIO(webp.data)), Image.open(BytesIO(png.data)).convert("RGB")
    assert shown[0].size == shown[1].size == (150, 101)
    assert difference(*shown) < 4
