"""The interfaces of the stores, in parts: each use case names the parts that it needs.

`imagemill.aws` implements them with AWS clients. Every method may raise TransientFault when the
store fails.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from imagemill.domain.event import ObjectEvent, UploadChoices
from imagemill.domain.image_request import ImageRequest
from imagemill.domain.object_version import ObjectVersion, OriginalFile
from imagemill.domain.record import ImageRecord, Status
from imagemill.domain.rendition_metadata import (
    Precedence,
    PutResult,
    RenditionMetadata,
    StoredState,
)


class RecordReader(Protocol):
    """Reads of single records."""

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record as last written; None if there is none."""


class RecordBatchReader(Protocol):
    """Reads of many records."""

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return the records that exist, by id."""


class RecordWriter(Protocol):
    """Writes of records."""

    def put(self, record: ImageRecord) -> bool:
        """Write a record's next revision; False if another writer has written meanwhile."""


class Records(RecordReader, RecordWriter, Protocol):
    """Reads and writes of single records."""


class Feed(Protocol):
    """The listing of records, newest first."""

    def newest(
        self, limit: int, before: str | None = None, status: Status | None = None
    ) -> list[ImageRecord]:
        """Return up to `limit` records that are older than a position in the listing."""


class PagedFeed(Protocol):
    """The listing of records, newest first, at a bounded cost for each page."""

    def page(
        self,
        limit: int,
        before: str | None = None,
        status: Status | None = None,
        owner: str | None = None,
    ) -> tuple[list[ImageRecord], str | None]:
        """Return up to `limit` records, and the position to continue from; None at the end.

        `owner` is the id of the owner whose images are listed; None for all images.
        """


class OriginalHeads(Protocol):
    """Reads of the state of originals."""

    def current(self, key: str) -> ObjectEvent | None:
        """Return the current object of a key as an event without sequencer; None if none."""


class Originals(OriginalHeads, Protocol):
    """Reads of originals by the version that an event announced."""

    def read(self, event: ObjectEvent, check: Callable[[bytes], object] = ...) -> bytes | None:
        """Return the bytes that the event announced; None if they are no longer there.

        `check` may get the first bytes before the rest. If it raises, the rest is not needed.
        """

    def fetch(
        self, event: ObjectEvent, check: Callable[[bytes], object] = ...
    ) -> OriginalFile | None:
        """Return the bytes as `read`, and the metadata of their version."""

    def with_choices(self, event: ObjectEvent) -> ObjectEvent:
        """Return the event with the choices of its upload: the rule, and the focal point."""


class OriginalsIntoMemory(Originals, Protocol):
    """Reads of originals into memory that is there already."""

    def read_into(
        self,
        event: ObjectEvent,
        allocate: Callable[[int], memoryview | None],
        check: Callable[[bytes], object] = ...,
    ) -> bytes | None:
        """Return the bytes as `read`, or write them to memory and return b"".

        `allocate` gets the number of bytes, and returns the memory for them, if there is any.
        """


class OriginalUploads(Protocol):
    """Writes of originals from memory."""

    def upload(
        self, key: str, data: bytes, content_type: str, choices: UploadChoices = ...
    ) -> None:
        """Store an original with the choices of its upload."""


class OriginalFileUploads(Protocol):
    """Writes of originals from files."""

    def upload_file(
        self, key: str, path: Path, content_type: str, choices: UploadChoices = ...
    ) -> ObjectVersion:
        """Store a file with the choices of its upload, and return its version."""


class OriginalDeletions(Protocol):
    """Deletions of originals."""

    def delete(self, key: str) -> None:
        """Delete the original."""


class Downloads(Protocol):
    """Reads of the objects of a bucket."""

    def download(self, key: str) -> bytes | None:
        """Return the bytes of an object; None if it does not exist."""


class RenditionStates(Protocol):
    """Reads of the state of rendition keys."""

    def state(self, key: str) -> StoredState | None:
        """Return the state of a key; None if there is no object."""


class RenditionRemovals(RenditionStates, Protocol):
    """Removals of renditions."""

    def remove(self, key: str, up_to: Precedence) -> bool:
        """Replace the object of a key by a marker, unless its precedence is higher.

        A marker is written where there is no object, too. Return whether anything was written.
        """


class Renditions(RenditionRemovals, Protocol):
    """Reads and conditional writes of renditions."""

    def put(
        self, key: str, data: bytes, metadata: RenditionMetadata, *, may_replace: bool
    ) -> PutResult:
        """Store a rendition unless an object of higher precedence has its key.

        Without `may_replace` a rendition of another event is left in place, too.
        """

    def read(self, key: str, state: StoredState) -> bytes | None:
        """Return the bytes of the rendition in this state; None if it was changed meanwhile."""


class VariantRegistry(Protocol):
    """Registrations of the variants that may be stored.

    A caller registers a variant first, and reads the image's record afterwards, by a consistent
    read. It stores the variant only if the record is ready then. A worker that deletes or
    overwrites an image writes the record first, and reads the registrations afterwards. So either
    the caller sees the new record, or the worker sees the registration.
    """

    def acquire(
        self, request: ImageRequest, sequencer: str, now_s: int, lease_s: int = ...
    ) -> bool:
        """Register a variant for a day, and lease it to the caller for `lease_s` seconds.

        `sequencer` is that of the record, `now_s` is in epoch seconds. False: another caller makes
        the variant of the same version at the moment. It is registered then, too.
        """

    def register(
        self, request: ImageRequest, sequencer: str, now_s: int, lease_s: int = ...
    ) -> bool:
        """Register and lease a variant as `acquire`; False if it was registered within a day."""

    def release(self, request: ImageRequest, sequencer: str, now_s: int) -> None:
        """End the lease of a variant that the caller could not make; it stays registered."""


class RegisteredVariants(Protocol):
    """Reads of the registrations of variants."""

    def registered(self, image_id: str) -> frozenset[str]:
        """Return the keys of all variants of an image that may yet be stored."""


class VariantKeys(Protocol):
    """Reads of the keys of an image's variants."""

    def of_image(self, image_id: str) -> frozenset[str]:
        """Return the keys under which variants are stored, or may yet be stored."""
