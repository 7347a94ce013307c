"""Originals with a Content-Encoding, as web deployment tools and some SDKs store them.

Browsers and the S3 console show such images, because they decompress them.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.errors import CONFLICTS, MISSING, error_code, error_responses, translated
from imagemill.domain.event import ObjectEvent
from imagemill.domain.object_version import OriginalFile
from imagemill.domain.quoting import quoted
from imagemill.errors import NotAnImage, UnsupportedFormat

if TYPE_CHECKING:
    from imagemill.aws.object_clients import ObjectParams

# Bytes that a check gets, as in OriginalsBucket.
BEGINNING_BYTES = 4_096
# Values that change no byte. `aws-chunked` is a transfer format of some SDKs: S3 removes it from
# the body, but not always from the header.
_NONE = frozenset({"", "identity", "aws-chunked"})
_GZIP = frozenset({"gzip", "x-gzip"})


class EncodedOriginalsBucket(OriginalsBucket):
    """The bucket of originals, some of them compressed with gzip.

    The encoding is requested only for bytes that are not an image, so images cost no request more.
    """

    def fetch(
        self, event: ObjectEvent, check: Callable[[bytes], object] = lambda _: None
    ) -> OriginalFile | None:
        """Return the bytes of the version in the event; None if it is gone.

        `check` gets the beginning and may raise. If it raises NotAnImage, but the object has
        Content-Encoding gzip, its bytes are returned, still compressed. Raises UnsupportedFormat
        for another encoding.
        """
        try:
            file = super().fetch(event, check)
            if file is not None:
                check(file.data[:BEGINNING_BYTES])
        except NotAnImage:
            encoding = self._encoding(event)
            if encoding is None:
                return None
            if encoding in _NONE:
                raise
            if encoding not in _GZIP:
                raise UnsupportedFormat(
                    f"the object has Content-Encoding {quoted(encoding)}, and only gzip is unpacked"
                ) from None
            return super().fetch(event)
        return file

    def _encoding(self, event: ObjectEvent) -> str | None:
        """Return the Content-Encoding of the event's version; None if the version is gone."""
        params: ObjectParams = {"Bucket": self._bucket, "Key": event.key}
        if event.version_id:
            params["VersionId"] = event.version_id
        with translated("the originals bucket"):
            try:
                head = self._client.head_object(**params)
            except error_responses() as fault:
                if error_code(fault) in MISSING | CONFLICTS:
                    return None
                raise
        names = (name.strip().lower() for name in head.get("ContentEncoding", "").split(","))
        return ", ".join(name for name in names if name not in _NONE)
