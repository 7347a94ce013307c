"""S3 in memory with uploads in parts, and options that send small files in parts."""

import base64
import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fakes.aws_clients import FakeS3, fault
from imagemill.file_parts import PartOptions, SavedUploads


def part_options(folder: Path, from_bytes: int = 32 * 1024 * 1024) -> PartOptions:
    """Return options that keep uploads in a folder and do not wait."""
    return PartOptions(SavedUploads(folder), lambda _: None, from_bytes)


@dataclass
class FakeMultipartS3(FakeS3):
    """S3 in memory that also takes uploads in parts with checksums.

    `begun` has the parameters of each upload, `sent` the numbers of the parts that arrived.
    """

    begun: dict[str, dict[str, Any]] = field(default_factory=dict)
    parts: dict[str, dict[int, bytes]] = field(default_factory=dict)
    sent: list[int] = field(default_factory=list)

    def create_multipart_upload(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("CreateMultipartUpload", request)
        assert request["ChecksumAlgorithm"] == "SHA256"
        upload = f"u{len(self.begun) + 1}"
        self.begun[upload], self.parts[upload] = request, {}
        return {"UploadId": upload}

    def upload_part(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("UploadPart", request)
        parts, data = self._parts("UploadPart", request), request["Body"]
        if request["ChecksumSHA256"] != _checksum(data):
            raise fault("UploadPart", "BadDigest")
        parts[request["PartNumber"]] = data
        self.sent.append(request["PartNumber"])
        return {"ETag": _etag(data)}

    def list_parts(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("ListParts", request)
        found = [
            {
                "PartNumber": number,
                "Size": len(data),
                "ETag": _etag(data),
                "ChecksumSHA256": _checksum(data),
            }
            for number, data in self._parts("ListParts", request).items()
        ]
        # S3 leaves an empty list out.
        return {"Parts": found} if found else {}

    def complete_multipart_upload(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("CompleteMultipartUpload", request)
        parts = self._parts("CompleteMultipartUpload", request)
        for wanted in request["MultipartUpload"]["Parts"]:
            data = parts.get(wanted["PartNumber"], b"")
            if (wanted["ETag"], wanted["ChecksumSHA256"]) != (_etag(data), _checksum(data)):
                raise fault("CompleteMultipartUpload", "InvalidPart")
        whole = b"".join(parts[one["PartNumber"]] for one in request["MultipartUpload"]["Parts"])
        del self.parts[request["UploadId"]]
        begun = self.begun[request["UploadId"]]
        stored = self.put(request["Bucket"], request["Key"], whole, begun["Metadata"])
        return {"ETag": f'"of-{len(parts)}-parts"', "VersionId": stored.version_id}

    def abort_multipart_upload(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        self._call("AbortMultipartUpload", request)
        self._parts("AbortMultipartUpload", request)
        del self.parts[request["UploadId"]]
        return {}

    def _parts(self, operation: str, request: dict[str, Any]) -> dict[int, bytes]:
        found = self.parts.get(request["UploadId"])
        if found is None:
            raise fault(operation, "NoSuchUpload")
        assert self.begun[request["UploadId"]]["Key"] == request["Key"]
        return found


def _checksum(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'
