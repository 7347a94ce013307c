"""A body is compared with its announced length, whatever its source returns."""

import io

import pytest

from imagemill.aws.errors import ResponseInvalid
from imagemill.aws.light.checks import CheckedBody


def body(data: bytes, length: int) -> CheckedBody:
    source = io.BytesIO(data)
    return CheckedBody(source.read, source.close, length, {})


@pytest.mark.parametrize("length", [0, 3, 5, 9])
def test_a_body_of_another_length_is_broken(length: int) -> None:
    with pytest.raises(ResponseInvalid):
        body(b"1234", length).read()


def test_a_body_is_read_in_parts_or_at_once() -> None:
    parts = body(b"1234", 4)

    assert [parts.read(3), parts.read(3), parts.read(3), parts.read()] == [b"123", b"4", b"", b""]
    assert body(b"1234", 4).read() == b"1234"


def test_a_part_that_ends_early_is_broken_and_never_shorter() -> None:
    with pytest.raises(ResponseInvalid, match="2 of 4 bytes"):
        body(b"12", 4).read(3)
