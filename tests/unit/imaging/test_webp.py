"""Still WebP images are decoded by libwebp's plain decoder, opaque ones at a reduced size."""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageStat, WebPImagePlugin

from imagemill.errors import CorruptImage
from imagemill.imaging import probe, render
from imagemill.imaging.decode import open_image, reduced_size
from imagemill.imaging.encode import encode_lossless, lossless_bytes
from imagemill.imaging.facts import Facts
from imagemill.imaging.formats import libwebp, webp
from imagemill.imaging.formats.webp_decoder import StillWebp
from imagemill.imaging.geometry import Size
from imagemill.imaging.memory import decoded_pixels, estimate_memory
from imagemill.imaging.output_tags import OutputTags
from imagemill.imaging.plan import make_plans
from imagemill.recipe import Recipe

Save = Callable[..., bytes]
METADATA = {
    "icc_profile": b"profile",
    "exif": b"MM\0*\0\0\0\x08\0\0\0\0\0\0",
    "xmp": b"<x/>",
}


def picture(mode: str, size: tuple[int, int] = (301, 203)) -> Image.Image:
    noise = Image.effect_noise((size[0] // 4, size[1] // 4), 60).resize(size)
    bands = (
        noise,
        Image.linear_gradient("L").resize(size),
        Image.radial_gradient("L").resize(size),
    )
    image = Image.merge("RGB", bands)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").rotate(90).resize(size))
    return image


@pytest.mark.parametrize("options", [{"quality": 90}, {"lossless": True}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_pixels_are_those_of_the_animation_decoder(
    mode: str, options: dict[str, object], save: Save
) -> None:
    data = save(picture(mode), "WEBP", **options)
    expected = WebPImagePlugin.WebPImageFile(BytesIO(data))

    image = open_image(data, "webp")
    image.load()

    assert isinstance(image, StillWebp)
    assert (image.mode, image.size) == (mode, expected.size)
    assert image.tobytes() == expected.tobytes()


@pytest.mark.parametrize(("options", "error"), [({"quality": 95}, 2), ({"lossless": True}, 0.2)])
def test_a_reduced_image_is_an_average(
    options: dict[str, object], error: float, save: Save
) -> None:
    grain = Image.effect_noise((200, 133), 60).resize((600, 399)).convert("RGB")
    data = save(grain, "WEBP", **options)
    whole, image = Image.open(BytesIO(data)).convert("RGB"), open_image(data, "webp")
    vars(image)["reduced"] = Size(200, 133)

    image.load()

    expected = whole.resize((200, 133), Image.Resampling.BOX)
    assert image.size == (200, 133)
    assert max(ImageStat.Stat(ImageChops.difference(image, expected)).mean) < error


def test_no_more_is_decoded_than_the_rendition_needs(save: Save) -> None:
    data = save(picture("RGB", (1600, 1200)), "WEBP")
    facts = probe(data)

    assert decoded_pixels(facts, make_plans(facts, Recipe.parse("100"))) == 266 * 200


def test_transparent_colours_do_not_bleed_into_a_reduced_image(save: Save) -> None:
    image = Image.new("RGBA", (1280, 960), (255, 0, 0, 0))
    for left in range(0, 1280, 32):
        image.paste((0, 0, 255, 255), (left, 0, left + 16, 960))
    data = save(image, "WEBP", quality=90, exact=True)

    made = render(data, Recipe.parse("p=60:png")).renditions[0].data

    with Image.open(BytesIO(made)) as small:
        assert ImageStat.Stat(small.getchannel("R")).mean[0] < 30


@pytest.mark.parametrize(
    ("size", "needed", "reduced"),
    [
        (Size(4000, 3000), Size(1000, 750), Size(1333, 1000)),
        (Size(4000, 3000), Size(1601, 1200), Size(4000, 3000)),
        (Size(4000, 3000), Size(1600, 1200), Size(2000, 1500)),
        (Size(9000, 2), Size(100, 1), Size(9000, 2)),
        (Size(100, 16_383), Size(1, 2), Size(1, 204)),
    ],
)
def test_the_divisor_keeps_a_quarter_more_than_needed(
    size: Size, needed: Size, reduced: Size
) -> None:
    assert reduced_size(size, needed) == reduced


def test_metadata_are_those_that_the_header_declares(save: Save) -> None:
    data = save(picture("RGB"), "WEBP", **METADATA)
    silent = data[:20] + bytes([0]) + data[21:]

    declared = open_image(data, "webp").info
    assert {key: declared[key] for key in METADATA} == METADATA
    assert not set(METADATA) & set(open_image(silent, "webp").info)


def test_pixels_are_not_read_from_the_chunks_that_follow(save: Save) -> None:
    data = save(picture("RGB"), "WEBP", quality=95, exif=bytes(9_000))
    at = data.index(b"VP8 ")
    length = int.from_bytes(data[at + 4 : at + 8], "little")
    cut = length // 2 * 2 - 2_000
    body = data[: at + 4] + cut.to_bytes(4, "little") + data[at + 8 : at + 8 + cut]
    body += data[at + 8 + length + length % 2 :]
    shorter = body[:4] + (len(body) - 8).to_bytes(4, "little") + body[8:]

    with pytest.raises(CorruptImage):
        render(shorter, Recipe.parse("50"))


@pytest.mark.parametrize("part", [0.2, 0.5, 0.98])
def test_a_file_cut_short_is_corrupt(part: float, save: Save) -> None:
    data = save(picture("RGB"), "WEBP")

    with pytest.raises(CorruptImage):
        render(data[: int(part * len(data))], Recipe.parse("50"))


def test_an_animation_is_left_to_the_animation_decoder(save: Save) -> None:
    frames = [picture("RGB"), picture("RGB").rotate(90)]
    data = save(frames[0], "WEBP", save_all=True, append_images=frames[1:])

    assert webp.is_animated(data)
    assert isinstance(open_image(data, "webp"), WebPImagePlugin.WebPImageFile)


def test_another_libwebp_leaves_stills_to_pillow(
    save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = save(picture("RGB", (400, 300)), "WEBP", quality=90)
    monkeypatch.setattr(libwebp, "_library", lambda: None)

    rendition = render(data, Recipe.parse("100")).renditions[0]

    assert not probe(data).is_reducible
    assert (rendition.width, rendition.height) == (100, 75)


def test_memory_is_estimated_for_the_size_that_is_decoded() -> None:
    still = Facts("webp", 0, 4000, 3000, decoder_bytes=8, is_reducible=True)
    composed = replace(still, decoder_bytes=0, is_reducible=False)
    lossless = replace(still, kept_bytes=4)
    plans = make_plans(still, Recipe.parse("500:jpeg"))

    saved = estimate_memory(composed, plans) - estimate_memory(still, plans)
    kept = estimate_memory(lossless, plans) - estimate_memory(still, plans)

    assert saved > 150_000_000
    assert kept == 4 * 4000 * 3000


@pytest.mark.parametrize("colours", [2, 6, 40])
def test_the_least_effort_shows_whether_a_lossless_image_can_be_smaller(colours: int) -> None:
    drawing = picture("RGB").quantize(colours, dither=Image.Dither.NONE).convert("RGB")
    tags = OutputTags(b"")
    plan = make_plans(Facts("webp", 0, *drawing.size, is_lossless=True), Recipe.parse("500"))[0]

    quick, usual = lossless_bytes(drawing, tags), len(encode_lossless(drawing, plan, tags))

    assert quick <= max(3 * usual, drawing.width * drawing.height // 4)


def test_a_drawing_stays_lossless_and_a_photo_does_not(save: Save) -> None:
    drawing = Image.new("RGB", (600, 400), "white")
    drawing.paste("navy", (99, 50, 301, 333))
    grain = Image.merge("RGB", [Image.effect_noise((600, 400), 80) for _ in range(3)])
    found = [
        webp.is_lossless(
            render(save(each, "WEBP", lossless=True), Recipe.parse("300")).renditions[0].data
        )
        for each in (drawing, grain)
    ]

    assert found == [True, False]
