"""AVIF: clean apertures, colours of the main image, false sizes, and copies."""

import struct
from collections.abc import Callable, Sequence

import pytest
from PIL import Image

from imagemill.errors import CorruptImage, ImageRejected, TooManyPixels, UnsupportedFormat
from imagemill.imaging import Limits, Rendered, Rendition, probe
from imagemill.imaging.formats.av1 import read_max_size
from imagemill.imaging.formats.isobmff import boxes, extents, find_meta

Save = Callable[..., bytes]
Render = Callable[..., Rendered]
RenderOne = Callable[..., Rendition]
Reopen = Callable[[Rendition], Image.Image]
Draw = Callable[[int, int], Image.Image]


def box(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body) + 8) + name + body


def clap(*numbers: int) -> bytes:
    return box(b"clap", struct.pack(">IIIIiIiI", *numbers))


def with_properties(data: bytes, added: Sequence[bytes], item: int = 1) -> bytes:
    """Return an AVIF with more properties for one item, all of them essential."""
    meta = data.index(b"meta") - 4
    size = int.from_bytes(data[meta : meta + 4], "big")
    places = find_meta(data)
    start, end = places[b"iprp"]
    inner = {name: data[at:stop] for name, at, stop in boxes(data, start, end)}
    count = sum(1 for _ in boxes(inner[b"ipco"], 0, len(inner[b"ipco"])))
    ipma = bytearray(inner[b"ipma"])
    at = 8
    while int.from_bytes(ipma[at : at + 2], "big") != item:
        at += 3 + ipma[at + 2]
    numbers = bytes(0x80 | count + 1 + index for index in range(len(added)))
    ipma[at + 3 + ipma[at + 2] : at + 3 + ipma[at + 2]] = numbers
    ipma[at + 2] += len(added)
    iprp = box(b"iprp", box(b"ipco", inner[b"ipco"] + b"".join(added)) + box(b"ipma", bytes(ipma)))
    moved = len(iprp) - (end - start + 8)
    head = bytearray(data[: start - 8] + iprp + data[end : meta + size])
    head[meta : meta + 4] = (size + moved).to_bytes(4, "big")
    for _, first, last in extents(data):
        place = struct.pack(">II", first, last - first)
        spot = head.index(place)
        head[spot : spot + 4] = (first + moved).to_bytes(4, "big")
    return bytes(head) + data[meta + size :]


ROTATED = box(b"irot", b"\1")
MIRRORED = box(b"imir", b"\1")


@pytest.mark.parametrize(
    ("properties", "size", "corner"),
    [
        ([clap(60, 1, 40, 1, -10, 1, -10, 1)], (60, 40), (0, 0)),
        ([clap(60, 1, 40, 1, 10, 1, 10, 1)], (60, 40), (20, 20)),
        ([clap(120, 2, 40, 1, -20, 2, -10, 1)], (60, 40), (0, 0)),
        ([clap(61, 1, 40, 1, 0, 1, -10, 1)], (61, 40), (10, 0)),
        ([clap(121, 2, 40, 1, -10, 1, -10, 1)], (80, 60), (0, 0)),
        ([clap(60, 0, 40, 1, -10, 1, -10, 1)], (80, 60), (0, 0)),
        ([clap(0, 1, 40, 1, -10, 1, -10, 1)], (80, 60), (0, 0)),
        ([clap(60, 1, 40, 1, 30, 1, 0, 1)], (80, 60), (0, 0)),
    ],
)
def test_only_the_clean_aperture_is_shown(  # noqa: PLR0913, RUF100 - three fixtures
    properties: list[bytes],
    size: tuple[int, int],
    corner: tuple[int, int],
    quarters: Draw,
    save: Save,
    render_all: Render,
    reopen: Reopen,
) -> None:
    whole = quarters(80, 60)
    data = with_properties(save(whole, "AVIF", quality=95), properties)

    rendered = render_all(data, "500:png")

    shown = reopen(rendered.renditions[0]).convert("RGB")
    assert (rendered.facts.width, rendered.facts.height) == shown.size == size
    for spot in ((4, 4), (size[0] - 5, size[1] - 5)):
        wanted = whole.getpixel((corner[0] + spot[0], corner[1] + spot[1]))
        assert shown.getpixel(spot) == pytest.approx(wanted, abs=9)


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_aperture_then_rotation_then_mirror_are_applied(
    order: tuple[int, ...], quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    whole = quarters(80, 60)
    properties = [clap(60, 1, 40, 1, -10, 1, -10, 1), ROTATED, MIRRORED]
    ordered = [properties[index] for index in order]
    data = with_properties(save(whole, "AVIF", quality=95), ordered)

    shown = reopen(render_one(data, "500:png")).convert("RGB")

    turned = whole.crop((0, 0, 60, 40)).transpose(Image.Transpose.ROTATE_90)
    wanted = turned.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    assert shown.size == (40, 60)
    for spot in ((4, 4), (35, 4), (4, 55), (35, 55)):
        assert shown.getpixel(spot) == pytest.approx(wanted.getpixel(spot), abs=9)


def test_a_copy_never_shows_pixels_outside_the_clean_aperture(
    quarters: Draw, save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    data = with_properties(save(quarters(80, 60), "AVIF"), [clap(60, 1, 40, 1, -10, 1, -10, 1)])

    copied = render_one(data, "500")

    assert b"clap" not in copied.data
    assert reopen(copied).size == (60, 40)


def test_colour_codes_of_auxiliary_images_are_ignored(save: Save) -> None:
    data = save(Image.new("RGB", (64, 64), "teal"), "AVIF")
    stray = box(b"free", b"colrnclx" + struct.pack(">HHHB", 9, 16, 9, 128))
    at = int.from_bytes(data[:4], "big")
    moved = bytearray(data[:at] + stray + data[at:])
    for _, first, last in extents(data):
        spot = moved.index(struct.pack(">II", first, last - first))
        moved[spot : spot + 4] = (first + len(stray)).to_bytes(4, "big")

    assert probe(bytes(moved)).codes == (1, 13)


@pytest.mark.parametrize("size", [(80, 60), (81, 59), (1, 1), (2000, 3)])
def test_the_size_of_frames_is_read_from_the_coded_data(size: tuple[int, int], save: Save) -> None:
    data = save(Image.new("RGB", size), "AVIF")
    _, start, end = next(extents(data))

    assert read_max_size(data[start:end]) == size


def with_false_size(save: Save, declared: tuple[int, int], coded: tuple[int, int]) -> bytes:
    data = save(Image.new("RGB", coded), "AVIF", speed=10)
    return data.replace(struct.pack(">II", *coded), struct.pack(">II", *declared))


def test_an_image_that_codes_far_more_than_it_declares_is_refused(save: Save) -> None:
    with pytest.raises(CorruptImage):
        probe(with_false_size(save, (64, 64), (1600, 1600)))


def test_the_declared_size_is_checked_before_decoding(save: Save) -> None:
    with pytest.raises(TooManyPixels):
        probe(with_false_size(save, (60_000, 60_000), (64, 64)), Limits(max_pixels=10**6))


@pytest.mark.parametrize("at", range(0, 400, 7))
def test_a_damaged_meta_box_gives_a_rejection_or_an_image(
    at: int, save: Save, render_all: Render
) -> None:
    data = bytearray(save(Image.new("RGB", (64, 64), "teal"), "AVIF"))
    data[at % 300] ^= 0xFF

    try:
        rendered = render_all(bytes(data), "500")
    except ImageRejected:
        return
    assert rendered.renditions


def test_a_copy_of_an_original_that_needed_repair_decodes(
    save: Save, render_one: RenderOne, reopen: Reopen
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "x" * 30_000
    plain = save(Image.new("RGB", (64, 64), "teal"), "AVIF", exif=exif)

    copied = render_one(in_two_boxes(plain), "500")

    image = reopen(copied)
    image.load()
    assert image.size == (64, 64)
    assert len(copied.data) > 30_000 or copied.data.count(b"ipma") == 1


def in_two_boxes(data: bytes) -> bytes:
    """Return an AVIF with a separate association box (ipma) per item."""
    start, end = find_meta(data)[b"iprp"]
    inner = {name: (at, stop) for name, at, stop in boxes(data, start, end)}
    at, stop = inner[b"ipma"]
    empty = box(b"ipma", data[at : at + 4] + bytes(4))
    pad = box(b"free", b"")
    meta = data.index(b"meta") - 4
    size = int.from_bytes(data[meta : meta + 4], "big")
    added = len(empty)
    head = bytearray(data[:stop] + empty + data[stop : meta + size])
    head[meta : meta + 4] = (size + added).to_bytes(4, "big")
    head[start - 8 : start - 4] = (end - start + 8 + added).to_bytes(4, "big")
    for _, first, last in extents(data):
        place = struct.pack(">II", first, last - first)
        spot = head.index(place)
        head[spot : spot + 4] = (first + added).to_bytes(4, "big")
    return bytes(head) + data[meta + size :] + pad


@pytest.mark.parametrize("coding", [b"unci", b"vvc1", b"j2k1"])
def test_a_heif_of_an_unknown_coding_is_unsupported(coding: bytes, save: Save) -> None:
    data = save(Image.new("RGB", (64, 64)), "AVIF").replace(b"av01", coding)
    heif = data.replace(b"ftypavif", b"ftypmif1").replace(b"avifmif1", b"mif1mif1")

    with pytest.raises(UnsupportedFormat):
        probe(heif)


def test_a_heif_without_a_still_image_is_unsupported() -> None:
    with pytest.raises(UnsupportedFormat):
        probe(box(b"ftyp", b"msf1" + bytes(4) + b"hevc") + box(b"moov", bytes(100)))
