"""The score is that of SSIMULACRA 2, whatever the size."""

from io import BytesIO
from random import Random

import pytest
from PIL import Image

from imagemill.imaging.arrow import pixel_bytes
from imagemill.imaging.fastjpeg import Refused, score


def textured(width: int, height: int, coarseness: int = 3) -> Image.Image:
    """Return smooth colours with a texture: the same in every run."""
    size = (width // coarseness + 1, height // coarseness + 1)
    noise = Random(7).randbytes(3 * size[0] * size[1])  # noqa: S311  # not a secret
    grain = Image.frombytes("RGB", size, noise)
    ramp = Image.linear_gradient("L").resize((width, height))
    smooth = Image.merge(
        "RGB",
        (ramp, ramp.rotate(180), ramp.transpose(Image.Transpose.ROTATE_90).resize((width, height))),
    )
    return Image.blend(smooth, grain.resize((width, height), Image.Resampling.BICUBIC), 0.25)


def encoded(image: Image.Image, quality: int) -> Image.Image:
    file = BytesIO()
    image.save(file, "webp", quality=quality)
    return Image.open(file).convert("RGB")


def scored(image: Image.Image, other: Image.Image) -> float:
    with pixel_bytes(image) as first, pixel_bytes(other) as second:
        return score(image.size, first, second)


@pytest.mark.parametrize(
    ("size", "quality", "expected"),
    [
        # Scores by the package ssimulacra2 0.3.0.
        *(((300, 260), 75, 52.8), ((300, 260), 95, 78.3)),
        *(((301, 257), 75, 53.0), ((301, 257), 95, 79.2)),
    ],
)
def test_the_score_is_that_of_the_metric(
    size: tuple[int, int], quality: int, expected: float
) -> None:
    image = textured(*size)

    assert scored(image, encoded(image, quality)) == pytest.approx(expected, abs=0.6)


def test_a_brighter_image_has_the_score_of_the_metric() -> None:
    image = textured(300, 260)

    assert scored(image, image.point(lambda value: min(255, value + 8))) == pytest.approx(
        84.9, abs=0.6
    )


@pytest.mark.parametrize("size", [(1, 1), (3, 70), (8, 8), (70, 3), (129, 33)])
def test_an_equal_image_of_any_size_has_the_best_score(size: tuple[int, int]) -> None:
    image = textured(*size)

    assert scored(image, image) > 99.9


def test_the_fourth_byte_of_a_pixel_has_no_effect() -> None:
    image = textured(40, 30)
    other = bytearray(image.tobytes("raw", "RGBX"))
    other[3::4] = bytes(40 * 30)

    with pixel_bytes(image) as first:
        assert score(image.size, first, memoryview(other)) > 99.9


def test_a_small_image_is_scored_by_the_scales_that_it_has() -> None:
    image = textured(64, 48)

    coarse, fine = (scored(image, encoded(image, quality)) for quality in (20, 95))

    assert coarse < fine < 99


@pytest.mark.parametrize("size", [(0, 5), (4096, 1025), (1 << 20, 5)])
def test_too_many_pixels_and_none_are_refused(size: tuple[int, int]) -> None:
    with pytest.raises(Refused):
        score(size, memoryview(b""), memoryview(b""))
