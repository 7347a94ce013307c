"""Frames are composed as in Chromium; its frames were compared once with ours."""

from collections.abc import Callable
from io import BytesIO

import pytest
from fakes.animations import BLUE, GREEN, PALETTE, RED, WHITE, ApngPart, GifPart, apng, gif
from PIL import Image

from imagemill.errors import CorruptImage, TooManyPixels
from imagemill.imaging import Rendered, probe
from imagemill.imaging.formats.gif import read_gif

Render = Callable[..., Rendered]
NOTHING = (0, 0, 0, 0)
COLOURS = {index: (*PALETTE[index], 255) for index in (WHITE, RED, GREEN, BLUE)}
WHOLE, MIDDLE, CORNER = (0, 0, 100, 100), (25, 25, 50, 50), (0, 0, 10, 10)
# The same size, with a copy of the original if possible; the same pixels as PNG; half the size.
RECIPES = ["500", "100:png", "50"]


def seen(rendered: Rendered, *spots: tuple[float, float]) -> list[tuple[tuple[int, ...], ...]]:
    """Return the pixels of each frame at positions given as fractions of width and height."""
    image = Image.open(BytesIO(rendered.renditions[0].data))
    found = []
    for index in range(getattr(image, "n_frames", 1)):
        image.seek(index)
        shown = image.convert("RGBA")
        places = [(int(x * shown.width), int(y * shown.height)) for x, y in spots]
        pixels = [shown.getpixel(place) for place in places]
        found.append(tuple(NOTHING if pixel[3] == 0 else pixel for pixel in pixels))  # type: ignore[index]
    return found  # type: ignore[return-value]


def times(rendered: Rendered) -> list[int]:
    image = Image.open(BytesIO(rendered.renditions[0].data))
    found = []
    for index in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(index)
        image.load()
        found.append(round(image.info["duration"]))
    return found


@pytest.mark.parametrize("recipe", RECIPES)
def test_the_margin_that_no_frame_covers_is_clear(recipe: str, render_all: Render) -> None:
    data = gif((100, 100), [GifPart(GREEN, (20, 20, 60, 60))], background=RED)

    assert seen(render_all(data, recipe), (0, 0), (0.5, 0.5)) == [(NOTHING, COLOURS[GREEN])]


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_later_frame_beyond_the_canvas_is_clipped(recipe: str, render_all: Render) -> None:
    parts = [
        GifPart(RED, WHOLE),
        GifPart(GREEN, (60, 60, 80, 80)),
        GifPart(BLUE, (200, 0, 50, 50)),
        GifPart(BLUE, (0, 0, 50, 50)),
    ]

    rendered = render_all(gif((100, 100), parts), recipe)

    red, green, blue = (COLOURS[index] for index in (RED, GREEN, BLUE))
    assert seen(rendered, (0.1, 0.1), (0.9, 0.9)) == [
        (red, red),
        (red, green),
        (red, green),
        (blue, green),
    ]
    assert (rendered.facts.width, rendered.facts.height, rendered.warnings) == (100, 100, ())


def test_the_canvas_is_enlarged_for_the_first_frame_alone(render_all: Render) -> None:
    data = gif((20, 20), [GifPart(RED, (0, 0, 60, 50)), GifPart(GREEN, (0, 0, 90, 90))])

    facts = render_all(data).facts

    assert (facts.width, facts.height, facts.frames) == (60, 50, 2)


@pytest.mark.parametrize(
    ("disposal", "third"), [(0, GREEN), (1, GREEN), (2, None), (3, RED), (4, RED), (7, GREEN)]
)
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_frame_is_disposed_of_before_the_next(
    disposal: int, third: int | None, recipe: str, render_all: Render
) -> None:
    parts = [GifPart(RED, WHOLE), GifPart(GREEN, MIDDLE, disposal), GifPart(BLUE, CORNER)]

    frames = seen(render_all(gif((100, 100), parts), recipe), (0.5, 0.5), (0.9, 0.9))

    middle = NOTHING if third is None else COLOURS[third]
    red = COLOURS[RED]
    assert frames == [(red, red), (COLOURS[GREEN], red), (middle, red)]


@pytest.mark.parametrize("recipe", RECIPES)
def test_an_opaque_frame_on_a_clear_canvas_leaves_it_clear(recipe: str, render_all: Render) -> None:
    parts = [
        GifPart(WHITE, WHOLE, clear=WHITE),
        GifPart(GREEN, MIDDLE, disposal=2),
        GifPart(BLUE, CORNER),
    ]

    frames = seen(render_all(gif((100, 100), parts), recipe), (0.5, 0.5))

    assert frames == [(NOTHING,), (COLOURS[GREEN],), (NOTHING,)]


@pytest.mark.parametrize("disposal", [2, 3])
def test_a_first_frame_is_restored_to_transparent(disposal: int, render_all: Render) -> None:
    parts = [GifPart(RED, WHOLE, disposal), GifPart(GREEN, CORNER)]

    frames = seen(render_all(gif((100, 100), parts), "50"), (0.02, 0.02), (0.5, 0.5))

    assert frames == [(COLOURS[RED], COLOURS[RED]), (COLOURS[GREEN], NOTHING)]


def test_a_frame_uses_its_local_palette(render_all: Render) -> None:
    own = ((0, 0, 0), (10, 20, 30), (0, 0, 0), (0, 0, 0))
    parts = [GifPart(RED, WHOLE), GifPart(1, WHOLE, palette=own), GifPart(RED, WHOLE)]

    frames = seen(render_all(gif((100, 100), parts), "50"), (0.5, 0.5))

    assert frames == [(COLOURS[RED],), ((10, 20, 30, 255),), (COLOURS[RED],)]


def test_a_clear_index_outside_the_palette_clears_nothing(render_all: Render) -> None:
    data = gif((100, 100), [GifPart(RED, WHOLE, clear=200)])

    assert seen(render_all(data, "50"), (0.5, 0.5)) == [(COLOURS[RED],)]


def test_without_any_palette_all_is_black(render_all: Render) -> None:
    data = gif((100, 100), [GifPart(RED, WHOLE)], has_palette=False)

    assert seen(render_all(data, "50:png"), (0.5, 0.5)) == [((0, 0, 0, 255),)]


def test_a_frame_without_area_is_a_pause(render_all: Render) -> None:
    parts = [GifPart(RED, WHOLE), GifPart(RED, (0, 0, 0, 0), pixels=Image.new("P", (1, 1)))]

    frames = seen(render_all(gif((100, 100), parts), "50"), (0.5, 0.5))

    assert frames == [(COLOURS[RED],)] * 2


def test_interlaced_rows_are_put_in_order(render_all: Render) -> None:
    rows = Image.new("P", (100, 100), RED)
    rows.paste(GREEN, (0, 25, 100, 100))
    data = gif((100, 100), [GifPart(0, WHOLE, is_interlaced=True, pixels=rows)])

    assert seen(render_all(data, "100:png"), (0, 0), (0, 0.01), (0, 0.04)) == [
        (COLOURS[RED], COLOURS[GREEN], COLOURS[RED])
    ]


def test_very_short_durations_become_those_of_browsers(render_all: Render) -> None:
    delays = (0, 1, 2, 65_535)
    parts = [GifPart(1 + at % 3, WHOLE, delay=delay) for at, delay in enumerate(delays)]

    assert times(render_all(gif((100, 100), parts), "50")) == [100, 100, 20, 655_350]


def test_a_gif_of_43_bytes_is_refused_before_it_takes_memory() -> None:
    part = GifPart(0, (0, 0, 30_000, 30_000), 2, 0, pixels=Image.new("P", (1, 1)))

    with pytest.raises(TooManyPixels):
        probe(gif((1, 1), [part]))


def test_a_frame_huge_beyond_the_canvas_takes_no_memory(render_all: Render) -> None:
    huge = GifPart(0, (0, 0, 65_535, 65_535), pixels=Image.new("P", (1, 1)), is_interlaced=True)

    rendered = render_all(gif((100, 100), [GifPart(RED, WHOLE), huge]), "50")

    assert seen(rendered, (0.5, 0.5)) == [(COLOURS[RED],)]
    assert rendered.warnings == ("truncated",)


def test_a_gif_whose_first_frame_cannot_be_decoded_is_refused(render_all: Render) -> None:
    data = gif((100, 100), [GifPart(RED, WHOLE)])
    code_size = data.index(b"\x02", data.index(b"\x2c"))

    with pytest.raises(CorruptImage):
        render_all(data[:code_size] + b"\x0d" + data[code_size + 1 :])


@pytest.mark.parametrize("recipe", ["100", "50"])
def test_a_gif_cut_in_its_second_frame_gives_a_warning(recipe: str, render_all: Render) -> None:
    data = gif((100, 100), [GifPart(index, WHOLE) for index in (RED, GREEN, BLUE)])
    frames = read_gif(data).frames

    rendered = render_all(data[: frames[1].start + 20], recipe)

    assert rendered.warnings == ("truncated",)
    assert seen(rendered, (0.5, 0.9))[0] == (COLOURS[RED],)


def test_a_gif_cut_between_frames_gives_a_warning(render_all: Render) -> None:
    data = gif((100, 100), [GifPart(index, WHOLE) for index in (RED, GREEN, BLUE)])

    rendered = render_all(data[: read_gif(data).frames[1].end], "50")

    assert (len(seen(rendered, (0, 0))), rendered.warnings) == (2, ("truncated",))


@pytest.mark.parametrize("recipe", ["100", "50"])
def test_a_damaged_frame_of_a_gif_is_left_out(recipe: str, render_all: Render) -> None:
    data = gif((100, 100), [GifPart(index, WHOLE) for index in (RED, GREEN, BLUE)])
    at = read_gif(data).frames[1].start

    rendered = render_all(data[:at] + b"\x0d" + data[at + 1 :], recipe)

    assert seen(rendered, (0.5, 0.5)) == [(COLOURS[RED],), (COLOURS[BLUE],)]
    assert rendered.warnings == ("truncated",)


def test_the_counting_of_frames_is_limited() -> None:
    part = GifPart(RED, (0, 0, 1, 1))
    data = gif((1, 1), [part] * 12_000)

    assert probe(data).frames == 10_000


def ink(colour: tuple[int, ...], size: tuple[int, int] = (100, 100)) -> Image.Image:
    return Image.new("RGBA", size, colour)


@pytest.mark.parametrize("recipe", RECIPES)
def test_an_apng_frame_is_blended_over_the_canvas(recipe: str, render_all: Render) -> None:
    parts = [
        ApngPart(ink((255, 0, 0, 255))),
        ApngPart(ink((0, 0, 255, 128), (60, 60)), blend=1),
    ]

    frames = seen(render_all(apng((100, 100), parts), recipe), (0.1, 0.1), (0.9, 0.9))

    assert frames[1][0] == pytest.approx((127, 0, 128, 255), abs=1)
    assert frames[1][1] == (255, 0, 0, 255)


@pytest.mark.parametrize(
    ("dispose", "middle"), [(0, (0, 255, 0, 255)), (1, NOTHING), (2, (255, 0, 0, 255))]
)
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_frame_of_an_apng_is_disposed_of(
    dispose: int, middle: tuple[int, ...], recipe: str, render_all: Render
) -> None:
    parts = [
        ApngPart(ink((255, 0, 0, 255))),
        ApngPart(ink((0, 255, 0, 255), (50, 50)), (25, 25), dispose),
        ApngPart(ink((0, 0, 255, 255), (10, 10))),
    ]

    frames = seen(render_all(apng((100, 100), parts), recipe), (0.5, 0.5), (0.9, 0.9))

    assert [frame[0] for frame in frames] == [(255, 0, 0, 255), (0, 255, 0, 255), middle]
    assert {frame[1] for frame in frames} == {(255, 0, 0, 255)}


def test_the_first_frame_of_an_apng_may_be_cleared_by_restoring(render_all: Render) -> None:
    parts = [ApngPart(ink((255, 0, 0, 255)), dispose=2), ApngPart(ink((0, 0, 255, 255), (10, 10)))]

    assert seen(render_all(apng((100, 100), parts), "50"), (0.5, 0.5))[1] == (NOTHING,)


def test_an_opaque_apng_can_be_cleared_too(render_all: Render) -> None:
    red, blue = (
        Image.new("RGB", size, ink) for size, ink in (((100, 100), "red"), ((9, 9), "blue"))
    )
    parts = [ApngPart(red, dispose=1), ApngPart(blue)]

    assert seen(render_all(apng((100, 100), parts), "50"), (0.5, 0.5))[1] == (NOTHING,)


def test_the_default_image_of_an_apng_is_no_frame(render_all: Render) -> None:
    parts = [ApngPart(ink((255, 0, 0, 255))), ApngPart(ink((0, 255, 0, 255)))]
    data = apng((100, 100), parts, poster=ink((0, 0, 255, 255)))

    rendered = render_all(data, "50:webp")

    assert rendered.facts.frames == 2
    assert [frame[0][2] < 50 for frame in seen(rendered, (0.5, 0.5))] == [True, True]


def test_a_delay_without_a_divisor_is_in_hundredths(render_all: Render) -> None:
    parts = [ApngPart(ink((shade, 0, 0, 255)), delay=(7, 0)) for shade in (0, 255)]

    assert times(render_all(apng((100, 100), parts), "50")) == [70, 70]


@pytest.mark.parametrize("cut", [60, 13])
def test_an_apng_cut_short_gives_a_warning(cut: int, render_all: Render) -> None:
    parts = [ApngPart(ink((shade, 0, 0, 255))) for shade in (0, 100, 200)]

    rendered = render_all(apng((100, 100), parts)[:-cut], "50")

    assert rendered.warnings == ("truncated",)


def test_an_apng_that_lacks_announced_frames_gives_a_warning(render_all: Render) -> None:
    parts = [ApngPart(ink((shade, 0, 0, 255))) for shade in (0, 100)]

    assert render_all(apng((100, 100), parts, announced=3), "50").warnings == ("truncated",)


def test_a_frame_of_an_apng_outside_the_canvas_ends_it(render_all: Render) -> None:
    parts = [
        ApngPart(ink((255, 0, 0, 255))),
        ApngPart(ink((0, 255, 0, 255))),
        ApngPart(ink((0, 0, 255, 255)), (1, 0)),
    ]

    rendered = render_all(apng((100, 100), parts), "50")

    assert (rendered.facts.frames, rendered.warnings) == (2, ("truncated",))


def test_a_webp_cut_short_keeps_its_complete_frames(
    render_all: Render, save: Callable[..., bytes], noise: Callable[[int, int], Image.Image]
) -> None:
    frames = [noise(64 + index, 64).crop((0, 0, 64, 64)) for index in range(4)]
    data = save(frames[0], "WEBP", save_all=True, append_images=frames[1:])

    rendered = render_all(data[: len(data) * 7 // 8], "32")

    assert (len(seen(rendered, (0, 0))), rendered.warnings) == (3, ("truncated",))


def test_the_number_of_gif_blocks_read_is_limited() -> None:
    whole = gif((100, 100), [GifPart(RED, WHOLE)])
    at = read_gif(whole).frames[0].start + 1

    structure = read_gif(whole[:at] + b"\x01\x44" * 2_100_000 + whole[at:])

    assert [frame.is_whole for frame in structure.frames] == [False]
