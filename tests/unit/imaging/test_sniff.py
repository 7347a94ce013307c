import pytest

from imagemill.errors import CorruptImage, EmptyFile, NotAnImage, UnsupportedFormat
from imagemill.imaging.sniff import sniff


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"),
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "webp"),
        (b"GIF89a", "gif"),
        (b"GIF87a", "gif"),
        (b"II*\0", "tiff"),
        (b"MM\0*", "tiff"),
        (b"MM\0+", "tiff"),
        (b"BM", "bmp"),
        (b"\0\0\1\0", "ico"),
        (b"\0\0\2\0\1\0", "ico"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "jp2"),
        (b"\xff\x4f\xff\x51", "jp2"),
        (b"\xff\x0a\xfa\x1f", "jxl"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "jxl"),
        (b"\0\0\0\x1cftypavif\0\0\0\0mif1miaf", "avif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0avifmiaf", "avif"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1", "heic"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0miaf", "heic"),
    ],
)
def test_an_image_is_known_by_its_first_bytes(head: bytes, kind: str) -> None:
    assert sniff(head + bytes(64)) == kind


@pytest.mark.parametrize(
    "head",
    [
        b"%PDF-1.7",
        b"%!PS-Adobe-3.0",
        b"\xc5\xd0\xd3\xc6",
        b"8BPS",
        b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">',
        b"<svg>",
        b"\0\0\0\x18ftypisom\0\0\0\0mp42",
        b"\0\0\0\x18ftypcrx \0\0\0\1isom",
        b"\x1aE\xdf\xa3",
        b"RIFF\0\0\0\0AVI LIST",
        b"P6\n640 480\n255\n",
        b"IIU\0",
        b"IIRS",
        b"MMOR",
        b"\0MRM",
        b"FOVb",
        b"\0\0\2\0\0\0",
    ],
)
def test_other_images_documents_and_videos_are_refused_by_name(head: bytes) -> None:
    with pytest.raises(UnsupportedFormat):
        sniff(head + bytes(64))


@pytest.mark.parametrize(
    "data",
    [
        b"hello",
        b"<!DOCTYPE html><title>x</title>",
        b"push graphic-context\nviewbox 0 0 640 480",
        b"<?php system($_GET[1]);",
        b"\x1f\x8b\x08\0",
        bytes(100),
    ],
)
def test_other_bytes_are_not_an_image(data: bytes) -> None:
    with pytest.raises(NotAnImage):
        sniff(data)


def test_no_bytes_are_an_empty_file() -> None:
    with pytest.raises(EmptyFile):
        sniff(b"")


def test_a_png_spoilt_by_a_text_transfer_is_corrupt() -> None:
    with pytest.raises(CorruptImage):
        sniff(b"\x89PNG\n\x1a\n" + bytes(64))
