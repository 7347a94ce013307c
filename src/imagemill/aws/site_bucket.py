"""The bucket that the gallery's page is served from."""

from typing import TYPE_CHECKING

from imagemill.aws.errors import translated
from imagemill.domain.site_file import SiteFile

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_ASK_FIRST = "no-cache"
"""Keep it, but ask whether it is still current: the files belong together and have fixed names."""


class SiteBucket:
    """Implements `workflows.publish.Site`."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def names(self) -> set[str]:
        """Return the keys of all objects."""
        with translated("the site bucket"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
            return {one["Key"] for page in pages for one in page.get("Contents", [])}

    def store(self, file: SiteFile) -> None:
        """Store a file under its name."""
        with translated("the site bucket"):
            self._client.put_object(
                Bucket=self._bucket,
                Key=file.name,
                Body=file.data,
                ContentType=file.content_type,
                CacheControl=_ASK_FIRST,
            )

    def delete(self, name: str) -> None:
        """Delete a file."""
        with translated("the site bucket"):
            self._client.delete_object(Bucket=self._bucket, Key=name)
