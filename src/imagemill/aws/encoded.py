"""Originals that are stored with a Content-Encoding, as web deploy tools and some SDKs do.

Browsers and the S3 console show them, because they unpack what HTTP says is packed.
"""

from collections.abc import Callable
from typing import Any

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.errors import CONFLICTS, MISSING, error_code, refusals, translated
from imagemill.domain.event import ObjectEvent
from imagemill.domain.quoting import quoted
from imagemill.errors import NotAnImage, UnsupportedFormat

BEGINNING_BYTES = 4_096
_NONE = frozenset({"", "identity", "aws-chunked"})
"""`aws-chunked` is how some SDKs send; S3 has taken it off the bytes, if not off the header."""
_GZIP = frozenset({"gzip", "x-gzip"})


class EncodedOriginalsBucket(OriginalsBucket):
    """The bucket of originals, whose bytes may be packed by gzip.

    Only bytes that are no image by themselves are looked at twice, so that others cost no request
    more.
    """

    def read(
        self, event: ObjectEvent, look: Callable[[bytes], object] = lambda _: None
    ) -> bytes | None:
        """Return the bytes of the version that the event announced; None if it is gone.

        `look` is shown the beginning and may raise. If it raises NotAnImage, but the object is
        stored with Content-Encoding gzip, its bytes are returned as they are, still packed. Raises
        UnsupportedFormat for another encoding.
        """
        try:
            data = super().read(event, look)
            if data is not None:
                look(data[:BEGINNING_BYTES])
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
            return super().read(event)
        return data

    def _encoding(self, event: ObjectEvent) -> str | None:
        """Return the Content-Encoding of the event's version; None if the version is gone."""
        exactly: dict[str, Any] = {"VersionId": event.version_id} if event.version_id else {}
        with translated("the originals bucket"):
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=event.key, **exactly)
            except refusals() as fault:
                if error_code(fault) in MISSING | CONFLICTS:
                    return None
                raise
        names = (name.strip().lower() for name in head.get("ContentEncoding", "").split(","))
        return ", ".join(name for name in names if name not in _NONE)
