from collections.abc import Callable

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from imagemill.errors import UnsupportedFormat
from imagemill.imaging import Rendered, Rendition, probe
from imagemill.imaging.decode import decode, open_image
from imagemill.imaging.geometry import Size
from imagemill.imaging.sniff import Kind

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]


def split_associations(box: bytes) -> list[bytes]:
    """An ipma box of two items as two boxes, one per item."""
    first = 3 + box[18]
    entries = [box[16 : 16 + first], box[16 + first :]]
    return [
        (16 + len(entry)).to_bytes(4, "big") + box[4:12] + b"\0\0\0\1" + entry for entry in entries
    ]


def with_longer_boxes(data: bytes, more: int) -> bytes:
    """The file with longer boxes around the properties, and its offsets adjusted."""
    grown = bytearray(data)
    for name in (b"meta", b"iprp"):
        at = data.index(name) - 4
        length = int.from_bytes(data[at : at + 4], "big") + more
        grown[at : at + 4] = length.to_bytes(4, "big")
    at = data.index(b"iloc") + 12
    for item in range(int.from_bytes(data[at - 2 : at], "big")):
        spot = at + 14 * item + 6
        offset = int.from_bytes(data[spot : spot + 4], "big") + more
        grown[spot : spot + 4] = offset.to_bytes(4, "big")
    return bytes(grown)


@pytest.mark.parametrize(
    ("to", "kept"),
    [
        ("JPEG", "jpeg"),
        ("PNG", "png"),
        ("WEBP", "webp"),
        ("GIF", "gif"),
        ("AVIF", "avif"),
        ("TIFF", "jpeg"),
        ("BMP", "png"),
        ("JPEG2000", "jpeg"),
        ("MPO", "jpeg"),
    ],
)
def test_every_input_format_gives_a_web_format(
    to: str, kept: str, quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(quarters(1200, 800), to)

    rendition = render_one(data, "400")

    assert (rendition.width, rendition.height, rendition.format) == (400, 267, kept)
    assert reopen(rendition).size == (400, 267)
    assert reopen(rendition).format == kept.upper()


@pytest.mark.parametrize("to", ["jpeg", "png", "webp", "avif"])
def test_a_requested_format_is_used(
    to: str, quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    rendition = render_one(save(quarters(600, 400), "TIFF"), f"300:{to}")

    assert reopen(rendition).format == to.upper()
    assert rendition.content_type == f"image/{to}"


def test_a_heic_becomes_a_jpeg(
    quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    pillow_heif = pytest.importorskip("pillow_heif")
    pillow_heif.register_heif_opener()

    rendition = render_one(save(quarters(1200, 800), "HEIF"), "400")

    assert reopen(rendition).format == "JPEG"
    assert reopen(rendition).size == (400, 267)


def test_without_the_extra_a_heic_is_refused_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pillow_heif", None)

    with pytest.raises(UnsupportedFormat, match="heif"):
        open_image(b"", "heic")


def test_the_largest_image_of_an_icon_is_shown(
    quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(quarters(128, 128), "ICO", sizes=[(16, 16), (128, 128), (32, 32)])

    rendition = render_one(data, "100")

    assert (rendition.width, rendition.height) == (100, 100)
    assert reopen(rendition).convert("RGB").getpixel((20, 20)) == (220, 30, 30)


def test_the_largest_bitmap_of_an_icon_is_shown(
    quarters: Draw, save: Save, render_one: RenderOne
) -> None:
    sizes = [(16, 16), (48, 48), (32, 32)]
    data = save(quarters(48, 48), "ICO", sizes=sizes, bitmap_format="bmp")

    rendition = render_one(data)

    assert (rendition.width, rendition.height) == (48, 48)


def test_the_first_page_of_a_tiff_is_shown_with_a_warning(
    quarters: Draw, save: Save, render_all: Render
) -> None:
    pages = [quarters(60, 40), Image.new("RGB", (30, 30))]
    data = save(pages[0], "TIFF", save_all=True, append_images=pages[1:])

    rendered = render_all(data)

    assert (rendered.renditions[0].width, rendered.facts.frames) == (60, 2)
    assert rendered.warnings == ("first_frame_only",)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_deflate", "jpeg", "packbits"])
def test_every_usual_packing_of_tiff_is_read(
    compression: str, quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(quarters(120, 80), "TIFF", compression=compression)

    red, green, blue = reopen(render_one(data, "60:png")).convert("RGB").split()

    assert abs(red.resize((1, 1)).tobytes()[0] - 130) < 8
    assert green.size == blue.size == (60, 40)


def test_only_the_first_image_of_a_jpeg_is_shown(quarters: Draw, save: Save) -> None:
    data = save(quarters(60, 40), "MPO", save_all=True, append_images=[quarters(60, 40)])

    facts = probe(data)

    assert (facts.format, facts.frames) == ("jpeg", 1)


@pytest.mark.parametrize("marker", [0xC3, 0xC5, 0xC7, 0xCB, 0xCF])
def test_a_jpeg_process_that_browsers_lack_is_unsupported(
    marker: int, quarters: Draw, save: Save
) -> None:
    data = save(quarters(60, 40), "JPEG").replace(b"\xff\xc0", bytes([0xFF, marker]))

    with pytest.raises(UnsupportedFormat):
        probe(data)


def test_a_jpeg_of_twelve_bits_is_refused_as_unsupported(quarters: Draw, save: Save) -> None:
    data = save(quarters(60, 40), "JPEG").replace(b"\xff\xc0\0\x11\x08", b"\xff\xc1\0\x11\x0c")

    with pytest.raises(UnsupportedFormat):
        probe(data)


def test_camera_lens_exposure_and_capture_time_are_read(quarters: Draw, save: Save) -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Leica Camera AG", "Q2"
    exif.get_ifd(0x8769).update(
        {
            0x9003: "2026:05:04 03:02:01",
            0xA433: "Leica",
            0xA434: "Summilux 1:1.7/28 ASPH.",
            0x829A: IFDRational(1, 250),
            0x829D: IFDRational(17, 10),
            0x8827: 100,
            0x920A: IFDRational(28, 1),
        }
    )

    facts = probe(save(quarters(60, 40), "JPEG", exif=exif))

    assert facts.camera == "Leica Camera AG Q2"
    assert facts.captured_at == "2026-05-04T03:02:01"
    assert facts.lens == "Leica Summilux 1:1.7/28 ASPH."
    assert (facts.exposure_time_s, facts.f_number) == (0.004, 1.7)
    assert (facts.iso, facts.focal_length_mm) == (100, 28)


@pytest.mark.parametrize(
    ("to", "kind", "at_least", "decoded"),
    [
        ("JPEG", "jpeg", Size(200, 150), (200, 150)),
        ("JPEG", "jpeg", Size(201, 150), (400, 300)),
        ("JPEG", "jpeg", Size(10, 10), (200, 150)),
        ("JPEG", "jpeg", Size(1600, 1200), (1600, 1200)),
        ("JPEG2000", "jp2", Size(200, 150), (200, 150)),
        ("PNG", "png", Size(200, 150), (1600, 1200)),
    ],
)
def test_a_format_with_scaled_decoding_is_decoded_at_the_needed_size(
    to: str, kind: Kind, at_least: Size, decoded: tuple[int, int], quarters: Draw, save: Save
) -> None:
    image = open_image(save(quarters(1600, 1200), to), kind)

    is_damaged = decode(image, kind, at_least, 8)

    assert (image.size, is_damaged) == (decoded, False)


def test_an_avif_with_properties_in_several_boxes_is_read(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    whole = save(Image.new("RGBA", (64, 64), (200, 100, 50, 100)), "AVIF", quality=95)
    at = whole.index(b"ipma") - 4
    length = int.from_bytes(whole[at : at + 4], "big")
    parts = split_associations(whole[at : at + length])
    spare = 16 * (len(parts) - 1)
    grown = whole[:at] + b"".join(parts) + whole[at + length :]

    image = reopen(render_one(with_longer_boxes(grown, spare), "32")).convert("RGBA")

    assert len(parts) == 2
    assert image.getpixel((9, 9)) == pytest.approx((200, 100, 50, 100), abs=4)


@pytest.mark.parametrize("resolutions", [1, 2, 6])
def test_a_jpeg_2000_is_decoded_at_one_of_its_resolutions(
    resolutions: int, quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = save(quarters(1600, 1200), "JPEG2000", num_resolutions=resolutions)

    small = reopen(render_one(data, "40:png"))

    assert small.size == (40, 30)
    assert small.getpixel((5, 5)) == pytest.approx((220, 30, 30), abs=3)
