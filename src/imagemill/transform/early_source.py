"""Read the source of a variant while the lease for it is taken."""

from collections.abc import Callable
from threading import Thread

from imagemill.domain.event import ObjectEvent
from imagemill.imaging.sniff import sniff
from imagemill.transform.source import Source

# Reads bytes; calls the function with their beginning, which may raise.
Read = Callable[[Callable[[bytes], object]], bytes]


class Cancelled(Exception):
    """The bytes are not needed any more."""


class EarlySource:
    """The bytes of a source, which a thread of its own begins to read at once.

    `event` is the version of the original that they are of; `check` raises for first bytes that
    cannot be an image.
    """

    def __init__(
        self,
        event: ObjectEvent,
        source: Source,
        read: Read,
        check: Callable[[bytes], object] = sniff,
    ) -> None:
        self.event, self.source = event, source
        self._read = read
        self._check = check
        self._data = b""
        self._error: BaseException | None = None
        self._is_cancelled = False
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def result(self) -> bytes:
        """Return the bytes as soon as they are read; raises the error of the reading."""
        self._thread.join()
        if self._error:
            raise self._error
        return self._data

    def cancel(self) -> None:
        """Stop reading when the first bytes of a large file arrive, and drop the result."""
        self._is_cancelled = True

    def _run(self) -> None:
        try:
            self._data = self._read(self._check_beginning)
        except BaseException as error:  # noqa: BLE001 - raised in the other thread
            self._error = error

    def _check_beginning(self, beginning: bytes) -> None:
        if self._is_cancelled:
            raise Cancelled
        self._check(beginning)
