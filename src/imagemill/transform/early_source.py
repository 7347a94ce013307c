"""Read the source of a variant while the lease for it is taken."""

from collections.abc import Callable
from threading import Thread

from imagemill.domain.event import ObjectEvent
from imagemill.domain.stores import OriginalsIntoMemory
from imagemill.imaging.sniff import sniff
from imagemill.imaging.worker_process import SharedFile
from imagemill.transform.deps import Share, no_shared_memory
from imagemill.transform.source import Source

Check = Callable[[bytes], object]
File = bytes | SharedFile
# Reads a file: calls the first function with its beginning, the second for memory; both may raise.
Read = Callable[[Check, Share], File]


class Cancelled(Exception):
    """The bytes are not needed any more."""


class EarlySource:
    """The bytes of a source, which a thread of its own begins to read at once.

    `event` is the version of the original that they are of; `check` raises for first bytes that
    cannot be an image; `share` is as in `TransformDeps`.
    """

    def __init__(
        self,
        event: ObjectEvent,
        source: Source,
        read: Read,
        check: Check = sniff,
        share: Share = no_shared_memory,
    ) -> None:
        self.event, self.source = event, source
        self._read = read
        self._check, self._share = check, share
        self._file: File = b""
        self._error: BaseException | None = None
        self._is_cancelled = False
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self) -> File:
        """Return the bytes as soon as they are read; raises the error of the reading."""
        self._thread.join()
        if self._error:
            raise self._error
        return self._file

    def cancel(self) -> None:
        """Stop reading when S3 answers, or with the first bytes, and drop the result."""
        self._is_cancelled = True

    def _run(self) -> None:
        try:
            self._file = self._read(self._check_beginning, self._memory)
        except BaseException as error:  # noqa: BLE001 - raised in the other thread
            self._error = error

    def _check_beginning(self, beginning: bytes) -> None:
        self._go_on()
        self._check(beginning)

    def _memory(self, size: int) -> SharedFile | None:
        self._go_on()
        return self._share(size)

    def _go_on(self) -> None:
        if self._is_cancelled:
            raise Cancelled


def read_original(
    event: ObjectEvent, originals: OriginalsIntoMemory, check: Check, share: Share
) -> File | None:
    """Return an original, in the memory of a worker if there is any; None if it is gone."""
    shared: list[SharedFile] = []

    def allocate(size: int) -> memoryview | None:
        file = share(size)
        if file is None:
            return None
        shared.append(file)
        return file.memory

    data = originals.read_into(event, allocate, check)
    return shared[-1] if shared and data == b"" else data
