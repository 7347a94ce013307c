"""The unpacked originals in the processed bucket, and the function that makes them."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from imagemill.aws.errors import MISSING, UNTOLD, error_code, error_responses, required, translated

if TYPE_CHECKING:
    from imagemill.aws.object_clients import ObjectClient

_STORE = "the processed bucket"
# The bucket deletes them after a day; an address works for a quarter of an hour.
_USABLE = timedelta(hours=20)


class FunctionClient(Protocol):
    """The part of a Lambda client that calls a function."""

    def invoke(self, name: str, payload: Mapping[str, str]) -> Mapping[str, object]:
        """Call a function, and return its result."""


class FunctionUnpacker:
    """Implements `api.archived.Unpacker` with ArchiveFunction."""

    def __init__(
        self, client: "ObjectClient", bucket: str, functions: FunctionClient, function: str
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._functions = functions
        self._function = function

    def has(self, key: str) -> bool:
        """Return whether a JPEG is stored under a key, and stays for some hours."""
        with translated(_STORE):
            try:
                head = self._client.head_object(Bucket=self._bucket, Key=key)
            except error_responses() as fault:
                # Without the right to list the bucket, 403 says that there is no object.
                if error_code(fault) in MISSING | UNTOLD:
                    return False
                raise
        stored_at = required(head.get("LastModified"), "LastModified", _STORE)
        return datetime.now(UTC) - stored_at < _USABLE

    def unpack(self, image_id: str) -> Mapping[str, object]:
        """Store the JPEG of an image."""
        with translated("ArchiveFunction"):
            return self._functions.invoke(self._function, {"unpack": image_id})
