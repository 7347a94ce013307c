"""Files to upload, from paths, bytes and streams."""

import asyncio
import os
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest

from imagemill.client.sources import Source, copy_chunks, opened, spooled


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "a.heic"
    found.write_bytes(b"0123456789")
    return found


@pytest.mark.parametrize("as_text", [True, False])
def test_a_path_is_read_and_gives_the_name_and_type(path: Path, *, as_text: bool) -> None:
    with opened(str(path) if as_text else path) as file:
        assert (file.size, file.name, file.content_type) == (10, "a.heic", "image/heic")
        assert file.read() == b"0123456789"


@pytest.mark.parametrize("source", [b"123", bytearray(b"123"), memoryview(b"123")])
def test_bytes_are_read_and_have_no_name(source: Source) -> None:
    with opened(source) as file:
        assert (file.size, file.name, file.read()) == (3, "image", b"123")


def test_a_stream_is_read_from_its_place_and_stays_open() -> None:
    stream = BytesIO(b"0123456789")
    stream.seek(4)

    with opened(stream, "b.png") as file:
        first = file.read()
        file.seek(0)
        assert (file.size, file.name) == (6, "b.png")
        assert first == file.read() == b"456789"

    assert not stream.closed


def test_a_stream_that_cannot_seek_is_copied() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"0123456789")
    os.close(writer)

    with os.fdopen(reader, "rb") as stream, opened(stream) as file:
        first = file.read()
        file.seek(0)
        # The name of a pipe is its number.
        assert (file.size, file.name) == (10, "image")
        assert first == file.read() == b"0123456789"


def test_an_asynchronous_stream_is_copied() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for chunk in (b"01", b"", b"234"):
            yield chunk

    with spooled() as copy:
        asyncio.run(copy_chunks(chunks(), copy))
        assert copy.read() == b"01234"


def test_a_file_that_grows_is_read_to_the_announced_size(path: Path) -> None:
    with opened(path) as file:
        with path.open("ab") as writer:
            writer.write(b"more")
        assert file.read(8) + file.read(8) + file.read(8) == b"0123456789"


def test_progress_is_reported_and_begins_again_with_the_upload() -> None:
    reports: list[tuple[int, int]] = []

    with opened(b"12345", progress=lambda sent, size: reports.append((sent, size))) as file:
        file.read(3)
        file.seek(0)
        while file.read(2):
            pass

    assert reports == [(3, 5), (2, 5), (4, 5), (5, 5)]


def test_the_size_is_found_by_seeking_to_the_end() -> None:
    with opened(b"12345") as file:
        file.read(2)
        assert (file.tell(), file.seek(0, os.SEEK_END), file.seek(-1, os.SEEK_CUR)) == (2, 5, 4)
