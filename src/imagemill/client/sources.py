"""Files to upload: from a path, bytes or a stream, read while they are sent."""

import os
import tempfile
from collections.abc import AsyncIterable, Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, cast

from imagemill.domain.media_types import content_type_of

Source = str | Path | bytes | bytearray | memoryview | BinaryIO
# Called with the bytes that were sent so far, and all bytes of the file.
Progress = Callable[[int, int], object]

_NAMELESS = "image"
# Bytes of a stream that are kept in memory; more of them go to a temporary file.
_MAX_MEMORY = 8 << 20


class UploadFile:
    """A file that httpx reads while it sends it, from its beginning at each attempt.

    It ends after `size` bytes, even if the file grows, because the request announces this size.
    """

    def __init__(
        self, file: BinaryIO, size: int, name: str, progress: Progress | None = None
    ) -> None:
        self._file = file
        self._start = file.tell()
        self._at = 0
        self._progress = progress
        self.size = size
        self.name = name

    @property
    def content_type(self) -> str:
        """The media type for the extension of the name, if it is one of images."""
        return content_type_of(self.name)

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes."""
        left = self.size - self._at
        data = self._file.read(left if size < 0 else min(size, left))
        self._at += len(data)
        if data and self._progress:
            self._progress(self._at, self.size)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Continue from another place, and return it."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = base + offset
        self._file.seek(self._start + self._at)
        return self._at

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._at


@contextmanager
def opened(
    source: Source, filename: str | None = None, progress: Progress | None = None
) -> Iterator[UploadFile]:
    """Open a source; of a stream, the bytes from its present place on.

    A stream that cannot seek is copied to memory, or to a temporary file if it is large: the API
    needs the size, and another attempt the bytes. Raises OSError.
    """
    with ExitStack() as stack:
        file, own = _file_of(source, stack)
        start = file.tell()
        size = file.seek(0, os.SEEK_END) - start
        file.seek(start)
        yield UploadFile(file, size, filename or own, progress)


def _file_of(source: Source, stack: ExitStack) -> tuple[BinaryIO, str]:
    """Return a file that can seek, and the name that the source has."""
    if isinstance(source, str | Path):
        return stack.enter_context(Path(source).open("rb")), Path(source).name
    if isinstance(source, bytes | bytearray | memoryview):
        return BytesIO(source), _NAMELESS
    name = getattr(source, "name", None)
    own = Path(name).name if isinstance(name, str) and name else _NAMELESS
    if source.seekable():
        return source, own
    copy = stack.enter_context(spooled())
    copyfileobj(source, copy)
    copy.seek(0)
    return copy, own


@contextmanager
def spooled() -> Iterator[BinaryIO]:
    """Return a temporary file, in memory while it is small."""
    with tempfile.SpooledTemporaryFile(_MAX_MEMORY) as file:
        # It has the methods of a file; typeshed does not derive it from BinaryIO.
        yield cast("BinaryIO", file)


async def copy_chunks(chunks: AsyncIterable[bytes], to: BinaryIO) -> None:
    """Write the chunks of an asynchronous stream to a file, and go back to its beginning."""
    async for chunk in chunks:
        to.write(chunk)
    to.seek(0)
