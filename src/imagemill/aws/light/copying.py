"""An S3 client that also copies objects inside S3."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imagemill.aws.light.clients import S3
from imagemill.aws.light.errors import InvalidResponse
from imagemill.aws.light.sigv4 import quote_path
from imagemill.aws.light.transport import (
    error_with_status_200,
    parse_xml,
    read_whole,
    xml_error_code,
)

if TYPE_CHECKING:
    from typing import Unpack

    from imagemill.aws.light.answer import Response
    from imagemill.aws.light.inputs import CopyObjectInput
    from imagemill.aws.light.results import CopyOutput


class CopyingS3(S3):
    """`S3` with `copy_object`."""

    def copy_object(self, **params: Unpack[CopyObjectInput]) -> CopyOutput:
        """Copy an object with its metadata and tags; S3 may report an error after status 200."""
        source = params["CopySource"]
        request = self._request("CopyObject", "PUT", params)
        request.headers["x-amz-copy-source"] = quote_path(f"/{source['Bucket']}/{source['Key']}")
        request.headers["x-amz-copy-source-if-match"] = params["CopySourceIfMatch"]

        def read(response: Response) -> CopyOutput:
            data = read_whole(response)
            if code := xml_error_code(data):
                raise error_with_status_200(request, code, response)
            etag = parse_xml(data).findtext("{*}ETag")
            if not etag:
                raise InvalidResponse("the response to CopyObject lacks ETag")
            return {"CopyObjectResult": {"ETag": etag}}

        return self._transport.call(request, read)
