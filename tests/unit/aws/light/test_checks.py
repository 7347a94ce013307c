"""CheckedBody compares a body with its announced length."""

import io

import pytest

from imagemill.aws.light import CheckedBody, InvalidResponse


def body(data: bytes, length: int) -> CheckedBody:
    source = io.BytesIO(data)
    return CheckedBody(source.read, source.close, length, {})


@pytest.mark.parametrize("length", [0, 3, 5, 9])
def test_a_body_of_another_length_is_invalid(length: int) -> None:
    with pytest.raises(InvalidResponse):
        body(b"1234", length).read()


def test_a_body_is_read_in_parts_or_whole() -> None:
    parts = body(b"1234", 4)

    assert [parts.read(3), parts.read(3), parts.read(3), parts.read()] == [b"123", b"4", b"", b""]
    assert body(b"1234", 4).read() == b"1234"


def test_a_part_that_ends_early_raises_an_error() -> None:
    with pytest.raises(InvalidResponse, match="2 of 4 bytes"):
        body(b"12", 4).read(3)


def test_the_rest_of_a_body_follows_its_beginning() -> None:
    read = body(b"image", 5)

    assert read.read(beginning=read.read(2)) == b"image"


def test_an_end_without_bytes_leaves_the_beginning() -> None:
    read = body(b"image", 5)

    assert read.read(beginning=read.read(5)) == b"image"
