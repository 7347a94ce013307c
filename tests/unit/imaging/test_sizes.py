"""Sizes are read and checked before any decoder opens the file."""

import struct
from collections.abc import Callable

import pytest
from PIL import Image

from imagemill.errors import TooManyPixels
from imagemill.imaging import Limits, probe
from imagemill.imaging.probing import open_probed
from imagemill.imaging.sizes import declared_size
from imagemill.imaging.sniff import Kind

Save = Callable[..., bytes]
KINDS: dict[Kind, tuple[str, dict[str, object]]] = {
    "jpeg": ("JPEG", {}),
    "png": ("PNG", {}),
    "webp": ("WEBP", {}),
    "gif": ("GIF", {}),
    "tiff": ("TIFF", {}),
    "bmp": ("BMP", {}),
    "jp2": ("JPEG2000", {}),
    "avif": ("AVIF", {}),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_size_declared_is_that_of_the_image(kind: Kind, save: Save) -> None:
    to, options = KINDS[kind]

    assert declared_size(save(Image.new("RGB", (321, 123)), to, **options), kind) == (321, 123)


@pytest.mark.parametrize(
    ("to", "options", "kind"),
    [
        ("WEBP", {"lossless": True}, "webp"),
        ("JPEG", {"progressive": True}, "jpeg"),
        ("JPEG2000", {"no_jp2": True}, "jp2"),
        ("TIFF", {"big_tiff": True}, "tiff"),
    ],
)
def test_the_size_is_read_of_every_variant(
    to: str, options: dict[str, object], kind: Kind, save: Save
) -> None:
    assert declared_size(save(Image.new("RGB", (321, 123)), to, **options), kind) == (321, 123)


def test_a_heic_declares_its_size(save: Save) -> None:
    pytest.importorskip("pillow_heif").register_heif_opener()

    assert declared_size(save(Image.new("RGB", (320, 128)), "HEIF"), "heic") == (320, 128)


def test_a_big_endian_tiff_declares_its_size() -> None:
    tags = [(256, 3, 1, 700 << 16), (257, 4, 1, 5)]
    entries = b"".join(struct.pack(">HHII", *tag) for tag in tags)
    data = b"MM\0*\0\0\0\x08" + struct.pack(">H", len(tags)) + entries + bytes(4)

    assert declared_size(data, "tiff") == (700, 5)


def test_a_bitmap_of_the_first_kind_declares_its_size() -> None:
    data = b"BM" + bytes(12) + struct.pack("<IHHHH", 12, 30, 20, 1, 24)

    assert declared_size(data, "bmp") == (30, 20)


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_header_declares_no_size(kind: Kind, save: Save) -> None:
    to, options = KINDS[kind]

    assert declared_size(save(Image.new("RGB", (321, 123)), to, **options)[:12], kind) in (
        None,
        (0, 0),
    )


@pytest.mark.parametrize("kind", KINDS)
def test_no_decoder_opens_an_image_over_the_limits(
    kind: Kind, save: Save, monkeypatch: pytest.MonkeyPatch
) -> None:
    to, options = KINDS[kind]
    data = save(Image.new("RGB", (321, 123)), to, **options)
    monkeypatch.setattr("imagemill.imaging.probing.open_image", lambda *_: pytest.fail("opened"))

    with pytest.raises(TooManyPixels):
        open_probed(data, Limits(max_pixels=321 * 123 - 1))


def test_a_larger_codestream_inside_a_jpeg_2000_counts(save: Save) -> None:
    data = save(Image.new("RGB", (321, 123)), "JPEG2000")
    at = data.index(b"\xff\x4f\xff\x51") + 8
    larger = data[:at] + struct.pack(">II", 50_000, 40_000) + data[at + 8 :]

    with pytest.raises(TooManyPixels):
        probe(larger)
