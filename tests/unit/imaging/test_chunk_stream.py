"""The stream for the decoder reads like a file of the chunks that are needed."""

import io

import pytest
from fakes import pngs
from fakes.pngs import COLOUR

from imagemill.imaging.formats.png import ChunkStream, make_chunk, read_header, without_ballast

PARTS = (b"signature", b"first", b"", b"second chunk")
WHOLE = b"".join(PARTS)


@pytest.fixture
def stream() -> ChunkStream:
    return ChunkStream([memoryview(part) for part in PARTS])


@pytest.mark.parametrize("size", [1, 3, 9, 14, 100])
def test_any_number_of_bytes_can_be_read(stream: ChunkStream, size: int) -> None:
    found = list(iter(lambda: stream.read(size), b""))

    assert b"".join(found) == WHOLE
    assert all(len(part) == size for part in found[:-1])


@pytest.mark.parametrize("size", [-1, None])
def test_all_bytes_can_be_read(stream: ChunkStream, size: int | None) -> None:
    stream.seek(7)

    assert stream.read(size) == WHOLE[7:]


@pytest.mark.parametrize(
    ("offset", "whence", "place"),
    [
        (5, io.SEEK_SET, 5),
        (-2, io.SEEK_CUR, 8),
        (-4, io.SEEK_END, len(WHOLE) - 4),
        (-99, io.SEEK_SET, 0),
    ],
)
def test_the_place_can_be_changed(
    stream: ChunkStream, offset: int, whence: int, place: int
) -> None:
    stream.seek(10)

    assert stream.seek(offset, whence) == place
    assert stream.tell() == place
    assert stream.read(3) == WHOLE[place : place + 3]


def test_nothing_is_read_beyond_the_end(stream: ChunkStream) -> None:
    stream.seek(1_000)

    assert stream.read(4) == b""


def test_only_needed_chunks_remain_and_none_is_copied() -> None:
    data = pngs.noise((9, 7), (8, COLOUR), (b"tEXt", b"Title\0x"), piece=50)

    found = without_ballast(data)

    assert found.read() == data.replace(make_chunk(b"tEXt", b"Title\0x"), b"")
    assert all(part.obj is data for part in found.parts[1:])


@pytest.mark.parametrize("name", [b"tRNS", b"PLTE", b"IHDR"])
def test_chunks_in_an_unusual_order_are_for_the_library(name: bytes) -> None:
    data = pngs.noise((9, 7), (8, COLOUR))
    late = data[:-12] + make_chunk(name, bytes(6)) + data[-12:]

    assert read_header(without_ballast(data).parts) == (9, 7, 8, COLOUR)
    assert read_header(without_ballast(late).parts) is None
