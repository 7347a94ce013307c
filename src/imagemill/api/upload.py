"""Accept: bytes that came by HTTP become an original, announced before it is stored."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from imagemill.domain.clock import Clock
from imagemill.domain.keys import upload_key
from imagemill.domain.presigned_post import PresignedPost
from imagemill.domain.quoting import quoted
from imagemill.domain.record import ImageRecord, pending
from imagemill.errors import EmptyFile, TooManyBytes

SLACK_BYTES = 1024
"""How many bytes more than announced a form takes, for clients that count roughly."""


class RecordWriter(Protocol):
    """The table of records, as far as an upload goes."""

    def put(self, record: ImageRecord) -> bool:
        """Write a record's next revision; False if somebody else has written meanwhile."""


class OriginalsWriter(Protocol):
    """The bucket of originals, as far as an upload goes."""

    def upload(self, key: str, data: bytes, content_type: str) -> None:
        """Store an original."""


class PostPresigner(Protocol):
    """The way past us, straight into the bucket."""

    def form(self, key: str, content_type: str, max_bytes: int) -> PresignedPost:
        """Return the form that puts one object under the key."""


@dataclass(frozen=True, slots=True)
class UploadDeps:
    """Everything that taking an upload needs; `inspect` raises ImageRejected for no image."""

    records: RecordWriter
    originals: OriginalsWriter
    clock: Clock
    max_bytes: int
    inspect: Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Upload:
    """What a client sent: bytes, its name for them, and the type it says they are."""

    data: bytes
    filename: str
    content_type: str


@dataclass(frozen=True, slots=True)
class UploadSpec:
    """What a client is about to send: its name, its media type, its size in bytes."""

    filename: str
    content_type: str
    bytes: int


@dataclass(frozen=True, slots=True)
class PresignedUpload:
    """An upload that was announced: its record, and the form to send it by.

    The form works until `expires_at` and takes at most `max_bytes` bytes.
    """

    record: ImageRecord
    form: PresignedPost
    expires_at: str
    max_bytes: int


def store_upload(upload: Upload, token: str, deps: UploadDeps) -> ImageRecord:
    """Store an upload under a key of its own and return its pending record.

    The record comes first, so that a client never asks for an image nobody has heard of; should
    the bytes not follow, the record expires. `token` makes the key unique. Raises EmptyFile,
    TooManyBytes, whatever `inspect` does, and TransientFault when a store fails.
    """
    if not upload.data:
        raise EmptyFile("expected an image's bytes, got none")
    _require_room(len(upload.data), deps.max_bytes)
    deps.inspect(upload.data)
    key = upload_key(upload.filename, token)
    record = pending(key, len(upload.data), deps.clock.now(), deps.clock.now_s())
    deps.records.put(record)
    deps.originals.upload(key, upload.data, upload.content_type)
    return record


def presign_upload(
    request: UploadSpec, token: str, deps: UploadDeps, counter: PostPresigner, lifetime_s: int
) -> PresignedUpload:
    """Return the way to put a file straight into the bucket, and its pending record.

    The form takes the announced type and, within SLACK_BYTES, the announced size. Should nothing
    arrive, the record expires. `lifetime_s` is how long the form works. Raises
    TooManyBytes, and TransientFault when a store fails.
    """
    _require_room(request.bytes, deps.max_bytes)
    key = upload_key(request.filename, token)
    max_bytes = min(deps.max_bytes, request.bytes + SLACK_BYTES)
    form = counter.form(key, request.content_type, max_bytes)
    record = pending(key, request.bytes, deps.clock.now(), deps.clock.now_s())
    deps.records.put(record)
    end = datetime.fromtimestamp(deps.clock.now_s() + lifetime_s, UTC)
    return PresignedUpload(record, form, end.strftime("%Y-%m-%dT%H:%M:%SZ"), max_bytes)


def _require_room(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise TooManyBytes(f"expected at most {max_bytes} bytes, got {quoted(size)}")
