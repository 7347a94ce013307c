"""The bucket of originals, for archiving."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from imagemill.archive.deps import StoredOriginal
from imagemill.aws.buckets import fetched, listed
from imagemill.aws.errors import (
    CONFLICTS,
    DENIED,
    MISSING,
    UNTOLD,
    error_code,
    error_responses,
    required,
    translated,
)
from imagemill.domain.event import PACKED_METADATA, PackedJpeg
from imagemill.domain.keys import unpacked_key

if TYPE_CHECKING:
    from typing import Unpack

    from imagemill.aws.object_clients import (
        ObjectClient,
        ObjectParams,
        OriginalsClient,
        PutObjectResult,
    )

_STORE = "the originals bucket"
_PROCESSED = "the processed bucket"
# Headers of an answer that a new object gets, too. Those of metadata follow a prefix.
_KEPT = (
    "cache-control",
    "content-disposition",
    "content-language",
    "expires",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-storage-class",
)
_METADATA = "x-amz-meta-"
# Headers that change without a change of the object.
_CHANGING = {"x-amz-expiration", "x-amz-id-2", "x-amz-replication-status", "x-amz-request-id"}
# S3's codes for attributes that an object cannot get, and for a key or class that is not allowed.
_REFUSED = DENIED | {"InvalidRequest", "InvalidStorageClass", "MetadataTooLarge"}


class ArchivingClient(Protocol):
    """The part of the light client that archiving needs besides reads and deletions."""

    def object_headers(self, **params: "Unpack[ObjectParams]") -> Mapping[str, str]:
        """Return the headers of HeadObject, by lower-case names."""

    def object_tags(self, **params: "Unpack[ObjectParams]") -> str:
        """Return the tags of an object as PutObject takes them."""

    def put_with_headers(
        self, body: bytes, headers: Mapping[str, str], **params: "Unpack[ObjectParams]"
    ) -> "PutObjectResult":
        """Store an object with these headers."""


class OriginalArchive:
    """Implements `archive.deps.OriginalArchive`."""

    def __init__(self, client: ArchivingClient, objects: "ObjectClient", bucket: str) -> None:
        self._client = client
        self._objects = objects
        self._bucket = bucket

    def find(self, key: str) -> StoredOriginal | None:
        """Return the current object without its bytes; None if there is none, or S3 hides it."""
        with translated(_STORE):
            try:
                headers = self._client.object_headers(Bucket=self._bucket, Key=key)
            except error_responses() as fault:
                if error_code(fault) in MISSING | UNTOLD:
                    return None
                raise
        etag = required(headers.get("etag"), "ETag", _STORE).strip('"')
        kept = {n: v for n, v in headers.items() if n.startswith(("x-amz-", "content-", *_KEPT))}
        kept = {name: value for name, value in kept.items() if name not in _CHANGING}
        return StoredOriginal(headers.get("x-amz-version-id", ""), etag, kept)

    def read(self, key: str, found: StoredOriginal) -> bytes | None:
        """Return the bytes of a version; None if it is gone."""
        with translated(_STORE):
            condition = {"VersionId": found.version_id}
            return fetched(self._objects, (self._bucket, key), condition, found.etag)

    def replace(self, key: str, found: StoredOriginal, data: bytes, packs: PackedJpeg) -> bool:
        """Store an archived original in place of an object, with its attributes.

        False if the object has changed since then, or S3 does not accept the new one.
        """
        with translated(_STORE):
            try:
                headers = self._headers(key, found) | {
                    "content-type": "image/jxl",
                    f"{_METADATA}{PACKED_METADATA}": str(packs),
                }
                self._client.put_with_headers(
                    data, headers, Bucket=self._bucket, Key=key, IfMatch=f'"{found.etag}"'
                )
            except error_responses() as fault:
                if error_code(fault) in CONFLICTS | MISSING | _REFUSED:
                    return False
                raise
        return True

    def delete_version(self, key: str, version_id: str) -> bool:
        """Delete one version for good; False if S3 does not allow it."""
        with translated(_STORE):
            try:
                self._objects.delete_object(Bucket=self._bucket, Key=key, VersionId=version_id)
            except error_responses() as fault:
                if error_code(fault) in DENIED:
                    return False
                raise
        return True

    def _headers(self, key: str, found: StoredOriginal) -> dict[str, str]:
        """Return the headers with the attributes of an object, and its tags."""
        kept = {
            name: value
            for name, value in found.headers.items()
            if name in _KEPT or name.startswith(_METADATA)
        }
        tags = self._client.object_tags(Bucket=self._bucket, Key=key)
        return kept | ({"x-amz-tagging": tags} if tags else {})


class UnpackedOriginals:
    """Implements `archive.deps.UnpackedOriginals` in the processed bucket."""

    def __init__(self, client: "OriginalsClient", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def store(self, key: str, jpeg: bytes) -> None:
        """Store a JPEG; a rule of the bucket deletes it after a day."""
        with translated(_PROCESSED):
            answer = self._client.put_object(
                Bucket=self._bucket, Key=key, Body=jpeg, ContentType="image/jpeg"
            )
        required(answer.get("ETag"), "ETag", _PROCESSED)

    def remove_all(self, image_id: str) -> None:
        """Delete the JPEGs of an image."""
        for page in listed(self._client, self._bucket, _PROCESSED, unpacked_key(image_id, "")):
            for found in page:
                key = required(found.get("Key"), "Key", _PROCESSED)
                with translated(_PROCESSED):
                    self._client.delete_object(Bucket=self._bucket, Key=key)
