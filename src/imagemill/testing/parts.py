"""Uploads in parts, in memory."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import field
from hashlib import md5, sha256

from imagemill.aws.light.presign import S3Presigner
from imagemill.aws.multipart_uploads import PartAddress, part_request
from imagemill.dataclass import dataclass
from imagemill.domain.event import UploadChoices
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.upload_parts import PartRequest, StoredPart
from imagemill.testing.memory import MemoryOriginals
from imagemill.wiring.presign import URL_LIFETIME_S


@dataclass(frozen=True, slots=True)
class _Begun:
    key: str
    content_type: str
    choices: UploadChoices
    parts: dict[int, bytes] = field(default_factory=dict)


class MemoryParts:
    """Implements `api.multipart.PartUploads`; `receive` gets the parts that clients send."""

    def __init__(self, bucket: str, originals: MemoryOriginals, presigner: S3Presigner) -> None:
        self._bucket = bucket
        self._originals = originals
        self._presigner = presigner
        self._begun: dict[str, _Begun] = {}

    def clear(self) -> None:
        """Forget all uploads that have begun."""
        self._begun.clear()

    def receive(self, key: str, upload: str, number: int, data: bytes) -> StoredPart | None:
        """Keep a part; None if there is no such upload."""
        begun = self._of(key, upload)
        if begun is None:
            return None
        begun.parts[number] = data
        return _stored(number, data)

    def begin(self, key: str, content_type: str, choices: UploadChoices) -> str:
        """Begin an upload and return its id."""
        upload = secrets.token_hex(16)
        self._begun[upload] = _Begun(key, content_type, choices)
        return upload

    def presign(self, key: str, upload: str, part: StoredPart) -> PartRequest:
        """Return the request that sends a part of this size and checksum."""
        address = PartAddress(self._bucket, key, upload)
        return part_request(address, part, self._presigner, URL_LIFETIME_S)

    def parts(self, key: str, upload: str) -> list[StoredPart] | None:
        """Return the parts that have arrived; None if there is no such upload."""
        begun = self._of(key, upload)
        if begun is None:
            return None
        return [_stored(number, data) for number, data in sorted(begun.parts.items())]

    def complete(self, key: str, upload: str, parts: Sequence[StoredPart]) -> ObjectVersion | None:
        """Make the object of its parts; None if there is no such upload any more."""
        begun = self._of(key, upload)
        if begun is None:
            return None
        del self._begun[upload]
        data = b"".join(begun.parts[part.number] for part in parts)
        self._originals.upload(key, data, begun.content_type, begun.choices)
        return self.stored(key)

    def abort(self, key: str, upload: str) -> None:
        """Remove the parts, unless the upload has ended."""
        if self._of(key, upload):
            del self._begun[upload]

    def stored(self, key: str) -> ObjectVersion | None:
        """Return the version of the object under the key; None if there is none."""
        event = self._originals.current(key)
        return ObjectVersion(event.version_id, event.etag) if event else None

    def _of(self, key: str, upload: str) -> _Begun | None:
        begun = self._begun.get(upload)
        return begun if begun and begun.key == key else None


def checksum(data: bytes) -> str:
    """Return the SHA-256 in Base64, as S3 writes it."""
    return b64encode(sha256(data).digest()).decode()


def _stored(number: int, data: bytes) -> StoredPart:
    etag = md5(data, usedforsecurity=False).hexdigest()
    return StoredPart(number, len(data), etag, checksum(data))
