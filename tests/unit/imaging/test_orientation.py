from collections.abc import Callable

import pytest
from PIL import Image

from imagemill.imaging import Rendition, probe

RED, GREEN, BLUE, YELLOW = (220, 30, 30), (30, 200, 40), (30, 40, 210), (240, 220, 40)
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

Save = Callable[..., bytes]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]


def sideways(upright: Image.Image, orientation: int, to: str, save: Save) -> bytes:
    """A file with rotated pixels and the orientation tag that undoes the rotation."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    stored = upright.transpose(UNDO[orientation]) if orientation in UNDO else upright
    return save(stored, to, exif=exif)


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours near the four corners, left to right and top to bottom."""
    width, height = image.size
    x, y = width // 8, height // 8
    spots = [(x, y), (width - x - 1, y), (x, height - y - 1), (width - x - 1, height - y - 1)]
    pixels = image.convert("RGB").load()
    assert pixels is not None
    return [tuple(pixels[spot]) for spot in spots]  # type: ignore[arg-type]  # RGB is a tuple


def distance(seen: list[tuple[int, ...]], meant: list[tuple[int, int, int]]) -> int:
    return max(
        abs(a - b)
        for one, other in zip(seen, meant, strict=True)
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("to", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_sideways_photo_is_rendered_upright(
    to: str, orientation: int, quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = sideways(quarters(240, 160), orientation, to, save)

    rendition = render_one(data, "60")

    assert (rendition.width, rendition.height) == (60, 40)
    assert distance(corners(reopen(rendition)), [RED, GREEN, BLUE, YELLOW]) < 16


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_sideways_photo_is_cropped_as_it_is_seen(
    orientation: int, quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    image = quarters(160, 160)
    wide = Image.new("RGB", (400, 160), "white")
    wide.paste(image, (120, 0))
    data = sideways(wide, orientation, "PNG", save)

    rendition = render_one(data, "x=40x40:cover")

    assert (rendition.width, rendition.height) == (40, 40)
    assert distance(corners(reopen(rendition)), [RED, GREEN, BLUE, YELLOW]) < 16


@pytest.mark.parametrize("to", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("recipe", ["60", "500"])
def test_a_rotated_rendition_has_no_orientation_tag(
    to: str, recipe: str, quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = sideways(quarters(240, 160), 6, to, save)

    image = reopen(render_one(data, recipe))

    assert ORIENTATION not in image.getexif()


@pytest.mark.parametrize(("orientation", "size"), [(1, (240, 160)), (6, (160, 240))])
def test_the_facts_have_the_displayed_size(
    orientation: int, size: tuple[int, int], quarters: Draw, save: Save
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation

    facts = probe(save(quarters(240, 160), "JPEG", exif=exif))

    assert (facts.width, facts.height, facts.orientation) == (*size, orientation)


@pytest.mark.parametrize("orientation", [0, 9, 65_535])
def test_an_invalid_orientation_is_ignored(orientation: int, quarters: Draw, save: Save) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation

    facts = probe(save(quarters(240, 160), "JPEG", exif=exif))

    assert facts.orientation == 1


def test_a_phones_heic_is_not_turned_twice(
    quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    stored = quarters(240, 160).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    pillow_heif.register_heif_opener()
    data = save(stored, "HEIF", exif=exif.tobytes())

    rendition = render_one(data, "60")

    assert (rendition.width, rendition.height) == (60, 40)
    assert distance(corners(reopen(rendition)), [RED, GREEN, BLUE, YELLOW]) < 16


def test_an_orientation_stored_as_a_byte_is_applied(
    quarters: Draw, save: Save, render_one: RenderOne
) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = save(quarters(40, 60), "TIFF", exif=exif)
    entry = b"\x12\x01\x03\0\x01\0\0\0\x06\0"

    rendition = render_one(data.replace(entry, b"\x12\x01\x01" + entry[3:]))

    assert entry in data
    assert (rendition.width, rendition.height) == (60, 40)
