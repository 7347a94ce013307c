"""AVIF in colour by libavif: SVT-AV1 or libaom, from samples that keep their luminance."""

from collections.abc import Callable
from io import BytesIO

import pytest
from fakes import jpegs
from PIL import Image, ImageChops, ImageStat

from imagemill.imaging import DEFAULT_LIMITS, Rendition, libavif
from imagemill.imaging.arrow import pixel_bytes
from imagemill.imaging.avif_options import coding_of_samples, frame_options, libaom_version
from imagemill.imaging.encode_avif import encode_avif
from imagemill.imaging.fastjpeg import Samples, Sampling, is_available, score
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.still import to_pixels, to_samples
from imagemill.imaging.worker_process import render_isolated
from imagemill.recipe import Recipe

LIBRARY = libavif.load()
pytestmark = pytest.mark.skipif(
    LIBRARY is None or not is_available(), reason="needs pillow-avif-plugin and wasmtime"
)
Save = Callable[..., bytes]
RenderOne = Callable[..., Rendition]
CODECS = "dav1d [dec]:1.5.3-0-gb546257, aom [enc]:3.14.1, svt [enc]:v4.1.0"
PLAIN = OutputTags()


def encoded(pixels: Image.Image, quality: int = 62, effort: int | None = None) -> bytes:
    data = encode_avif(pixels, quality, effort, PLAIN)
    assert data is not None
    return data


def score_of(image: Image.Image, data: bytes) -> float:
    with pixel_bytes(image) as one, pixel_bytes(Image.open(BytesIO(data)).convert("RGB")) as other:
        return score(image.size, one, other)


@pytest.mark.parametrize("effort", [None, 0, 2, 3, 4])
def test_an_avif_has_fewer_bytes_than_pillow_s_and_looks_no_worse(effort: int | None) -> None:
    photo = jpegs.scene(800, 600).resize((400, 300), Image.Resampling.LANCZOS)
    pillow = BytesIO()
    photo.save(pillow, "AVIF", quality=62, speed=9, advanced=frame_options(libaom_version()))

    data = encoded(photo, effort=effort)

    assert len(data) < 0.93 * len(pillow.getvalue())
    assert score_of(photo, data) > score_of(photo, pillow.getvalue()) - 0.5


@pytest.mark.parametrize("quality", [1, 40, 99])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (3, 40), (4, 4), (63, 1), (65, 33)])
def test_images_of_any_size_are_encoded(size: tuple[int, int], mode: str, quality: int) -> None:
    image = jpegs.scene(200, 200).resize(size).convert(mode)

    made = Image.open(BytesIO(encoded(image, quality)))

    made.load()
    assert made.size == size


def test_samples_of_a_jpeg_are_encoded_as_they_are() -> None:
    samples = to_samples(jpegs.scene(301, 199), "4:2:0")
    assert isinstance(samples, Samples)

    data = encode_avif(samples, 95, 0, PLAIN)

    assert data is not None
    made = Image.open(BytesIO(data))
    assert (made.mode, made.size) == ("RGB", (301, 199))
    assert ImageStat.Stat(ImageChops.difference(made, to_pixels(samples))).mean == pytest.approx(
        [0] * 3, abs=3
    )


@pytest.mark.parametrize(("sampling", "quality"), [("4:4:4", 62), ("grey", 62), ("4:2:0", 100)])
def test_other_samples_are_left_to_pillow(sampling: Sampling, quality: int) -> None:
    mode = "L" if sampling == "grey" else "RGB"
    samples = to_samples(jpegs.scene(64, 64).convert(mode), sampling)

    assert encode_avif(samples, quality, 0, PLAIN) is None


def test_transparency_is_kept() -> None:
    image = jpegs.scene(64, 64)
    image.putalpha(Image.linear_gradient("L").resize(image.size))

    made = Image.open(BytesIO(encoded(image)))

    assert made.mode == "RGBA"
    assert ImageStat.Stat(ImageChops.difference(made, image)).rms[3] < 4


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_is_left_to_pillow(mode: str) -> None:
    assert encode_avif(jpegs.scene(64, 64).convert(mode), 62, None, PLAIN) is None


def test_a_confined_worker_makes_the_same_file_each_time(save: Save, render_one: RenderOne) -> None:
    data = save(jpegs.scene(640, 480), "PNG")
    recipe = Recipe.parse("500:avif")

    made = [render_isolated(data, recipe, DEFAULT_LIMITS, 60).renditions[0].data for _ in "ab"]

    assert made == [render_one(data, "500:avif").data] * 2


@pytest.mark.parametrize(
    ("quality", "effort", "size", "codec", "speed"),
    [
        (62, None, (500, 375), "svt", 8),
        (62, 0, (500, 375), "svt", 9),
        (62, 2, (500, 375), "svt", 7),
        (62, 3, (500, 375), "svt", 6),
        (62, 4, (500, 375), "aom", 6),
        (62, 6, (500, 375), "aom", 5),
        (62, None, (200, 199), "aom", 9),
        (62, None, (200, 200), "svt", 8),
        (62, 1, (160, 120), "aom", 9),
        (62, 2, (160, 120), "svt", 7),
        (62, None, (3, 375), "aom", 9),
        (62, 2, (500, 3), "aom", 8),
        (62, 2, (3, 500), "aom", 8),
        (62, None, (16_385, 4), "aom", 9),
        (62, 2, (4, 8_705), "aom", 8),
    ],
)
def test_the_encoder_is_the_one_with_the_fewest_bytes_for_the_effort(
    quality: int, effort: int | None, size: tuple[int, int], codec: str, speed: int
) -> None:
    coding = coding_of_samples(quality, effort, size, CODECS)

    assert coding is not None
    assert (coding.codec, coding.speed) == (codec, speed)


def test_old_encoders_and_the_highest_quality_are_left_to_pillow() -> None:
    old = "aom [enc]:3.13.0, svt [enc]:v3.1.0"

    assert coding_of_samples(62, None, (500, 375), old) is None
    assert coding_of_samples(100, None, (500, 375), CODECS) is None


def test_a_higher_quality_never_has_a_higher_rate_factor() -> None:
    codings = [coding_of_samples(quality, None, (500, 375), CODECS) for quality in range(1, 100)]

    factors = [float(coding.options["crf"]) for coding in codings if coding]

    assert factors == sorted(factors, reverse=True)
    assert len(set(factors)) > 90


@pytest.mark.parametrize(
    ("version", "is_known"),
    [("1.3.0", False), ("1.4.2", True), ("1.10.0", True), ("2.0.0", False), ("0.11.1", False)],
)
def test_only_versions_with_the_same_structures_are_used(version: str, *, is_known: bool) -> None:
    assert libavif.is_known(version) == is_known


def test_an_option_that_the_encoder_does_not_have_is_an_error() -> None:
    assert LIBRARY is not None
    coding = libavif.Coding("svt", 8, 50, {"tune": "99"})
    samples = Samples(8, 8, "4:2:0", bytes(96))

    with pytest.raises(OSError, match="libavif"):
        LIBRARY.encode(samples, b"", coding, libavif.Attached())
