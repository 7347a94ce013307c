"""Read the source of a variant while the lease for it is taken."""

from collections.abc import Callable
from threading import Thread

from imagemill.domain.event import ObjectEvent
from imagemill.imaging.shared_file import File, SharedFile
from imagemill.imaging.sniff import sniff
from imagemill.transform.deps import Share, no_shared_file
from imagemill.transform.source import Source

Check = Callable[[bytes], object]
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
        share: Share = no_shared_file,
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
