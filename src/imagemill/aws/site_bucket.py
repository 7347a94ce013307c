"""The bucket that the gallery's page is served from."""

from typing import TYPE_CHECKING

from imagemill.aws.buckets import listed
from imagemill.aws.errors import translated
from imagemill.domain.site_file import SiteFile

if TYPE_CHECKING:
    from imagemill.aws.object_clients import BucketClient

_STORE = "the site bucket"
# Browsers may keep a file, but revalidate it each time: the files depend on one another and keep
# their names when they change.
_CACHE_CONTROL = "no-cache"


class SiteBucket:
    """Implements `operations.publish_site.Site`."""

    def __init__(self, client: "BucketClient", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def names(self) -> set[str]:
        """Return the keys of all objects."""
        pages = listed(self._client, self._bucket, _STORE)
        return {found["Key"] for page in pages for found in page}

    def store(self, file: SiteFile) -> None:
        """Store a file under its name."""
        with translated(_STORE):
            self._client.put_object(
                Bucket=self._bucket,
                Key=file.name,
                Body=file.data,
                ContentType=file.content_type,
                CacheControl=_CACHE_CONTROL,
            )

    def delete(self, name: str) -> None:
        """Delete a file."""
        with translated(_STORE):
            self._client.delete_object(Bucket=self._bucket, Key=name)
