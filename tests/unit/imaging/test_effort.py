"""The effort of a preset sets the encoder's time, and changes neither format nor size."""

from collections.abc import Callable
from io import BytesIO
from itertools import pairwise

import pytest
from PIL import Image

from imagemill.imaging import probe, render
from imagemill.imaging.costs import ENCODING_BY_EFFORT, estimate_cpu_s
from imagemill.imaging.facts import Facts
from imagemill.imaging.plan import make_plans
from imagemill.preset import MAX_EFFORT
from imagemill.recipe import Recipe

Save = Callable[..., bytes]
PROGRESSIVE, BASELINE = b"\xff\xc2", b"\xff\xc0"


@pytest.fixture
def photo(save: Save) -> bytes:
    """Return a PNG of smooth areas and grain, so that every encoder has something to gain."""
    grain = Image.effect_noise((320, 240), 24)
    bands = (grain, Image.linear_gradient("L").resize(grain.size), grain.rotate(180))
    return save(Image.merge("RGB", bands).resize((640, 480)), "PNG")


def made(data: bytes, preset: str) -> bytes:
    return render(data, Recipe.parse(preset)).renditions[0].data


@pytest.mark.parametrize("to", ["jpeg", "webp"])
def test_the_highest_effort_saves_bytes(to: str, photo: bytes) -> None:
    assert len(made(photo, f"300:{to}:q92:e6")) < len(made(photo, f"300:{to}:q92:e0"))


def test_more_effort_saves_bytes_of_an_avif(photo: bytes) -> None:
    assert len(made(photo, "160:avif:e4")) < len(made(photo, "160:avif:e0"))


def test_the_highest_effort_of_a_small_avif_is_another_than_the_next(photo: bytes) -> None:
    assert made(photo, "160:avif:e6") != made(photo, "160:avif:e5")


@pytest.mark.parametrize(
    ("preset", "size", "effort"),
    [
        ("1000:avif:e6", (4000, 3000), 6),
        ("1280:avif:e6", (4000, 3000), 5),
        ("1600:avif:e2", (4000, 3000), 2),
        ("1600:avif", (4000, 3000), None),
        ("1600:webp:e6", (4000, 3000), 6),
        ("1000:avif:e6:max=90kB", (4000, 3000), 5),
        ("1000:avif:e6:quality=auto:70", (4000, 3000), 5),
    ],
)
def test_an_avif_that_would_take_too_long_has_less_than_the_highest_effort(
    preset: str, size: tuple[int, int], effort: int | None
) -> None:
    [plan] = make_plans(Facts("png", 2_000_000, *size), Recipe.parse(preset))

    assert plan.effort == effort


def test_an_avif_that_is_tried_several_times_has_less_than_the_highest_effort() -> None:
    [plan] = make_plans(Facts("jpeg", 90_000, 4000, 3000), Recipe.parse("1000:avif:e6"))

    assert plan.effort == 5


@pytest.mark.parametrize(
    ("effort", "start"), [("e0", BASELINE), ("e3", BASELINE), ("e4", PROGRESSIVE)]
)
def test_a_jpeg_is_progressive_from_effort_4(effort: str, start: bytes, photo: bytes) -> None:
    data = made(photo, f"300:jpeg:q95:{effort}")

    assert start in data
    assert len(data) > 12_000


def test_pillow_optimises_tables_from_effort_1(photo: bytes) -> None:
    least, more = (
        render(photo, Recipe.parse(f"300:jpeg:{effort}"), sandboxed=False).renditions[0].data
        for effort in ("e0", "e1")
    )

    assert len(more) < len(least)


@pytest.mark.parametrize("to", ["webp", "png"])
def test_animations_are_encoded_with_the_effort_too(to: str, photo: bytes, save: Save) -> None:
    with Image.open(BytesIO(photo)) as image:
        first = image.resize((200, 150))
    data = save(first, to, save_all=True, append_images=[first.rotate(90), first.rotate(180)])

    assert len(made(data, "90:e6")) < len(made(data, "90:e0"))


def test_the_estimate_grows_with_the_effort() -> None:
    facts = Facts("png", 1_000_000, 4000, 3000)
    for to in ENCODING_BY_EFFORT:
        plans = [
            make_plans(facts, Recipe.parse(f"2000:{to}:e{effort}"))
            for effort in range(MAX_EFFORT + 1)
        ]
        seconds = [estimate_cpu_s(facts, each) for each in plans]

        assert all(less <= more for less, more in pairwise(seconds))
        assert seconds[-1] > seconds[0]


def test_a_gif_has_no_effort(save: Save) -> None:
    data = save(Image.effect_noise((64, 48), 40).convert("P"), "GIF")

    assert made(data, "32:e6") == made(data, "32:e0")
    assert probe(data).format == "gif"
