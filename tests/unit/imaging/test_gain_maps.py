"""Gain maps: the image is shown without its gain map, and a warning says so."""

from collections.abc import Callable

import pytest
from fakes.gain_maps import XMP, index_of_images, segment, with_segments
from PIL import Image

from imagemill.imaging import Rendered
from imagemill.imaging.formats.png import make_chunk
from imagemill.imaging.gain_maps.detect import has_gain_map

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
Draw = Callable[[int, int], Image.Image]

ULTRA_HDR = b'<x xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1.0"/>'
APPLE = b"<a>urn:com:apple:photo:2020:aux:hdrgainmap</a>"
ISO = b"urn:iso:std:iso:ts:21496:-1\0" + bytes(4)


def with_segment(data: bytes, marker: int, body: bytes) -> bytes:
    return with_segments(data, segment(marker, body))


@pytest.mark.parametrize(
    ("marker", "content"), [(0xE1, XMP + ULTRA_HDR), (0xE1, XMP + APPLE), (0xE2, ISO)]
)
def test_a_gain_map_after_a_jpeg_is_found(
    marker: int, content: bytes, quarters: Draw, save: Save, render_all: Render
) -> None:
    base = save(quarters(80, 60), "JPEG")
    gain = with_segment(save(Image.new("L", (20, 15)), "JPEG"), marker, content)

    rendered = render_all(base + gain, "30, 500")

    assert rendered.warnings == ("hdr",)
    assert all(content[-20:] not in made.data for made in rendered.renditions)


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_gain_map_is_found_by_the_index_of_images(order: str, quarters: Draw, save: Save) -> None:
    base, gap = save(quarters(80, 60), "JPEG"), bytes(100)
    gain = with_segment(save(Image.new("L", (20, 15)), "JPEG"), 0xE2, ISO)
    length = len(segment(0xE2, index_of_images(order, 0, 0)))
    offset = len(base) + length + len(gap) - 10
    data = with_segment(base, 0xE2, index_of_images(order, offset, len(gain))) + gap + gain

    assert has_gain_map(data, "jpeg")
    assert not has_gain_map(data[: -len(gain)], "jpeg")


def test_a_second_image_or_gain_map_metadata_alone_is_no_gain_map(
    quarters: Draw, save: Save
) -> None:
    other = save(quarters(80, 60), "JPEG")
    claimed = with_segment(other, 0xE1, XMP + ULTRA_HDR)

    assert not has_gain_map(other + other, "jpeg")
    assert not has_gain_map(claimed, "jpeg")


@pytest.mark.parametrize("cut", range(0, 400, 13))
def test_a_jpeg_cut_short_has_no_gain_map(cut: int, quarters: Draw, save: Save) -> None:
    base = save(quarters(80, 60), "JPEG")
    data = with_segment(base, 0xE2, index_of_images("<", 2**31, 2**31))

    assert not has_gain_map(data[:cut], "jpeg")


def test_a_tone_mapped_item_of_an_avif_is_found(quarters: Draw, save: Save) -> None:
    data = save(quarters(80, 60), "AVIF", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")

    assert has_gain_map(data.replace(b"Exif", b"tmap", 1), "avif")
    assert not has_gain_map(data, "avif")


def test_the_gain_map_of_a_png_is_found(save: Save) -> None:
    data = save(Image.new("RGB", (20, 15)), "PNG")
    chunks = make_chunk(b"gmAP", b"x") + make_chunk(b"gdAT", b"x")

    assert has_gain_map(data[:33] + chunks + data[33:], "png")
    assert not has_gain_map(data, "png")
