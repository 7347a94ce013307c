import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageColor

from imagemill.errors import CorruptImage, ImageRejected
from imagemill.imaging import Rendered, Rendition, render
from imagemill.recipe import DEFAULT_RECIPE, Recipe

FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF", "JPEG2000", "ICO"]

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]


@pytest.mark.parametrize("recipe", ["32", "500"])
@pytest.mark.parametrize(
    ("to", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("GIF", {}),
        ("TIFF", {}),
        ("BMP", {}),
    ],
)
def test_a_file_cut_short_is_shown_up_to_the_cut(
    to: str,
    options: dict[str, bool],
    recipe: str,
    noise: Draw,
    save: Save,
    render_all: Render,
    reopen: Reopen,
) -> None:
    data = save(noise(64, 64), to, **options)

    rendered = render_all(data[: len(data) * 2 // 3], recipe)

    rendition = rendered.renditions[0]
    assert rendered.warnings == ("truncated",)
    assert reopen(rendition).size == (rendition.width, rendition.height)
    top = reopen(rendition).convert("RGB").crop((0, 0, rendition.width, rendition.height // 3))
    assert len(top.getcolors(4096) or ()) > 50


def test_a_gif_cut_short_in_its_first_block_is_shown_up_to_the_cut(
    noise: Draw, save: Save, render_all: Render, reopen: Reopen
) -> None:
    data = save(noise(12, 12).convert("L"), "GIF")
    start = data.index(b"\x2c") + 11

    rendered = render_all(data[: start + 100])

    top = reopen(rendered.renditions[0]).convert("RGB").crop((0, 0, 12, 4))
    assert len(top.getcolors() or ()) > 20
    assert rendered.warnings == ("truncated",)


def test_a_jpeg_without_its_last_two_bytes_looks_complete(
    noise: Draw, save: Save, render_all: Render
) -> None:
    data = save(noise(64, 64), "JPEG")

    cut, whole = (ImageColor.getrgb(render_all(each).colour) for each in (data[:-2], data))
    # Two decoders, which round differently.
    assert all(abs(one - other) <= 2 for one, other in zip(cut, whole, strict=True))


@pytest.mark.parametrize("to", FORMATS)
def test_a_file_with_only_its_header_is_corrupt(to: str, noise: Draw, save: Save) -> None:
    data = save(noise(64, 64), to)

    with pytest.raises(CorruptImage):
        render(data[:30], DEFAULT_RECIPE)


def test_a_damaged_optional_chunk_is_ignored(
    quarters: Draw, save: Save, render_all: Render
) -> None:
    data = save(quarters(64, 64), "PNG")
    junk = struct.pack(">I", 9) + b"iCCPnonsense!" + struct.pack(">I", 12345)

    rendered = render_all(data[:33] + junk + data[33:])

    assert rendered.warnings == ()
    assert rendered.renditions[0].width == 64


def test_damaged_exif_is_ignored(quarters: Draw, save: Save, render_all: Render) -> None:
    data = save(quarters(64, 64), "PNG")
    body = b"eXIf" + b"II*\0\xff\xff\xff\x7f" + bytes(8)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))

    assert render_all(data[:33] + chunk + data[33:]).facts.orientation == 1


@pytest.mark.parametrize("to", FORMATS)
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
def test_hostile_bytes_are_rendered_or_rejected(
    to: str, data: st.DataObject, save: Save, noise: Draw
) -> None:
    file = bytearray(save(noise(24, 16), to))
    wounds = st.tuples(st.integers(0, len(file) - 1), st.integers(0, 255))
    for at, byte in data.draw(st.lists(wounds, min_size=1, max_size=6)):
        file[at] = byte

    try:
        rendered = render(bytes(file), Recipe.parse("500, 8"))
    except ImageRejected as rejection:
        assert rejection.code != "rejected"  # noqa: PT017 - either outcome is right
    else:
        assert len(rendered.renditions) == 2
