import struct
from collections.abc import Callable
from itertools import accumulate

import pytest
from PIL import Image

from imagemill.imaging import Limits, Rendered, Rendition, render
from imagemill.recipe import Recipe

COLOURS = [(220, 30, 30), (30, 200, 40), (30, 40, 210)]
TIMES = [100, 250, 400]

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]


def animation(save: Save, to: str, mode: str = "RGB", **options: object) -> bytes:
    """Three frames, each with a square of another colour, farther to the right."""
    frames = []
    for index, ink in enumerate(COLOURS):
        frame = Image.new(mode, (300, 200), (255, 255, 255, 0)[: len(mode)])
        frame.paste((*ink, 255)[: len(mode)], (index * 100, 50, index * 100 + 100, 150))
        frames.append(frame)
    return save(frames[0], to, save_all=True, append_images=frames[1:], duration=TIMES, **options)


def shown(image: Image.Image, spot: tuple[int, int]) -> list[tuple[int, ...]]:
    """The RGBA pixel at a position in each frame."""
    seen = []
    for index in range(image.n_frames):  # type: ignore[attr-defined]  # of animated files only
        image.seek(index)
        seen.append(image.convert("RGBA").getpixel(spot))
    return seen  # type: ignore[return-value]  # RGBA is a tuple


def times(image: Image.Image) -> list[int]:
    found = []
    for index in range(image.n_frames):  # type: ignore[attr-defined]  # of animated files only
        image.seek(index)
        image.load()
        found.append(round(image.info["duration"]))
    return found


@pytest.mark.parametrize(
    ("to", "recipe", "out"),
    [
        ("GIF", "150", "GIF"),
        ("GIF", "150:webp", "WEBP"),
        ("GIF", "150:png", "PNG"),
        ("WEBP", "150", "WEBP"),
        ("PNG", "150", "PNG"),
        ("PNG", "150:webp", "WEBP"),
        ("GIF", "150:avif", "AVIF"),
        ("WEBP", "150:avif", "AVIF"),
        ("AVIF", "150", "AVIF"),
        ("AVIF", "150:webp", "WEBP"),
    ],
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_an_animation_stays_animated(
    to: str, recipe: str, out: str, mode: str, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = reopen(render_one(animation(save, to, mode, loop=0), recipe))

    assert (image.format, image.size) == (out, (150, 100))
    assert times(image) == TIMES
    squares = [shown(image, (index * 50 + 25, 50))[index] for index in range(3)]
    assert sum(squares, ()) == pytest.approx(sum(((*ink, 255) for ink in COLOURS), ()), abs=12)
    assert {rgba[3] for rgba in shown(image, (25, 10))} == {255 if mode == "RGB" else 0}


@pytest.mark.parametrize(
    ("to", "options", "recipe", "loop"),
    [
        ("GIF", {"loop": 0}, "150", 0),
        ("GIF", {"loop": 4}, "150", 4),
        ("GIF", {}, "150", None),
        ("GIF", {"loop": 0}, "150:webp", 0),
        ("GIF", {"loop": 4}, "150:webp", 5),
        ("GIF", {}, "150:webp", 1),
        ("WEBP", {"loop": 3}, "150", 3),
        ("PNG", {"loop": 2}, "150", 2),
        ("PNG", {"loop": 0}, "150:webp", 0),
    ],
)
def test_the_play_count_is_kept(
    to: str,
    options: dict[str, int],
    recipe: str,
    loop: int | None,
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    image = reopen(render_one(animation(save, to, "RGB", **options), recipe))

    assert image.info.get("loop") == loop


@pytest.mark.parametrize("disposal", [0, 1, 2, 3])
def test_every_gif_disposal_method_looks_as_in_the_original(
    disposal: int, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = animation(save, "GIF", "RGBA", disposal=disposal)
    original = reopen(Rendition("", data, 0, 0, "gif"))

    image = reopen(render_one(data, "150"))

    was, now = shown(original, (50, 100)), shown(image, (25, 50))
    assert [rgba[3] for rgba in now] == [rgba[3] for rgba in was]
    assert sum((rgba[:3] for rgba in now if rgba[3]), ()) == pytest.approx(
        sum((rgba[:3] for rgba in was if rgba[3]), ()), abs=4
    )


def test_a_still_format_shows_the_first_frame_with_a_warning(
    save: Save, render_all: Render, reopen: Reopen
) -> None:
    rendered = render_all(animation(save, "GIF"), "150:jpeg")

    image = reopen(rendered.renditions[0]).convert("RGB")
    assert image.getpixel((25, 50)) == pytest.approx(COLOURS[0], abs=12)
    assert rendered.warnings == ("first_frame_only",)


@pytest.mark.parametrize("to", ["GIF", "WEBP", "PNG"])
def test_far_over_the_pixel_limit_only_the_first_frame_is_shown(
    to: str, save: Save, reopen: Reopen
) -> None:
    data = animation(save, to)

    rendered = render(data, Recipe.parse("150"), Limits(max_animation_pixels=2 * 300 * 200 - 1))

    assert getattr(reopen(rendered.renditions[0]), "n_frames", 1) == 1
    assert rendered.warnings == ("first_frame_only",)


def test_the_default_image_of_an_apng_is_kept(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    frames = [Image.new("RGB", (300, 200), ink) for ink in COLOURS]
    data = save(
        frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True, duration=90
    )

    image = reopen(render_one(data, "150"))

    assert image.info["default_image"] is True
    assert [rgba[:3] for rgba in shown(image, (5, 5))] == COLOURS


def test_an_animation_cut_short_keeps_its_complete_frames(
    save: Save, render_all: Render, reopen: Reopen, noise: Callable[[int, int], Image.Image]
) -> None:
    frames = [noise(64 + index, 64).crop((0, 0, 64, 64)) for index in range(4)]
    data = save(frames[0], "GIF", save_all=True, append_images=frames[1:])

    rendered = render_all(data[: len(data) * 3 // 4], "32")

    assert reopen(rendered.renditions[0]).n_frames == 3  # type: ignore[attr-defined]
    assert rendered.warnings == ("truncated",)


def test_the_facts_count_the_frames(save: Save, render_all: Render) -> None:
    facts = render_all(animation(save, "WEBP"), "150").facts

    assert (facts.frames, facts.is_animated, facts.width) == (3, True, 300)


def test_two_presets_of_an_animation_are_both_animated(
    save: Save, render_all: Render, reopen: Reopen
) -> None:
    rendered = render_all(animation(save, "GIF"), "a=150, b=60:webp, c=30:jpeg")

    moving = [getattr(reopen(rendition), "n_frames", 1) for rendition in rendered.renditions]
    assert moving == [3, 3, 1]


def test_the_pages_of_a_tiff_are_no_animation(
    quarters: Callable[[int, int], Image.Image], save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(
        quarters(60, 40), "TIFF", save_all=True, append_images=[quarters(60, 40).rotate(180)]
    )

    image = reopen(render_one(data, "50:webp"))

    assert getattr(image, "n_frames", 1) == 1


def test_durations_add_up(save: Save, render_one: RenderOne, reopen: Reopen) -> None:
    image = reopen(render_one(animation(save, "GIF"), "150:webp"))

    assert list(accumulate(times(image))) == [100, 350, 750]


@pytest.mark.parametrize(
    ("recipe", "longest"), [("150", 655_350), ("150:webp", 655_350), ("150:png", 65_535)]
)
def test_a_duration_is_limited_to_the_largest_of_the_format(
    recipe: str, longest: int, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = animation(save, "GIF").replace(struct.pack("<H", 25), struct.pack("<H", 65_535))

    assert max(times(reopen(render_one(data, recipe)))) == longest


def test_the_play_count_is_limited_to_the_largest_of_the_format(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = animation(save, "PNG", loop=70_000)

    assert reopen(render_one(data, "150:webp")).info["loop"] == 65_535
