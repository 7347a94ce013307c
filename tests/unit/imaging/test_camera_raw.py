"""Camera raw files are shown by the largest JPEG in them, or refused."""

from collections.abc import Callable
from functools import partial
from io import BytesIO
from random import Random

import pytest
from fakes.raw_files import (
    MAKERS,
    Blob,
    Tags,
    dng,
    jpeg_of,
    lossless_jpeg,
    nef,
    raw_tiff,
    sensor_tags,
)
from PIL import Image

from imagemill.errors import CorruptImage, ImageRejected, UnsupportedFormat
from imagemill.imaging import Limits, Rendered, fastjpeg, probe, raw_preview, render
from imagemill.imaging.formats.camera_raw import find_preview
from imagemill.imaging.sniff import check_beginning
from imagemill.recipe import Recipe

RAW = Limits(camera_raw=True)
WIDE = (1200, 800)
CORNERS = {"red": (220, 30, 30), "green": (30, 200, 40), "blue": (30, 40, 210)}
# Formats whose own tags say how the image is to be turned.
TURNING = sorted(set(MAKERS) - {"raf"})

Draw = Callable[[int, int], Image.Image]
show = partial(render, recipe=Recipe.parse("300"), limits=RAW)


@pytest.fixture
def jpeg(quarters: Draw) -> bytes:
    return jpeg_of(quarters(*WIDE))


@pytest.fixture
def thumbnail() -> bytes:
    return jpeg_of(Image.new("RGB", (160, 120), "grey"))


def corner(rendered: Rendered) -> str:
    """The name of the colour at the upper left."""
    image = Image.open(BytesIO(rendered.renditions[0].data)).convert("RGB")
    red, green, blue = image.crop((20, 20, 21, 21)).tobytes()
    distances = {
        name: abs(red - ink[0]) + abs(green - ink[1]) + abs(blue - ink[2])
        for name, ink in CORNERS.items()
    }
    return min(distances, key=lambda name: distances[name])


@pytest.mark.parametrize("kind", MAKERS)
def test_a_raw_file_is_shown_by_its_preview(kind: str, jpeg: bytes, thumbnail: bytes) -> None:
    data = MAKERS[kind](jpeg, thumbnail, {})

    rendered = show(data)

    facts = rendered.facts
    assert (facts.raw_format, facts.format, facts.width, facts.height) == (kind, "jpeg", *WIDE)
    assert (facts.raw_bytes, facts.bytes) == (len(data), len(jpeg))
    assert corner(rendered) == "red"
    assert rendered.warnings == ()
    assert rendered.sandbox == ("drawn" if fastjpeg.is_available() else "unavailable")


@pytest.mark.parametrize("kind", MAKERS)
def test_without_the_parameter_the_refusal_names_it(
    kind: str, jpeg: bytes, thumbnail: bytes
) -> None:
    data = MAKERS[kind](jpeg, thumbnail, {})

    with pytest.raises(UnsupportedFormat, match="CameraRaw"):
        render(data, Recipe.parse("300"))


@pytest.mark.parametrize("kind", TURNING)
def test_the_raw_file_says_how_its_preview_is_turned(
    kind: str, quarters: Draw, thumbnail: bytes
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 3
    jpeg = jpeg_of(quarters(*WIDE), exif=exif)

    rendered = show(MAKERS[kind](jpeg, thumbnail, {0x0112: 6}))

    assert (rendered.facts.width, rendered.facts.height) == (800, 1200)
    assert corner(rendered) == "blue"


def test_without_an_orientation_in_the_raw_file_that_of_the_preview_counts(
    quarters: Draw, thumbnail: bytes
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6

    rendered = show(MAKERS["raf"](jpeg_of(quarters(*WIDE), exif=exif), thumbnail, {}))

    assert (rendered.facts.width, rendered.facts.height) == (800, 1200)
    assert corner(rendered) == "blue"


def test_camera_time_and_credit_are_those_of_the_raw_file(jpeg: bytes, thumbnail: bytes) -> None:
    tags: Tags = {
        271: "NIKON CORPORATION",
        272: "NIKON D850",
        0x013B: "Ada",
        0x8298: "(c) Ada",
        0x8769: [{0x9003: "2026:11:29 12:00:00", 0xA434: "50mm f/1.8", 0x8827: 400}],
    }
    rendered = show(nef(jpeg, thumbnail, tags))

    facts = rendered.facts
    assert (facts.artist, facts.copyright) == ("Ada", "(c) Ada")
    assert facts.camera == "NIKON CORPORATION NIKON D850"
    assert facts.captured_at == "2026-11-29T12:00:00"
    assert (facts.lens, facts.iso, facts.exposure_time_s) == ("50mm f/1.8", 400, None)
    made = Image.open(BytesIO(rendered.renditions[0].data)).getexif()
    assert dict(made) == {0x013B: "Ada", 0x8298: "(c) Ada"}


@pytest.mark.parametrize("kind", sorted(set(MAKERS) - {"raf"}))
def test_a_thumbnail_alone_is_refused_with_advice(kind: str, thumbnail: bytes) -> None:
    with pytest.raises(UnsupportedFormat, match="upload the JPEG or HEIC"):
        show(MAKERS[kind](thumbnail, thumbnail, {}))


@pytest.mark.parametrize(("side", "is_shown"), [(1000, True), (999, False)])
def test_a_preview_of_a_thousand_pixels_is_shown(side: int, *, is_shown: bool) -> None:
    jpeg = jpeg_of(Image.new("RGB", (side, 10)))
    data = raw_tiff([{513: Blob(jpeg), 514: len(jpeg)}], extra=b"CR\2\0")

    if is_shown:
        assert find_preview(data) is not None
    else:
        with pytest.raises(UnsupportedFormat):
            find_preview(data)


@pytest.mark.parametrize(("sensor", "is_shown"), [(1600, True), (1604, False)])
def test_so_is_a_quarter_of_the_sensor(sensor: int, *, is_shown: bool) -> None:
    jpeg = jpeg_of(Image.new("RGB", (400, 300)))
    page: Tags = {513: Blob(jpeg), 514: len(jpeg), 330: [sensor_tags(t256=sensor, t257=1200)]}

    if is_shown:
        assert find_preview(raw_tiff([page])) is not None
    else:
        with pytest.raises(UnsupportedFormat):
            find_preview(raw_tiff([page]))


def test_coded_data_of_the_sensor_are_no_preview(jpeg: bytes) -> None:
    linear = sensor_tags(t262=34_892, t273=Blob(jpeg), t279=len(jpeg))
    lossless = sensor_tags(t262=1, t273=Blob(lossless_jpeg()), t279=len(lossless_jpeg()))

    with pytest.raises(UnsupportedFormat):
        find_preview(raw_tiff([linear, lossless]))


def test_a_plain_tiff_is_decoded_as_before(quarters: Draw, save: Callable[..., bytes]) -> None:
    data = save(quarters(60, 40), "TIFF")

    assert probe(data, RAW) == probe(data)


def test_raw_files_without_a_reader_are_refused_as_such() -> None:
    with pytest.raises(UnsupportedFormat, match="this kind of camera raw"):
        render(b"FOVb" + bytes(100), Recipe.parse("300"), RAW)


def test_a_preview_cut_short_is_shown_as_far_as_it_goes(jpeg: bytes, thumbnail: bytes) -> None:
    data = MAKERS["raf"](jpeg, thumbnail, {})

    assert show(data[: -len(jpeg) // 2]).warnings == ("truncated",)


@pytest.mark.parametrize("kind", MAKERS)
def test_damaged_files_are_shown_or_refused_and_nothing_else(kind: str, thumbnail: bytes) -> None:
    jpeg = jpeg_of(Image.new("RGB", (1000, 16)))
    whole, chance = MAKERS[kind](jpeg, thumbnail, {0x0112: 6}), Random(kind)  # noqa: S311
    for _ in range(300):
        damaged = bytearray(whole[: chance.randrange(1, len(whole) + 1)])
        for _ in range(chance.randrange(4)):
            at = int(len(damaged) * chance.random() ** 3)
            damaged[at : at + 4] = chance.choice((b"\xff" * 4, bytes(4), chance.randbytes(4)))
        try:
            preview = raw_preview.read(bytes(damaged))
        except ImageRejected:
            continue
        assert preview is None or len(preview.jpeg) <= len(damaged)


def test_a_header_without_directories_is_corrupt() -> None:
    with pytest.raises(CorruptImage):
        show(b"II\x2b\0" + bytes(4))


@pytest.mark.parametrize(
    "page",
    [
        {330: [{330: 8, 50_706: 1}] * 50, 50_706: 1},
        {330: 8, 0x8769: 8, 50_706: 1},
        {513: 4_000_000_000, 514: 4_000_000_000, 50_706: 1},
        {513: Blob(b"\xff\xd8" + b"\xff\xe0\0\2" * 50_000), 514: 200_002, 50_706: 1},
        {513: Blob(b"\xff\xd8" + b"\xff" * 200_000), 514: 200_002, 50_706: 1},
    ],
    ids=["many directories", "circular", "far outside", "many segments", "fill bytes"],
)
def test_hostile_directories_take_bounded_work(page: Tags) -> None:
    with pytest.raises(UnsupportedFormat):
        find_preview(raw_tiff([page]))


@pytest.mark.parametrize("kind", MAKERS)
def test_the_first_bytes_of_a_raw_file_are_accepted_with_the_parameter(
    kind: str, jpeg: bytes, thumbnail: bytes
) -> None:
    head = MAKERS[kind](jpeg, thumbnail, {})[:64]

    check_beginning(head, camera_raw=True)


@pytest.mark.parametrize("kind", ["cr2", "cr3", "orf", "raf", "rw2"])
def test_without_it_they_are_refused_at_once(kind: str, jpeg: bytes, thumbnail: bytes) -> None:
    head = MAKERS[kind](jpeg, thumbnail, {})[:64]

    with pytest.raises(UnsupportedFormat, match="CameraRaw"):
        check_beginning(head)


def test_a_dng_with_several_previews_is_shown_by_the_largest(quarters: Draw) -> None:
    small = jpeg_of(Image.new("RGB", (1024, 768), "grey"))

    assert corner(show(dng(jpeg_of(quarters(*WIDE)), small, {}))) == "red"
