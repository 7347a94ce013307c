"""An S3 client that also replaces an object by another with the same attributes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from imagemill.aws.light.checks import CRC32_HEADER, crc32_of
from imagemill.aws.light.clients import S3
from imagemill.aws.light.outputs import put_object_output
from imagemill.aws.light.transport import parse_xml, read_empty, read_whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Unpack

    from imagemill.aws.light.answer import Response
    from imagemill.aws.light.inputs import ObjectInput
    from imagemill.aws.light.results import VersionOutput


class ArchivingS3(S3):
    """`S3` with headers as they are, and with tags."""

    def object_headers(self, **params: Unpack[ObjectInput]) -> Mapping[str, str]:
        """Return the headers of HeadObject, by lower-case names."""

        def read(response: Response) -> Mapping[str, str]:
            response.close()
            return dict(response.headers)

        return self._transport.call(self._request("HeadObject", "HEAD", params), read)

    def object_tags(self, **params: Unpack[ObjectInput]) -> str:
        """Return the tags of an object as PutObject takes them; empty for none."""
        plain = self._request("GetObjectTagging", "GET", params)
        request = replace(plain, target=f"{plain.target}?tagging=")

        def read(response: Response) -> str:
            tags = parse_xml(read_whole(response)).iterfind(".//{*}Tag")
            pairs = ((tag.findtext("{*}Key", ""), tag.findtext("{*}Value", "")) for tag in tags)
            return urlencode(list(pairs))

        return self._transport.call(request, read)

    def put_with_headers(
        self, body: bytes, headers: Mapping[str, str], **params: Unpack[ObjectInput]
    ) -> VersionOutput:
        """Store an object with these headers, under the condition of `IfMatch`."""
        request = self._request("PutObject", "PUT", params, body)
        crc32 = crc32_of(body)
        request.headers.update({**headers, CRC32_HEADER: crc32})

        def read(response: Response) -> VersionOutput:
            read_empty(request, response)
            return put_object_output(response, crc32)

        return self._transport.call(request, read)
