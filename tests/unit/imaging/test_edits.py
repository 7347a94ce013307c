"""Every option of a preset against a few lines that do the same to lists of pixels."""

from collections.abc import Callable
from itertools import pairwise
from typing import cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from imagemill.imaging import Rendition, render
from imagemill.recipe import Recipe

Pixel = tuple[int, ...]
Grid = list[list[Pixel]]
Save = Callable[..., bytes]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]
ORIENTATION = 0x0112
UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
LEVELS = (0, 85, 170, 255)


def grid_of(image: Image.Image) -> Grid:
    rgba = image.convert("RGBA")
    raw, width = rgba.tobytes(), rgba.width
    pixels = [cast("Pixel", tuple(raw[at : at + 4])) for at in range(0, len(raw), 4)]
    # The colour of transparent pixels is not kept.
    pixels = [pixel if pixel[3] else (0, 0, 0, 0) for pixel in pixels]
    return [pixels[at : at + width] for at in range(0, len(pixels), width)]


def picture(width: int, height: int, *, is_clear: bool) -> Image.Image:
    """Few colours that are far apart, in no regular order."""
    image = Image.new("RGBA" if is_clear else "RGB", (width, height))
    for y in range(height):
        for x in range(width):
            number = (x * 7 + y * 13 + x * y * 5) % 61
            colour = LEVELS[number % 4], LEVELS[number // 4 % 4], LEVELS[number // 16 % 4]
            alpha = 0 if number % 5 == 0 else 255
            image.putpixel((x, y), (*colour, alpha) if is_clear else colour)
    return image


def turned(grid: Grid, *, mirror: bool, rotation: int) -> Grid:
    rows = [row[::-1] for row in grid] if mirror else grid
    for _ in range(rotation // 90):
        rows = [list(row) for row in zip(*rows[::-1], strict=True)]
    return rows


def differs(one: Grid, other: Grid) -> int:
    """The largest difference of a level; 999 if the sizes differ."""
    if (len(one), len(one[0])) != (len(other), len(other[0])):
        return 999
    rows = zip(one, other, strict=True)
    pixels = (pair for row in rows for pair in zip(*row, strict=True))
    return max(abs(a - b) for pair in pixels for a, b in zip(*pair, strict=True))


def luma(pixel: Pixel) -> int:
    return round(0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.tuples(st.integers(1, 14), st.integers(1, 14)),
    corner=st.tuples(st.integers(0, 9), st.integers(0, 9)),
    part=st.tuples(st.integers(1, 9), st.integers(1, 9)),
    orientation=st.integers(1, 8),
    mirror=st.booleans(),
    rotation=st.sampled_from([0, 90, 180, 270]),
    is_clear=st.booleans(),
)
def test_a_part_is_cut_from_the_upright_image_then_mirrored_then_rotated(
    save: Save,
    reopen: Reopen,
    size: tuple[int, int],
    corner: tuple[int, int],
    part: tuple[int, int],
    orientation: int,
    mirror: bool,
    rotation: int,
    is_clear: bool,
) -> None:
    upright = picture(*size, is_clear=is_clear)
    stored = upright.transpose(UNDO[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    left, top = min(corner[0], size[0] - 1), min(corner[1], size[1] - 1)
    text = f"x=500:crop{part[0]}x{part[1]}x{left}x{top}:rotate{rotation}"
    text += ":mirror" if mirror else ""

    data = save(stored, "PNG", exif=exif)
    rendition = render(data, Recipe.parse(text)).renditions[0]

    rows = grid_of(upright)[top : top + part[1]]
    meant = turned([row[left : left + part[0]] for row in rows], mirror=mirror, rotation=rotation)
    assert differs(grid_of(reopen(rendition)), meant) <= 32
    assert (rendition.width, rendition.height) == (len(meant[0]), len(meant))


@pytest.mark.parametrize("to", ["jpeg", "png", "webp", "avif"])
@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("turn", ["mirror", "rotate90", "rotate180:mirror", "rotate270:mirror"])
def test_a_photo_is_turned_in_every_format(
    to: str,
    orientation: int,
    turn: str,
    save: Save,
    quarters: Draw,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    upright = quarters(64, 48)
    stored = upright.transpose(UNDO[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[ORIENTATION] = orientation

    rendition = render_one(save(stored, "JPEG", quality=95, exif=exif), f"x=32:{to}:{turn}")

    rotation = int(turn.partition("rotate")[2][:3].rstrip(":") or 0)
    small = grid_of(upright.resize((32, 24), Image.Resampling.BOX))
    meant = turned(small, mirror="mirror" in turn, rotation=rotation)
    seen = grid_of(reopen(rendition))
    assert (len(seen), len(seen[0])) == (len(meant), len(meant[0]))
    for y in (4, len(meant) - 5):
        for x in (4, len(meant[0]) - 5):
            assert differs([[seen[y][x]]], [[meant[y][x]]]) <= 24


@pytest.mark.parametrize("is_clear", [False, True])
@pytest.mark.parametrize("tone", ["gray", "bitonal"])
def test_a_tone_is_made_of_the_luma(
    tone: str, is_clear: bool, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = picture(12, 9, is_clear=is_clear)

    rendition = render_one(save(image, "PNG"), f"x=500:{tone}")

    meant = [[(*(3 * [luma(pixel)]), pixel[3]) for pixel in row] for row in grid_of(image)]
    if tone == "bitonal":
        white, black = (255, 255, 255), (0, 0, 0)
        meant = [[(*(white if p[0] >= 128 else black), p[3]) for p in row] for row in meant]
    meant = [[p if p[3] else (0, 0, 0, 0) for p in row] for row in meant]
    assert differs(grid_of(reopen(rendition)), meant) <= 1
    assert reopen(rendition).has_transparency_data == is_clear


@pytest.mark.parametrize("source", ["JPEG", "PNG"])
def test_a_gray_jpeg_has_one_component(
    source: str, save: Save, quarters: Draw, render_one: RenderOne, reopen: Reopen
) -> None:
    rendition = render_one(save(quarters(80, 60), source), "x=40:jpeg:gray")

    seen = reopen(rendition)
    assert seen.mode == "L"
    assert differs([[grid_of(seen)[7][10]]], [[(*3 * [luma((220, 30, 30))], 255)]]) <= 4


@pytest.mark.parametrize(
    ("options", "is_clear", "around"),
    [
        ("png", False, (255, 255, 255, 255)),
        ("png", True, (0, 0, 0, 0)),
        ("png:bg336699", False, (0x33, 0x66, 0x99, 255)),
        ("png:bg336699", True, (0x33, 0x66, 0x99, 255)),
        ("png:bg336699:gray", True, (*3 * [luma((0x33, 0x66, 0x99))], 255)),
        ("jpeg:q100", True, (255, 255, 255, 255)),
        ("jpeg:q100:bg336699", False, (0x33, 0x66, 0x99, 255)),
        ("webp:q100", False, (255, 255, 255, 255)),
    ],
)
def test_padding_has_the_background(
    options: str,
    is_clear: bool,
    around: Pixel,
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    image = picture(12, 8, is_clear=is_clear)

    rendition = render_one(save(image, "PNG"), f"x=32x20:pad:{options}:west")

    seen = grid_of(reopen(rendition))
    assert (rendition.width, rendition.height) == (32, 20)
    assert differs([seen[0], seen[19]], [[around] * 32] * 2) <= 3
    assert differs([[row[31] for row in seen]], [[around] * 20]) <= 3


def test_padding_is_mirrored_and_rotated_with_the_image(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = picture(12, 8, is_clear=False)

    rendition = render_one(save(image, "PNG"), "x=20x20:pad:northwest:mirror:rotate90:bg00ff00")

    green = (0, 255, 0, 255)
    padded = [row + [green] * 8 for row in grid_of(image)] + [[green] * 20 for _ in range(12)]
    meant = turned(padded, mirror=True, rotation=90)
    assert differs(grid_of(reopen(rendition)), meant) <= 32


def test_a_background_lies_behind_transparent_pixels(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = picture(12, 8, is_clear=True)

    rendition = render_one(save(image, "PNG"), "x=500:bg336699")

    blue = (0x33, 0x66, 0x99, 255)
    meant = [[pixel if pixel[3] else blue for pixel in row] for row in grid_of(image)]
    assert differs(grid_of(reopen(rendition)), meant) <= 32
    assert not reopen(rendition).has_transparency_data


def test_a_background_changes_no_opaque_image(save: Save, render_one: RenderOne) -> None:
    data = save(picture(12, 8, is_clear=False), "PNG")

    assert render_one(data, "x=500:bg336699").data == render_one(data, "x=500").data


def deviation(row: list[int]) -> float:
    """Standard deviation, px, of the filter that made a row of an edge from black to white."""
    shares = [after - before for before, after in pairwise(row)]
    total = sum(shares)
    middle = sum(at * share for at, share in enumerate(shares)) / total
    return float(
        (sum(share * (at - middle) ** 2 for at, share in enumerate(shares)) / total) ** 0.5
    )


@pytest.mark.parametrize("to", ["png", "jpeg:q100"])
@pytest.mark.parametrize("sigma", [1, 2.5, 6])
def test_a_blur_spreads_an_edge_by_its_deviation(
    to: str, sigma: float, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    edge = Image.new("RGB", (80, 16))
    edge.paste((255, 255, 255), (40, 0, 80, 16))

    rendition = render_one(
        save(edge, to.partition(":")[0].upper(), quality=100), f"x=80:{to}:blur{sigma}"
    )

    row = [pixel[0] for pixel in grid_of(reopen(rendition))[8]]
    assert deviation(row) == pytest.approx(sigma, abs=0.15 + 0.05 * sigma)


def test_a_blur_spreads_the_colour_of_a_jpeg_as_far_as_its_luma(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    # Nearly the same luma on both sides.
    edge = Image.new("RGB", (80, 16), (200, 60, 60))
    edge.paste((40, 130, 110), (40, 0, 80, 16))

    rendition = render_one(save(edge, "JPEG", quality=100), "x=80:jpeg:q100:blur5")

    row = [pixel[0] for pixel in grid_of(reopen(rendition))[8]]
    assert deviation(row) == pytest.approx(5, abs=0.6)


def test_a_blur_takes_no_colour_from_transparent_pixels(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((250, 120, 30, 255), (10, 10, 30, 30))

    rendition = render_one(save(image, "PNG"), "x=40:webp:q100:blur3")

    red, green, blue, alpha = grid_of(reopen(rendition))[20][10]
    assert 100 <= alpha <= 155
    assert differs([[(red, green, blue)]], [[(250, 120, 30)]]) <= 12


@pytest.mark.parametrize("to", ["png", "jpeg:q100"])
def test_sharpening_raises_an_edge_on_both_sides(
    to: str, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    edge = Image.new("RGB", (40, 16), (80, 80, 80))
    edge.paste((160, 160, 160), (20, 0, 40, 16))
    data = save(edge, to.partition(":")[0].upper(), quality=100)

    row = [pixel[0] for pixel in grid_of(reopen(render_one(data, f"x=40:{to}:sharpen2")))[8]]

    assert row[0] == pytest.approx(80, abs=2)
    assert row[39] == pytest.approx(160, abs=2)
    # Beside the edge the mean of the surroundings is almost half way to the other side.
    assert row[19] == pytest.approx(80 - 33, abs=6)
    assert row[20] == pytest.approx(160 + 33, abs=6)


def test_sharpening_adds_no_rim_to_transparent_pixels(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    image.paste((150, 120, 130, 255), (10, 10, 30, 30))

    rendition = render_one(save(image, "PNG"), "x=40:png:sharpen3")

    assert differs([[grid_of(reopen(rendition))[20][10]]], [[(150, 120, 130, 255)]]) <= 1


@pytest.mark.parametrize("option", ["blur100", "sharpen100"])
@pytest.mark.parametrize("size", [(1, 1), (1, 30), (30, 2)])
def test_a_filter_may_be_wider_than_the_image(
    option: str, size: tuple[int, int], save: Save, render_one: RenderOne
) -> None:
    rendition = render_one(save(picture(*size, is_clear=True), "PNG"), f"x=40:{option}")

    assert (rendition.width, rendition.height) == size


def test_an_exact_fit_stretches_to_the_box(
    save: Save, quarters: Draw, render_one: RenderOne, reopen: Reopen
) -> None:
    rendition = render_one(save(quarters(80, 60), "PNG"), "x=10x40:exact")

    seen = grid_of(reopen(rendition))
    assert (rendition.width, rendition.height) == (10, 40)
    assert differs([[seen[10][2]]], [[(220, 30, 30, 255)]]) <= 8
    assert differs([[seen[30][7]]], [[(240, 220, 40, 255)]]) <= 8
