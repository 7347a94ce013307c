"""The bucket of originals for the commands, which upload files from disk."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from imagemill.aws.buckets import OriginalsBucket, version_of
from imagemill.aws.errors import DENIED, error_code, error_responses, required, translated
from imagemill.dataclass import dataclass
from imagemill.domain.event import NO_CHOICES, UploadChoices
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.upload_parts import PART_BYTES, StoredPart
from imagemill.file_parts import BegunUpload, FilePart, PartOptions, send_in_parts

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

    from imagemill.aws.object_clients import FileOriginalsClient, UploadParams

_STORE = "the originals bucket"
# The error code for an upload that was completed or aborted.
_ENDED = "NoSuchUpload"
# Most parts of a file: S3 lists as many at once. Source: ListParts, Amazon S3 API reference.
_MAX_PARTS = 1_000


class FileOriginalsBucket(OriginalsBucket):
    """The bucket of originals, to which a large file is sent in parts."""

    def __init__(self, client: "FileOriginalsClient", bucket: str, parts: PartOptions) -> None:
        super().__init__(client, bucket)
        self._file_client = client
        self._parts = parts

    def upload_file(
        self, key: str, path: Path, content_type: str, choices: UploadChoices = NO_CHOICES
    ) -> ObjectVersion:
        """Store a file without loading it into memory, and return its version.

        A large file is sent in parts: after an interruption, another call sends the missing ones.
        """
        size, version = path.stat().st_size, None
        if size >= self._parts.from_bytes:
            file = UploadedFile(self._bucket, key, size, content_type, choices)
            store = S3PartStore(self._file_client, file)
            version = send_in_parts(path, file.facts, store, self._parts)
        return version or self._put(key, path, content_type, choices)

    def _put(
        self, key: str, path: Path, content_type: str, choices: UploadChoices
    ) -> ObjectVersion:
        """Store a file in one request."""
        with path.open("rb") as body, translated(_STORE):
            answer = self._file_client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentType=content_type,
                Metadata=choices.metadata,
            )
        return version_of(answer)


@dataclass(frozen=True, slots=True)
class UploadedFile:
    """A file that is uploaded: its place, its size in bytes, and its metadata."""

    bucket: str
    key: str
    size: int
    content_type: str
    choices: UploadChoices

    @property
    def facts(self) -> dict[str, object]:
        """The facts that an upload must share to be continued."""
        return {
            "place": f"s3://{self.bucket}/{self.key}",
            "content_type": self.content_type,
            "metadata": sorted(self.choices.metadata.items()),
        }


@dataclass(frozen=True, slots=True)
class S3PartStore:
    """Implements `file_parts.PartStore` with the rights of the caller.

    To send a file needs only s3:PutObject. Without s3:ListMultipartUploadParts an interrupted
    upload begins again, and without s3:AbortMultipartUpload the parts of a file that has changed
    stay.
    """

    client: "FileOriginalsClient"
    file: UploadedFile

    def begin(self) -> BegunUpload:
        """Begin an upload in which every part has a SHA-256."""
        file = self.file
        with translated(_STORE):
            answer = self.client.create_multipart_upload(
                Bucket=file.bucket,
                Key=file.key,
                ContentType=file.content_type,
                Metadata=file.choices.metadata,
                ChecksumAlgorithm="SHA256",
            )
        upload = required(answer.get("UploadId"), "UploadId", _STORE)
        return BegunUpload("", upload, file.key, part_bytes_of(file.size))

    def arrived(self, begun: BegunUpload) -> Sequence[StoredPart] | None:
        """Return the parts that have arrived; None if the upload has ended or is not shown."""
        with translated(_STORE):
            try:
                found = self.client.list_parts(**self._upload(begun))
            except error_responses() as fault:
                if error_code(fault) in DENIED | {_ENDED}:
                    return None
                raise
        return [
            # A part without a checksum is sent again.
            StoredPart(one["PartNumber"], one["Size"], one["ETag"], one.get("ChecksumSHA256", ""))
            for one in found.get("Parts", [])
        ]

    def completed(self, begun: BegunUpload) -> None:
        """Return None: S3 does not tell which upload has made an object."""

    def send(self, begun: BegunUpload, part: FilePart) -> StoredPart:
        """Send a part; S3 refuses it if its checksum is another."""
        with translated(_STORE):
            answer = self.client.upload_part(
                **self._upload(begun),
                PartNumber=part.number,
                Body=part.data,
                ChecksumSHA256=part.sha256,
            )
        etag = required(answer.get("ETag"), "ETag", _STORE)
        return StoredPart(part.number, len(part.data), etag, part.sha256)

    def complete(self, begun: BegunUpload, parts: Sequence[StoredPart]) -> ObjectVersion | None:
        """Make the object of its parts; S3 compares their checksums. None if the upload ended."""
        listed: list[CompletedPartTypeDef] = [
            {"PartNumber": part.number, "ETag": part.etag, "ChecksumSHA256": part.sha256}
            for part in parts
        ]
        with translated(_STORE):
            try:
                answer = self.client.complete_multipart_upload(
                    **self._upload(begun), MultipartUpload={"Parts": listed}
                )
            except error_responses() as fault:
                if error_code(fault) == _ENDED:
                    return None
                raise
        return version_of(answer)

    def abort(self, begun: BegunUpload) -> None:
        """Remove the parts, if the upload has not ended and the caller may."""
        with translated(_STORE):
            try:
                self.client.abort_multipart_upload(**self._upload(begun))
            except error_responses() as fault:
                if error_code(fault) not in DENIED | {_ENDED}:
                    raise

    def _upload(self, begun: BegunUpload) -> "UploadParams":
        return {"Bucket": self.file.bucket, "Key": self.file.key, "UploadId": begun.upload}


def part_bytes_of(size: int) -> int:
    """Return the bytes of a part: 8 MiB, more only for a file of over 8,000 MiB."""
    return max(PART_BYTES, -(-size // _MAX_PARTS))
