from hashlib import sha256
from random import Random

import pytest
from PIL import Image

from imagemill.imaging.fastjpeg import Channels, Part, Refused, pixel_resizer

# Largest difference from a filter in floats, levels of 255: half a level of rounding, and the
# rounding of weights and of the sums down the columns. It grows with the number of weights, so
# there is another for 10 to 100 source pixels per pixel.
MOST, MOST_IF_TINY = 0.6, 0.75
MODES: dict[Channels, str] = {1: "L", 3: "RGB", 4: "RGBX"}
WHOLE = (0.0, 0.0, 1.0, 1.0)


def noise(channels: Channels, size: tuple[int, int]) -> Image.Image:
    """Return black and white noise, which is the hardest to resize."""
    samples = Random(7).randbytes(size[0] * size[1] * channels)  # noqa: S311 - the same each time
    return Image.frombytes(MODES[channels], size, samples).point(
        ([0] * 128 + [255] * 128) * channels
    )


def resized(
    image: Image.Image, channels: Channels, part: Part, wanted: tuple[int, int]
) -> Image.Image:
    mode = MODES[channels]
    layout = "RGBX" if channels == 3 else mode
    with pixel_resizer(image.size, channels, part, wanted) as resizer:
        for top in range(0, image.height, resizer.band_rows):
            bottom = min(top + resizer.band_rows, image.height)
            band = image.crop((0, top, image.width, bottom))
            resizer.add(band.tobytes("raw", layout))
        return Image.frombytes(mode, wanted, resizer.pixels(), "raw", layout)


def largest_error(
    ours: Image.Image, image: Image.Image, part: Part, wanted: tuple[int, int]
) -> float:
    """Return the largest difference from a filter in floats, in levels of 255."""
    errors = [0.0]
    for channel, made in zip(image.split(), ours.split(), strict=True):
        exact = channel.convert("F").resize(wanted, Image.Resampling.LANCZOS, box=part)
        floats = memoryview(exact.tobytes()).cast("f")
        pairs = zip(made.tobytes(), floats, strict=True)
        errors += [abs(a - min(255, max(0, b))) for a, b in pairs]
    return max(errors)


@pytest.mark.parametrize("channels", MODES)
@pytest.mark.parametrize(
    ("size", "wanted"),
    [
        ((301, 203), (300, 202)),
        ((301, 203), (188, 127)),
        ((301, 203), (120, 81)),
        ((301, 203), (41, 27)),
        ((450, 350), (257, 199)),
        ((97, 61), (200, 130)),
        ((400, 9), (40, 9)),
        ((9, 400), (9, 40)),
        ((1, 1), (1, 1)),
        ((2, 1), (1, 1)),
    ],
)
def test_the_result_is_that_of_a_filter_in_floats(
    channels: Channels, size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    image, part = noise(channels, size), (0, 0, *size)

    ours = resized(image, channels, part, wanted)

    assert largest_error(ours, image, part, wanted) <= MOST


@pytest.mark.parametrize(("size", "wanted"), [((301, 203), (3, 2)), ((9, 1200), (9, 40))])
def test_many_pixels_for_each_of_the_result_are_nearly_as_exact(
    size: tuple[int, int], wanted: tuple[int, int]
) -> None:
    image, part = noise(3, size), (0, 0, *size)

    ours = resized(image, 3, part, wanted)

    assert largest_error(ours, image, part, wanted) <= MOST_IF_TINY


@pytest.mark.parametrize("part", [(10, 7, 290, 199), (10.5, 0.25, 300.75, 17.125)])
def test_a_part_is_cut_at_fractions_of_a_pixel(part: Part) -> None:
    image = noise(3, (301, 203))

    ours = resized(image, 3, part, (77, 33))

    assert largest_error(ours, image, part, (77, 33)) <= MOST


@pytest.mark.parametrize("channels", MODES)
def test_pixels_at_their_own_size_do_not_change(channels: Channels) -> None:
    image = noise(channels, (300, 100))

    assert resized(image, channels, (0, 0, 300, 100), (300, 100)) == image


def test_pixels_wider_than_a_band_are_resized() -> None:
    image = noise(4, (70_000, 3))

    ours = resized(image, 4, (0, 0, 70_000, 3), (700, 2))

    assert largest_error(ours, image, (0, 0, 70_000, 3), (700, 2)) <= MOST_IF_TINY


def test_the_same_pixels_give_the_same_in_a_used_sandbox() -> None:
    image = noise(3, (301, 203))
    first = resized(image, 3, (0, 0, 301, 203), (50, 30))
    resized(noise(1, (500, 400)), 1, (0, 0, 500, 400), (400, 300))

    assert resized(image, 3, (0, 0, 301, 203), (50, 30)) == first


def test_the_result_is_the_same_on_every_machine() -> None:
    ours = resized(noise(4, (301, 203)), 4, (10.5, 0.25, 300.75, 17.125), (77, 33))

    assert sha256(ours.tobytes()).hexdigest() == (
        "656018e266020363fc420df8db8e96cacc78caed49d59499fc8e4180f068f04a"
    )


def test_there_is_no_result_before_the_last_row() -> None:
    with pixel_resizer((8, 8), 1, (0, 0, 8, 8), (4, 4)) as resizer:
        resizer.add(bytes(8 * 6))

        with pytest.raises(Refused):
            resizer.pixels()


@pytest.mark.parametrize("rows", [3, 10, 12])
def test_a_wrong_number_of_rows_is_refused(rows: int) -> None:
    with pytest.raises(Refused), pixel_resizer((8, 8), 1, (0, 0, 8, 8), (4, 4)) as resizer:
        resizer.add(bytes(8 * rows))


@pytest.mark.parametrize(
    ("size", "part", "wanted", "reason"),
    [
        ((8, 8), (4, 0, 4, 8), (4, 4), "unsupported"),
        ((8, 8), (0, 0, 12, 8), (4, 4), "unsupported"),
        ((1 << 20, 8), (0, 0, 8, 8), (4, 4), "unsupported"),
        ((8, 8), (0, 0, 8, 8), (20_000, 20_000), "no_memory"),
    ],
)
def test_what_cannot_be_resized_is_refused(
    size: tuple[int, int], part: Part, wanted: tuple[int, int], reason: str
) -> None:
    with pytest.raises(Refused) as caught, pixel_resizer(size, 3, part, wanted):
        pass

    assert caught.value.reason == reason


@pytest.mark.parametrize("part", [(10.25, 0.0, 30.25, 30.0), (0.0, 10.25, 30.0, 30.25)])
def test_a_result_that_stands_on_one_pixel_does_not_hide_those_before(part: Part) -> None:
    # The first result stands on a pixel and has one weight, the second has two before that.
    image, wanted = (
        noise(1, (40, 40)),
        (round(2 * (part[2] - part[0])), round(2 * (part[3] - part[1]))),
    )

    ours = resized(image, 1, part, wanted)

    assert largest_error(ours, image, part, wanted) <= MOST
