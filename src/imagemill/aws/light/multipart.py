"""An S3 client that also uploads objects in parts, with the checksum SHA-256 of each part.

Source: "Uploading and copying objects using multipart upload" in the Amazon S3 User Guide.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple
from xml.sax.saxutils import escape

from imagemill.aws.light.clients import S3
from imagemill.aws.light.errors import InvalidResponse
from imagemill.aws.light.sigv4 import quote_query
from imagemill.aws.light.transport import (
    error_with_status_200,
    parse_xml,
    read_whole,
    xml_error_code,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Unpack
    from xml.etree.ElementTree import Element

    from imagemill.aws.light.answer import Response
    from imagemill.aws.light.inputs import CompleteInput, CreateUploadInput, UploadInput
    from imagemill.aws.light.results import (
        CreatedUploadOutput,
        ListedPart,
        PartsOutput,
        VersionOutput,
    )
    from imagemill.aws.light.transport import Request


class _Upload(NamedTuple):
    """A request about one upload: operation, HTTP method, and the query in order."""

    operation: str
    method: str
    query: str


class MultipartS3(S3):
    """`S3` with the methods of multipart uploads, except that of sending a part."""

    def create_multipart_upload(self, **params: Unpack[CreateUploadInput]) -> CreatedUploadOutput:
        """Begin an upload and return its id; a repeated request begins another one."""
        request = self._of_upload(_Upload("CreateMultipartUpload", "POST", "uploads="), params)
        request.headers["x-amz-checksum-algorithm"] = params["ChecksumAlgorithm"]

        def read(response: Response) -> CreatedUploadOutput:
            return {"UploadId": _required(_document(request, response), "UploadId")}

        return self._transport.call(request, read)

    def list_parts(self, **params: Unpack[UploadInput]) -> PartsOutput:
        """Return the first 1,000 parts of an upload, by their numbers."""
        request = self._of_upload(_Upload("ListParts", "GET", _query(params)), params)

        def read(response: Response) -> PartsOutput:
            return {"Parts": _parts(_document(request, response))}

        return self._transport.call(request, read)

    def complete_multipart_upload(self, **params: Unpack[CompleteInput]) -> VersionOutput:
        """Store the object, and return its version."""
        body = _completion(params["MultipartUpload"]["Parts"]).encode()
        upload = _Upload("CompleteMultipartUpload", "POST", _query(params))
        request = self._of_upload(upload, params, body)

        def read(response: Response) -> VersionOutput:
            version = response.headers.get("x-amz-version-id")
            found: VersionOutput = {"ETag": _required(_document(request, response), "ETag")}
            return {**found, "VersionId": version} if version else found

        return self._transport.call(request, read)

    def abort_multipart_upload(self, **params: Unpack[UploadInput]) -> None:
        """Remove an upload with its parts."""
        request = self._of_upload(_Upload("AbortMultipartUpload", "DELETE", _query(params)), params)
        self._transport.call(request, lambda response: bool(read_whole(response)))

    def _of_upload(
        self, upload: _Upload, params: Mapping[str, object], body: bytes = b""
    ) -> Request:
        request = self._request(upload.operation, upload.method, params, body)
        return replace(request, target=f"{request.target}?{upload.query}")


def _query(params: Mapping[str, object]) -> str:
    return f"uploadId={quote_query(str(params['UploadId']))}"


def _document(request: Request, response: Response) -> Element:
    """Return the XML of a response; S3 may report an error in it after the status 200."""
    data = read_whole(response)
    if code := xml_error_code(data):
        raise error_with_status_200(request, code, response)
    return parse_xml(data)


def _completion(parts: Iterable[ListedPart]) -> str:
    inner = "".join(
        f"<Part><PartNumber>{part['PartNumber']}</PartNumber><ETag>{escape(part['ETag'])}</ETag>"
        f"<ChecksumSHA256>{escape(part['ChecksumSHA256'])}</ChecksumSHA256></Part>"
        for part in parts
    )
    space = "http://s3.amazonaws.com/doc/2006-03-01/"
    return f'<CompleteMultipartUpload xmlns="{space}">{inner}</CompleteMultipartUpload>'


def _parts(root: Element) -> list[ListedPart]:
    try:
        return [
            {
                "PartNumber": int(_required(part, "PartNumber")),
                "Size": int(_required(part, "Size")),
                "ETag": _required(part, "ETag"),
                "ChecksumSHA256": _required(part, "ChecksumSHA256"),
            }
            for part in root.iterfind("{*}Part")
        ]
    except ValueError as error:
        raise InvalidResponse("the number or the size of a part is malformed") from error


def _required(parent: Element, name: str) -> str:
    found = parent.findtext(f"{{*}}{name}")
    if not found:
        raise InvalidResponse(f"the response lacks {name}")
    return found
