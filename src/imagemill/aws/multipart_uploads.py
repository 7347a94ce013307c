"""Uploads in parts to the bucket of originals, for clients that send the parts themselves."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from imagemill.aws.errors import MISSING, UNTOLD, error_code, error_responses, translated
from imagemill.dataclass import dataclass
from imagemill.domain.event import UploadChoices
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.upload_parts import PartRequest, StoredPart

if TYPE_CHECKING:
    from imagemill.aws.light.multipart import MultipartS3
    from imagemill.aws.light.presign import S3Presigner
    from imagemill.aws.light.results import ListedPart, VersionOutput

_STORE = "the originals bucket"
# The error code for an upload that was completed or aborted, or never begun.
_UNKNOWN = "NoSuchUpload"
# The header with the SHA-256 of a part in Base64.
CHECKSUM = "x-amz-checksum-sha256"


@dataclass(frozen=True, slots=True)
class PartAddress:
    """The bucket and the key of an upload in parts, and its id."""

    bucket: str
    key: str
    upload: str


class MultipartUploads:
    """Implements `api.multipart.PartUploads`; `lifetime_s` is how long a URL works, s."""

    def __init__(
        self, client: "MultipartS3", presigner: "S3Presigner", bucket: str, lifetime_s: int
    ) -> None:
        self._client = client
        self._presigner = presigner
        self._bucket = bucket
        self._lifetime_s = lifetime_s

    def begin(self, key: str, content_type: str, choices: UploadChoices) -> str:
        """Begin an upload and return its id."""
        with translated(_STORE):
            return self._client.create_multipart_upload(
                Bucket=self._bucket,
                Key=key,
                ContentType=content_type,
                Metadata=choices.metadata,
                ChecksumAlgorithm="SHA256",
            )["UploadId"]

    def presign(self, key: str, upload: str, part: StoredPart) -> PartRequest:
        """Return the request that sends a part; S3 refuses it with another size or checksum."""
        address = PartAddress(self._bucket, key, upload)
        return part_request(address, part, self._presigner, self._lifetime_s)

    def parts(self, key: str, upload: str) -> list[StoredPart] | None:
        """Return the parts that have arrived; None if there is no such upload."""
        with translated(_STORE):
            try:
                found = self._client.list_parts(Bucket=self._bucket, Key=key, UploadId=upload)
            except error_responses() as fault:
                if error_code(fault) == _UNKNOWN:
                    return None
                raise
        return [
            StoredPart(one["PartNumber"], one["Size"], one["ETag"], one["ChecksumSHA256"])
            for one in found["Parts"]
        ]

    def complete(self, key: str, upload: str, parts: Sequence[StoredPart]) -> ObjectVersion | None:
        """Make the object of its parts; None if there is no such upload any more."""
        listed: list[ListedPart] = [
            {
                "PartNumber": part.number,
                "Size": part.bytes,
                "ETag": part.etag,
                "ChecksumSHA256": part.sha256,
            }
            for part in parts
        ]
        with translated(_STORE):
            try:
                made = self._client.complete_multipart_upload(
                    Bucket=self._bucket,
                    Key=key,
                    UploadId=upload,
                    MultipartUpload={"Parts": listed},
                )
            except error_responses() as fault:
                if error_code(fault) == _UNKNOWN:
                    return None
                raise
        return _version(made)

    def abort(self, key: str, upload: str) -> None:
        """Remove the parts, unless the upload has ended."""
        with translated(_STORE):
            try:
                self._client.abort_multipart_upload(Bucket=self._bucket, Key=key, UploadId=upload)
            except error_responses() as fault:
                if error_code(fault) != _UNKNOWN:
                    raise

    def stored(self, key: str) -> ObjectVersion | None:
        """Return the version of the object under the key; None if there is none."""
        with translated(_STORE):
            try:
                return _version(self._client.head_object(Bucket=self._bucket, Key=key))
            except error_responses() as fault:
                if error_code(fault) in MISSING | UNTOLD:
                    return None
                raise


def part_request(
    address: PartAddress, part: StoredPart, presigner: "S3Presigner", lifetime_s: int
) -> PartRequest:
    """Return the request that sends a part of this size and checksum."""
    query = {"partNumber": str(part.number), "uploadId": address.upload}
    # A browser sets the length itself, and lets no script do so.
    signed = {"content-length": str(part.bytes), CHECKSUM: part.sha256}
    url = presigner.put_url(address.bucket, address.key, query, signed, lifetime_s)
    return PartRequest(part.number, url, {CHECKSUM: part.sha256})


def _version(found: "VersionOutput") -> ObjectVersion:
    return ObjectVersion(found.get("VersionId", ""), found["ETag"].strip('"'))
