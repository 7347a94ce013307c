"""Accept: bytes that came by HTTP become an original, announced before it is stored."""

from dataclasses import dataclass
from typing import Protocol

from imagemill.catalog.keys import upload_key
from imagemill.catalog.record import ImageRecord, pending
from imagemill.errors import EmptyFile, TooManyBytes
from imagemill.workflows.clock import Clock


class Announcements(Protocol):
    """The table of records, as far as an upload goes."""

    def put(self, record: ImageRecord) -> bool:
        """Write unless something newer is known."""


class Inbox(Protocol):
    """The bucket of originals, as far as an upload goes."""

    def upload(self, key: str, data: bytes, content_type: str) -> None:
        """Store an original."""


@dataclass(frozen=True, slots=True)
class Reception:
    """Everything that taking an upload needs."""

    records: Announcements
    originals: Inbox
    clock: Clock
    max_bytes: int


@dataclass(frozen=True, slots=True)
class Upload:
    """What a client sent: bytes, its name for them, and the type it says they are."""

    data: bytes
    filename: str
    content_type: str


def accept(upload: Upload, token: str, desk: Reception) -> ImageRecord:
    """Store an upload under a key of its own and return its pending record.

    The record comes first, so that a client never asks for a picture nobody has heard of; should
    the bytes not follow, the record expires. `token` makes the key unique. Raises EmptyFile,
    TooManyBytes, and TransientFault when a store fails.
    """
    if not upload.data:
        raise EmptyFile("expected a picture's bytes, got none")
    if len(upload.data) > desk.max_bytes:
        raise TooManyBytes(f"expected at most {desk.max_bytes} bytes, got {len(upload.data)}")
    key = upload_key(upload.filename, token)
    record = pending(key, len(upload.data), desk.clock.now(), desk.clock.now_s())
    desk.records.put(record)
    desk.originals.upload(key, upload.data, upload.content_type)
    return record
