"""The keys of the originals below a prefix, and the folders there, by ListObjectsV2."""

from typing import TYPE_CHECKING

from imagemill.aws.errors import translated
from imagemill.domain.folders import KeyPage, is_after_folder, position_after

if TYPE_CHECKING:
    from imagemill.aws.object_clients import ListClient, ListParams

_STORE = "the originals bucket"


class OriginalKeys:
    """Implements `domain.folders.KeyListing` with one request for each page."""

    def __init__(self, client: "ListClient", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def page(self, prefix: str, after: str, limit: int, *, is_flat: bool) -> KeyPage:
        """Return about `limit` keys and folders below a prefix, after a position.

        Folders count as keys do. A key that sorts after the position of its folder would show the
        folder again; it is left out, and one more is requested for it.
        """
        most = limit + 1 if is_after_folder(after) else limit
        params: ListParams = {"Bucket": self._bucket, "Prefix": prefix, "MaxKeys": most}
        if not is_flat:
            params["Delimiter"] = "/"
        if after:
            params["StartAfter"] = after
        with translated(_STORE):
            page = self._client.list_objects_v2(**params)
        folders = [item["Prefix"] for item in page.get("CommonPrefixes", [])]
        return KeyPage(
            folders=tuple(one for one in folders if position_after(one, folders) != after),
            keys=tuple(item["Key"] for item in page.get("Contents", [])),
            is_last=not page.get("IsTruncated"),
        )
