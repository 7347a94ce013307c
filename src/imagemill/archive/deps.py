"""The dependencies of archiving, and the interface of the bucket of originals."""

from collections.abc import Callable, Mapping
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.event import PackedJpeg
from imagemill.domain.object_version import Unpack
from imagemill.domain.stores import RecordReader

# Returns a JPEG as lossless JPEG XL; None if it does not come back from it bit for bit.
Pack = Callable[[bytes], bytes | None]


@dataclass(frozen=True, slots=True)
class StoredOriginal:
    """The current object under a key; `headers` are those of S3's answer, in lower case."""

    version_id: str
    etag: str
    headers: Mapping[str, str]


class OriginalArchive(Protocol):
    """Reads and replacements of single originals; all methods may raise TransientFault."""

    def find(self, key: str) -> StoredOriginal | None:
        """Return the current object without its bytes; None if there is none."""

    def read(self, key: str, found: StoredOriginal) -> bytes | None:
        """Return the bytes of a version; None if it is gone."""

    def replace(self, key: str, found: StoredOriginal, data: bytes, packs: PackedJpeg) -> bool:
        """Store an archived original in place of an object, with its attributes.

        False if the object has changed since then, or S3 does not accept the new one.
        """

    def delete_version(self, key: str, version_id: str) -> bool:
        """Delete one version for good; False if S3 does not allow it."""


class UnpackedOriginals(Protocol):
    """JPEGs that were unpacked for a download; all methods may raise TransientFault."""

    def store(self, key: str, jpeg: bytes) -> None:
        """Store a JPEG for a day."""

    def remove_all(self, image_id: str) -> None:
        """Delete the JPEGs of an image."""


@dataclass(frozen=True, slots=True)
class ArchiveDeps:
    """The dependencies of archiving; `max_bytes` is the size of the largest JPEG."""

    records: RecordReader
    originals: OriginalArchive
    unpacked: UnpackedOriginals
    pack: Pack
    unpack: Unpack
    max_bytes: int
