import math
from base64 import b64decode
from collections.abc import Callable

import pytest
from PIL import Image

from imagemill.imaging import Rendered
from imagemill.imaging.placeholder import dominant_colour, sample, thumbhash

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
Draw = Callable[[int, int], Image.Image]


def mean_of(thumb_hash: str) -> tuple[float, float, float]:
    """The mean colour, read back from the first three bytes as the format describes them."""
    head = int.from_bytes(b64decode(thumb_hash)[:3], "little")
    lightness, p, q = (head & 63) / 63, (head >> 6 & 63) / 31.5 - 1, (head >> 12 & 63) / 31.5 - 1
    blue = lightness - 2 / 3 * p
    red = (3 * lightness - blue + q) / 2
    return red, red - q, blue


def test_the_hash_of_a_plain_image_is_its_colour() -> None:
    plain = Image.new("RGBA", (20, 10), (200, 100, 50, 255))

    assert mean_of(thumbhash(plain)) == pytest.approx((200 / 255, 100 / 255, 50 / 255), abs=0.04)


def test_the_hash_follows_the_published_definition_term_by_term() -> None:
    image = Image.linear_gradient("L").resize((8, 8)).convert("RGBA")
    values = [value / 255 for value in image.getchannel("R").tobytes()]
    wave = [math.cos(math.pi / 8 * (y + 0.5)) for y in range(8)]
    first_down = sum(values[y * 8 + x] * wave[y] for y in range(8) for x in range(8)) / 64

    packed = b64decode(thumbhash(image))

    scale = (int.from_bytes(packed[:3], "little") >> 18 & 31) / 31
    assert scale == pytest.approx(abs(first_down), abs=0.02)
    # The first vertical term is at its minimum, which is packed as 0.
    assert packed[5:9][3] & 15 == 0


@pytest.mark.parametrize(
    ("size", "alpha", "length"),
    [((32, 32), 255, 24), ((32, 16), 255, 19), ((32, 32), 0, 25), ((1, 1), 255, 24)],
)
def test_the_hash_length_depends_on_shape_and_alpha(
    size: tuple[int, int], alpha: int, length: int
) -> None:
    assert len(b64decode(thumbhash(Image.new("RGBA", size, (9, 9, 9, alpha))))) == length


def test_the_hash_differs_between_landscape_and_portrait() -> None:
    wide, tall = (thumbhash(Image.new("RGBA", size)) for size in ((30, 20), (20, 30)))

    assert (b64decode(wide)[4] >> 7, b64decode(tall)[4] >> 7) == (1, 0)


def test_the_dominant_colour_is_that_of_most_pixels() -> None:
    image = Image.new("RGBA", (30, 30), (250, 10, 10, 255))
    image.paste((10, 10, 250, 255), (0, 0, 30, 11))

    assert dominant_colour(image) == "#fa0a0a"


def test_clear_pixels_have_no_colour() -> None:
    image = Image.new("RGBA", (30, 30), (250, 10, 10, 0))
    image.paste((10, 10, 250, 255), (0, 0, 5, 5))

    assert dominant_colour(image) == "#0a0afa"


def test_a_fully_transparent_image_is_white() -> None:
    assert dominant_colour(Image.new("RGBA", (3, 3))) == "#ffffff"


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (333, 222)])
def test_any_shape_can_be_sampled(size: tuple[int, int]) -> None:
    sampled = sample(Image.new("RGB", size))

    assert sampled.mode == "RGBA"
    assert max(sampled.size) <= 20


def test_a_sideways_photo_has_the_placeholder_of_the_upright_one(
    quarters: Draw, save: Save, render_all: Render
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = quarters(160, 160).transpose(Image.Transpose.ROTATE_90)

    upright = render_all(save(quarters(160, 160), "PNG"))
    sideways = render_all(save(turned, "PNG", exif=exif))

    assert sideways.placeholder == upright.placeholder
