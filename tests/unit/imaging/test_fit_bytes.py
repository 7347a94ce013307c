from collections.abc import Callable

import pytest
from PIL import Image, ImageChops, ImageStat
from PIL.PngImagePlugin import PngInfo

from imagemill.imaging import Rendition
from imagemill.imaging.icc import from_codes

GPS, SECRET = 0x8825, b"47.3769 N, 8.5417 E"

Save = Callable[..., bytes]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]


def with_location() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif.get_ifd(GPS)[1] = "N"
    return exif


def options_of(to: str, quality: int) -> dict[str, int]:
    return {} if to in ("PNG", "TIFF") else {"quality": quality}


@pytest.mark.parametrize("recipe", ["40", "500", "40:webp", "500:png", "500:avif"])
@pytest.mark.parametrize("quality", [5, 95])
@pytest.mark.parametrize("to", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_no_rendition_contains_the_location(
    to: str,
    quality: int,
    recipe: str,
    noise: Draw,
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    data = save(noise(80, 60), to, exif=with_location(), **options_of(to, quality))

    rendition = render_one(data, recipe)

    assert SECRET in data
    assert SECRET not in rendition.data
    assert GPS not in reopen(rendition).getexif()


@pytest.mark.parametrize(
    ("to", "options"),
    [
        ("JPEG", {"comment": SECRET, "xmp": b"<x:xmpmeta>" + SECRET}),
        ("JPEG", {"comment": SECRET, "quality": 20, "progressive": True}),
        ("WEBP", {"xmp": b"<x:xmpmeta>" + SECRET, "lossless": True}),
        ("WEBP", {"xmp": b"<x:xmpmeta>" + SECRET, "quality": 5}),
        ("GIF", {"comment": SECRET}),
        ("AVIF", {"xmp": b"<x:xmpmeta>" + SECRET, "quality": 5}),
    ],
)
@pytest.mark.parametrize("recipe", ["40", "500"])
def test_no_rendition_contains_comments_or_xmp(
    to: str, options: dict[str, object], recipe: str, noise: Draw, save: Save, render_one: RenderOne
) -> None:
    data = save(noise(80, 60), to, **options)

    assert SECRET in data
    assert SECRET not in render_one(data, recipe).data


def test_no_rendition_contains_text_chunks(noise: Draw, save: Save, render_one: RenderOne) -> None:
    text = PngInfo()
    text.add_text("Location", SECRET.decode())
    data = save(noise(80, 60), "PNG", pnginfo=text)

    assert SECRET not in render_one(data, "500").data


def test_bytes_after_the_end_of_the_image_are_dropped(
    noise: Draw, save: Save, render_one: RenderOne
) -> None:
    data = save(noise(80, 60), "JPEG", quality=20) + b"<?php evil(); ?>"

    assert b"evil" not in render_one(data, "500").data


@pytest.mark.parametrize(
    ("to", "options"),
    [
        ("JPEG", {"quality": 20}),
        ("JPEG", {"quality": 60, "progressive": True, "restart_marker_rows": 1}),
        ("PNG", {}),
        ("WEBP", {"quality": 10}),
        ("WEBP", {"lossless": True}),
        ("GIF", {}),
        ("AVIF", {"quality": 10}),
    ],
)
def test_an_image_that_already_fits_never_grows(
    to: str, options: dict[str, object], noise: Draw, save: Save, render_one: RenderOne
) -> None:
    data = save(noise(80, 60), to, **options)

    assert len(render_one(data, "500").data) <= len(data)


@pytest.mark.parametrize(
    ("to", "options"),
    [
        ("JPEG", {"quality": 20, "progressive": True}),
        ("WEBP", {"quality": 10}),
        ("GIF", {}),
        ("PNG", {"compress_level": 9}),
    ],
)
def test_a_copy_has_exactly_the_original_s_pixels(
    to: str,
    options: dict[str, object],
    noise: Draw,
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    data = save(noise(80, 60), to, **options)
    original = reopen(Rendition("", data, 0, 0, "jpeg"))

    assert reopen(render_one(data, "500")).tobytes() == original.tobytes()


def test_a_file_mostly_of_metadata_shrinks_without_losing_a_pixel(
    noise: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 20_000
    plain = save(noise(80, 60), "JPEG", quality=30)
    heavy = save(noise(80, 60), "JPEG", quality=30, exif=exif)

    rendition = render_one(heavy, "500")

    assert reopen(rendition).tobytes() == reopen(Rendition("", plain, 0, 0, "jpeg")).tobytes()
    assert len(rendition.data) < len(plain) + 520


@pytest.mark.parametrize("orientation", [3, 6])
def test_a_small_sideways_photo_is_turned_and_still_does_not_grow(
    orientation: int, noise: Draw, save: Save, render_one: RenderOne
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = save(noise(80, 60), "JPEG", quality=50, exif=exif)

    rendition = render_one(data, "500")

    assert (rendition.width == 60) == (orientation == 6)
    assert len(rendition.data) <= len(data)


def test_a_palette_is_computed_again_if_the_file_becomes_smaller(
    save: Save, render_one: RenderOne, quarters: Draw
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    data = save(quarters(64, 64).quantize(4), "PNG", exif=exif, bits=2)

    assert len(render_one(data, "500").data) <= len(data)


def test_an_animation_that_already_fits_never_grows(
    noise: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    frames = [noise(40 + index, 30).crop((0, 0, 40, 30)) for index in range(3)]
    data = save(frames[0], "GIF", save_all=True, append_images=frames[1:], loop=2, comment=SECRET)

    rendition = render_one(data, "500")

    assert len(rendition.data) < len(data)
    assert (reopen(rendition).n_frames, reopen(rendition).info["loop"]) == (3, 2)  # type: ignore[attr-defined]
    assert SECRET not in rendition.data


def test_a_requested_format_is_used_even_if_it_is_larger(
    noise: Draw, save: Save, render_one: RenderOne
) -> None:
    data = save(noise(80, 60), "JPEG", quality=10)

    assert render_one(data, "500:png").format == "png"


@pytest.mark.parametrize("recipe", ["60", "500"])
def test_a_lossless_webp_stays_lossless_if_that_is_smaller(
    recipe: str, quarters: Draw, save: Save, render_one: RenderOne
) -> None:
    data = save(quarters(120, 80), "WEBP", lossless=True)

    assert b"VP8L" in render_one(data, recipe).data


def test_a_lossy_webp_does_not_become_lossless(
    quarters: Draw, save: Save, render_one: RenderOne
) -> None:
    data = save(quarters(120, 80), "WEBP", quality=80)

    assert b"VP8L" not in render_one(data, "60").data


def test_a_palette_is_computed_again_if_the_difference_is_invisible(
    quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    small = reopen(render_one(save(quarters(640, 480).quantize(8), "PNG"), "200"))

    assert small.mode == "P"
    assert small.convert("RGB").getpixel((10, 10)) == pytest.approx((220, 30, 30), abs=2)


@pytest.mark.parametrize("bands", [(0, 1), (0, 2), (1, 2)])
def test_a_gradient_that_is_converted_gets_no_bands(
    bands: tuple[int, int], save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    ramp = Image.linear_gradient("L")
    channels = [Image.new("L", ramp.size) for _ in range(3)]
    channels[bands[0]], channels[bands[1]] = ramp, ramp.rotate(90)
    wide = from_codes(12, 13)
    data = save(Image.merge("RGB", channels), "PNG", icc_profile=wide, optimize=True)

    made = render_one(data, "500")

    shown = reopen(made).convert("RGB")
    plain = save(shown, "PNG", optimize=True)
    colours = shown.getcolors(1 << 20)
    assert colours is not None
    assert len(colours) > 20_000
    assert len(made.data) <= 1.1 * max(len(data), len(plain))


def test_few_colours_fit_when_rotated(save: Save, render_one: RenderOne, reopen: Reopen) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    steps = Image.linear_gradient("L").convert("P").convert("RGB")
    data = save(steps.quantize(256), "PNG", exif=exif)

    made = render_one(data, "500")

    assert len(made.data) <= len(data)
    turned = steps.transpose(Image.Transpose.ROTATE_270)
    difference = ImageChops.difference(reopen(made).convert("RGB"), turned)
    assert max(high for _, high in ImageStat.Stat(difference).extrema) <= 1


@pytest.mark.parametrize(("alpha", "format_"), [(255, "jpeg"), (254, "png")])
@pytest.mark.parametrize("to", ["TIFF", "ICO"])
def test_unused_alpha_does_not_force_png(
    to: str, alpha: int, format_: str, noise: Draw, save: Save, render_one: RenderOne
) -> None:
    grain = noise(64, 64)
    grain.putalpha(alpha)
    data = save(grain, to)

    assert render_one(data, "32").format == format_


@pytest.mark.parametrize("to", ["PNG", "WEBP", "AVIF"])
def test_an_opaque_alpha_channel_is_left_out(
    to: str, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(Image.new("RGBA", (64, 64), (200, 100, 50, 255)), to)

    assert not reopen(render_one(data, "32")).has_transparency_data


def test_a_drawing_as_jpeg_has_no_ringing_at_its_edges(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    drawing = Image.new("P", (64, 64), 0)
    drawing.putpalette([0, 0, 255, 255, 0, 0])
    drawing.paste(1, (0, 0, 31, 64))

    small = reopen(render_one(save(drawing, "TIFF"), "500")).convert("RGB")

    assert small.getpixel((30, 32)) == pytest.approx((255, 0, 0), abs=24)
    assert small.getpixel((32, 32)) == pytest.approx((0, 0, 255), abs=24)


@pytest.mark.parametrize(
    ("drawing", "side", "is_progressive"), [(False, 300, True), (True, 60, False)]
)
def test_a_jpeg_is_progressive_where_that_is_the_smaller(
    drawing: bool,
    side: int,
    is_progressive: bool,
    noise: Draw,
    quarters: Draw,
    save: Save,
    render_one: RenderOne,
    reopen: Reopen,
) -> None:
    data = save((quarters if drawing else noise)(400, 300), "JPEG")

    small = reopen(render_one(data, str(side)))

    assert bool(small.info.get("progressive")) == is_progressive
