"""Copies of originals inside their bucket, on the server's side."""

from typing import TYPE_CHECKING

from imagemill.aws.errors import CONFLICTS, MISSING, error_code, error_responses, translated

if TYPE_CHECKING:
    from imagemill.aws.object_clients import CopyClient

_STORE = "the originals bucket"


class OriginalCopies:
    """Implements `api.move.OriginalCopies`."""

    def __init__(self, client: "CopyClient", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def has(self, key: str) -> bool:
        """Return whether there is an object under the key."""
        with translated(_STORE):
            try:
                self._client.head_object(Bucket=self._bucket, Key=key)
            except error_responses() as fault:
                if error_code(fault) in MISSING:
                    return False
                raise
        return True

    def copy(self, key: str, etag: str, target: str) -> bool:
        """Copy an object with its metadata and tags; both keys are conditions of the request."""
        with translated(_STORE):
            try:
                self._client.copy_object(
                    Bucket=self._bucket,
                    Key=target,
                    CopySource={"Bucket": self._bucket, "Key": key},
                    CopySourceIfMatch=etag,
                    IfNoneMatch="*",
                )
            except error_responses() as fault:
                if error_code(fault) in CONFLICTS | MISSING:
                    return False
                raise
        return True

    def delete_version(self, key: str, etag: str) -> None:
        """Delete the object, unless it has another ETag."""
        with translated(_STORE):
            try:
                self._client.delete_object(Bucket=self._bucket, Key=key, IfMatch=etag)
            except error_responses() as fault:
                if error_code(fault) not in CONFLICTS | MISSING:
                    raise
