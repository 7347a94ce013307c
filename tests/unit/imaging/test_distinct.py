"""An invisible comment that makes the bytes of equal images differ."""

import io
import zlib

import pytest
from fakes.images import encoded, gradient
from PIL import Image, ImageChops

from imagemill.imaging.distinct import distinct

FORMATS = ["JPEG", "PNG", "GIF", "WEBP", "AVIF"]
MOST_BYTES = 23
# Segments of JPEG; the length of the first needs both length bytes.
APP0, APP1 = b"\xff\xe0\x01\x02" + bytes(256), b"\xff\xe1\x00\x06abcd"
FRAME = b"\xff\xc0\x00\x04ab"


def pixels(data: bytes) -> list[Image.Image]:
    """Return every frame."""
    with Image.open(io.BytesIO(data)) as image:
        frames = []
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            frames.append(image.convert("RGBA"))
        return frames


def animated(image_format: str) -> bytes:
    """Return an animation of two frames."""
    buffer = io.BytesIO()
    frames = [gradient(40, 30), gradient(40, 30).rotate(180)]
    frames[0].save(buffer, image_format, save_all=True, append_images=frames[1:])
    return buffer.getvalue()


@pytest.mark.parametrize("image_format", FORMATS)
def test_the_image_is_the_same_and_a_little_larger(image_format: str) -> None:
    data = encoded(60, 41, image_format)

    other = distinct(data, f"image/{image_format.lower()}")

    assert other != data
    assert len(other) - len(data) <= MOST_BYTES
    [before], [after] = pixels(data), pixels(other)
    assert ImageChops.difference(before, after).getbbox() is None


@pytest.mark.parametrize("image_format", FORMATS)
def test_a_second_comment_replaces_the_first(image_format: str) -> None:
    kind = f"image/{image_format.lower()}"
    first = distinct(encoded(60, 41, image_format), kind)

    second = distinct(first, kind)

    assert (len(second), second != first) == (len(first), True)


@pytest.mark.parametrize("image_format", ["PNG", "GIF", "WEBP", "AVIF"])
def test_an_animation_keeps_its_frames(image_format: str) -> None:
    data = animated(image_format)

    other = distinct(data, f"image/{image_format.lower()}")

    assert (len(pixels(other)), other != data) == (2, True)


@pytest.mark.parametrize("image_format", FORMATS)
def test_bytes_without_the_structure_of_their_format_stay_unchanged(image_format: str) -> None:
    assert distinct(b"no image at all", f"image/{image_format.lower()}") == b"no image at all"


def test_bytes_of_another_type_stay_unchanged() -> None:
    data = encoded(10, 10, "BMP")

    assert distinct(data, "image/bmp") == data


def test_the_comment_of_a_jpeg_is_a_segment_after_those_of_applications() -> None:
    data = b"\xff\xd8" + APP0 + APP1 + FRAME

    other = distinct(data, "image/jpeg")

    assert other.startswith(b"\xff\xd8" + APP0 + APP1 + b"\xff\xfe\x00\x0dim:")
    assert other.endswith(FRAME)
    assert len(other) == len(data) + 15


def test_a_comment_of_imagemill_in_a_jpeg_is_found_among_other_segments() -> None:
    data = b"\xff\xd8" + APP0 + b"\xff\xfe\x00\x0dim:01234567" + APP1 + FRAME

    other = distinct(data, "image/jpeg")

    assert other.startswith(b"\xff\xd8" + APP0 + b"\xff\xfe\x00\x0dim:")
    assert other.endswith(APP1 + FRAME)
    assert (len(other), other != data) == (len(data), True)


def test_a_comment_of_another_program_in_a_jpeg_stays() -> None:
    foreign = b"\xff\xfe\x00\x0dex:01234567"

    other = distinct(b"\xff\xd8" + foreign + FRAME, "image/jpeg")

    assert other.startswith(b"\xff\xd8" + foreign + b"\xff\xfe\x00\x0dim:")


def test_the_comment_of_a_png_is_a_chunk_with_the_right_length_and_checksum() -> None:
    data = encoded(60, 41, "PNG")

    other = distinct(data, "image/png")

    chunk = other[len(data) - 12 : -12]
    token = chunk[8:16]
    assert other.startswith(data[:-12])
    assert other.endswith(data[-12:])
    assert chunk == b"\0\0\0\x08imMl" + token + zlib.crc32(b"imMl" + token).to_bytes(4, "big")


def test_a_png_that_does_not_end_with_its_last_chunk_stays() -> None:
    data = encoded(60, 41, "PNG") + b"more"

    assert distinct(data, "image/png") == data


def test_the_comment_of_a_gif_is_an_extension_before_the_trailer() -> None:
    data = encoded(60, 41, "GIF")

    other = distinct(data, "image/gif")

    assert other[len(data) - 1 : -8 - 2] == b"\x21\xfe\x0bim:"
    assert other[-2:] == b"\0;"
    assert len(other) == len(data) + 15


@pytest.mark.parametrize("data", [b"GIF89a without a trailer", b"no GIF, though it ends so;"])
def test_a_gif_cut_short_stays_unchanged(data: bytes) -> None:
    assert distinct(data, "image/gif") == data


def test_the_comment_of_a_webp_is_a_chunk_that_its_size_counts() -> None:
    data = encoded(60, 41, "WEBP")

    other = distinct(data, "image/webp")

    chunk = other[len(data) :]
    assert (chunk[:8], len(chunk)) == (b"imMl\x08\0\0\0", 16)
    assert other[:4] + other[8 : len(data)] == data[:4] + data[8:]
    assert int.from_bytes(other[4:8], "little") == len(other) - 8


@pytest.mark.parametrize("data", [b"RIFF\x05\0\0\0WEBP?", b"RIFX\x04\0\0\0WEBP"])
def test_a_webp_cut_short_stays_unchanged(data: bytes) -> None:
    assert distinct(data, "image/webp") == data


def test_the_comment_of_an_avif_is_a_box_of_free_space() -> None:
    data = encoded(60, 41, "AVIF")

    other = distinct(data, "image/avif")

    box = other[len(data) :]
    assert other.startswith(data)
    assert (box[:11], len(box)) == (b"\0\0\0\x13freeim:", 19)


@pytest.mark.parametrize("kind", ["jpeg", "png", "gif", "webp", "avif"])
def test_two_comments_differ(kind: str) -> None:
    data = encoded(60, 41, kind.upper())

    assert distinct(data, f"image/{kind}") != distinct(data, f"image/{kind}")


def test_the_free_space_of_another_program_in_an_avif_stays() -> None:
    foreign = b"\0\0\0\x13freeex:01234567"
    data = encoded(60, 41, "AVIF") + foreign

    assert distinct(data, "image/avif").startswith(data)


@pytest.mark.parametrize(
    ("image_format", "after_token"), [("PNG", 16), ("GIF", 2), ("WEBP", 0), ("AVIF", 0)]
)
def test_a_second_comment_replaces_a_first_one_with_any_token(
    image_format: str, after_token: int
) -> None:
    kind = f"image/{image_format.lower()}"
    first = distinct(encoded(60, 41, image_format), kind)
    at = len(first) - after_token
    first = first[: at - 8] + b"zzzzzzzz" + first[at:]

    second = distinct(first, kind)

    assert (len(second), b"zzzzzzzz" in second) == (len(first), False)
