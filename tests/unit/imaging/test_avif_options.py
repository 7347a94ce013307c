"""The settings of libaom: tuned for still images, where its version allows it."""

from collections.abc import Callable
from io import BytesIO

import pytest
from fakes import jpegs
from PIL import Image

from imagemill.imaging import render
from imagemill.imaging.arrow import pixel_bytes
from imagemill.imaging.avif_options import frame_options, libaom_version, still_options, version_in
from imagemill.imaging.fastjpeg import score
from imagemill.recipe import Recipe

Save = Callable[..., bytes]
TUNING = {"color:tune", "color:deltaq-strength"}


def score_of(image: Image.Image, data: bytes) -> float:
    with pixel_bytes(image) as one, pixel_bytes(Image.open(BytesIO(data)).convert("RGB")) as other:
        return score(image.size, one, other)


def test_a_tuned_avif_looks_as_good_as_one_that_is_not() -> None:
    photo = jpegs.scene(400, 300)

    quality, options = still_options(62, libaom_version())

    plain, tuned = BytesIO(), BytesIO()
    photo.save(plain, "AVIF", quality=62, speed=9, advanced=frame_options(libaom_version()))
    photo.save(tuned, "AVIF", quality=quality, speed=9, advanced=options)
    assert set(options) > TUNING
    assert score_of(photo, tuned.getvalue()) == pytest.approx(
        score_of(photo, plain.getvalue()), abs=1.5
    )
    assert len(tuned.getvalue()) < 1.02 * len(plain.getvalue())


def test_a_higher_quality_is_higher_for_the_encoder_too() -> None:
    qualities = [still_options(quality, (3, 14, 1))[0] for quality in range(1, 101)]

    assert qualities == sorted(qualities)
    assert (qualities[0], qualities[-1]) == (1, 100)


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA"])
@pytest.mark.parametrize("quality", [1, 99, 100])
def test_images_of_all_modes_can_be_encoded_at_any_quality(
    mode: str, quality: int, save: Save
) -> None:
    data = save(jpegs.scene(70, 50).convert(mode), "PNG")

    small = render(data, Recipe.parse(f"64:avif:q{quality}")).renditions[0]

    assert Image.open(BytesIO(small.data)).size == (64, 46)


@pytest.mark.parametrize(
    ("codecs", "version"),
    [
        ("dav1d [dec]:1.5.3-0-gb546257, aom [enc]:3.14.1", (3, 14, 1)),
        ("aom [enc/dec]:v3.6.0, dav1d [dec]:1.0.0", ()),
        ("aom [enc]:v3.12.1-30-gabc, rav1e [enc]:0.8.1", (3, 12, 1)),
    ],
)
def test_the_version_of_libaom_is_read(codecs: str, version: tuple[int, ...]) -> None:
    assert version_in(codecs) == version


def test_an_older_libaom_gets_only_options_that_it_knows() -> None:
    assert still_options(62, (3, 12, 1)) == (62, frame_options((3, 12, 1)))
    assert still_options(62, ()) == (62, {})
    assert set(frame_options((3, 12, 1))) == {"disable-trellis-quant"}
