"""The images of a share link, as the stores of lists and searches."""

from dataclasses import replace

from imagemill.domain.caller import Grant
from imagemill.domain.image_filter import ImageFilter
from imagemill.domain.image_query import ImageIndex, ImageQuery
from imagemill.domain.record import ImageRecord, Status
from imagemill.domain.stores import RecordReader

_Page = tuple[list[ImageRecord], str | None]


class SharedFeed:
    """Implements `domain.stores.PagedFeed` for the images of one share."""

    def __init__(self, index: "SharedIndex") -> None:
        self._index = index

    def page(
        self,
        limit: int,
        before: str | None = None,
        status: Status | None = None,
        owner: str | None = None,
    ) -> _Page:
        """Return up to `limit` records, newest first, and the position to continue from."""
        return self._index.page(limit, ImageQuery(ImageFilter(status=status)), before, owner)


class SharedIndex:
    """Implements `domain.image_query.ImageIndex` for the images of one share."""

    def __init__(self, index: ImageIndex, records: RecordReader, grant: Grant) -> None:
        self._index = index
        self._records = records
        self._grant = grant

    def page(
        self, limit: int, query: ImageQuery, after: str | None = None, owner: str | None = None
    ) -> _Page:
        """Return up to `limit` records after a position; the owner is that of the share.

        A folder is a filter inside of the index. So a page may be short, or empty, if the folder is
        a small part of all images.
        """
        del owner
        if self._grant.image:
            return self._only(query, after), None
        within = replace(query.filter, prefix=self._grant.prefix)
        return self._index.page(
            limit, replace(query, filter=within), after, self._grant.owner or None
        )

    def _only(self, query: ImageQuery, after: str | None) -> list[ImageRecord]:
        record = self._records.get(self._grant.image)
        # No page of this list has a position to continue from.
        return [record] if record and after is None and query.filter.accepts(record) else []
