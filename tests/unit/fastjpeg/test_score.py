"""The score is that of SSIMULACRA 2, whatever the size."""

from io import BytesIO
from random import Random

import pytest
from PIL import Image

from imagemill.imaging.arrow import pixel_bytes
from imagemill.imaging.fastjpeg import (
    Refused,
    Samples,
    Sampling,
    Scorer,
    encode_samples,
    samples_of_pixels,
    score,
)


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


def scorer_of(image: Image.Image) -> Scorer:
    with pixel_bytes(image) as reference:
        return Scorer(image.size, reference)


def samples_of(image: Image.Image, sampling: Sampling) -> Samples:
    if sampling == "grey":
        return Samples(*image.size, "grey", image.convert("L").tobytes())
    with pixel_bytes(image) as pixels:
        return samples_of_pixels(*image.size, [pixels], sampling)


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


def test_several_images_are_scored_by_one_reference() -> None:
    image = textured(130, 90)
    others = [encoded(image, quality) for quality in (20, 95)]
    scorer = scorer_of(image)

    scores = []
    for other in (*others, image):
        with pixel_bytes(other) as made:
            scores.append(scorer.score(made))

    assert scores == [*(scored(image, other) for other in others), 100]


@pytest.mark.parametrize("size", [(260, 240), (257, 235), (243, 238), (17, 9), (8, 8)])
@pytest.mark.parametrize("sampling", ["4:2:0", "4:4:4", "grey"])
@pytest.mark.parametrize("quality", [20, 85])
def test_a_jpeg_is_scored_like_its_file_without_coding_it(
    size: tuple[int, int], sampling: Sampling, quality: int
) -> None:
    image = textured(*size)
    samples = samples_of(image, sampling)
    decoded = Image.open(BytesIO(encode_samples(samples, quality, "single"))).convert("RGB")
    scorer = scorer_of(image)

    scorer.add_samples(samples)
    found = scorer.score_jpeg(quality)

    assert found == pytest.approx(scored(image, decoded), abs=0.3)


def test_a_jpeg_is_scored_again_at_each_quality() -> None:
    image = textured(120, 80)
    scorer = scorer_of(image)
    scorer.add_samples(samples_of(image, "4:2:0"))

    first, coarse, again = (scorer.score_jpeg(quality) for quality in (80, 10, 80))

    assert coarse < first == again


def test_pixels_and_samples_of_another_size_are_refused() -> None:
    scorer = scorer_of(textured(40, 30))
    other = textured(40, 32)

    with pytest.raises(Refused), pixel_bytes(other) as pixels:
        scorer.score(pixels)
    with pytest.raises(Refused):
        scorer.add_samples(samples_of(other, "4:2:0"))


def test_a_jpeg_without_samples_is_refused() -> None:
    with pytest.raises(Refused):
        scorer_of(textured(40, 30)).score_jpeg(80)
