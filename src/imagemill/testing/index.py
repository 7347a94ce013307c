"""Searches in memory."""

from collections.abc import Iterable

from imagemill.domain.image_query import ImageQuery, place_of
from imagemill.domain.record import ImageRecord


class MemoryIndex:
    """Implements `domain.image_query.ImageIndex`."""

    def __init__(self, records: Iterable[ImageRecord]) -> None:
        self._records = list(records)

    def page(
        self, limit: int, query: ImageQuery, after: str | None = None, owner: str | None = None
    ) -> tuple[list[ImageRecord], str | None]:
        """Return up to `limit` records after a position, and the position to continue from."""
        is_descending = query.sort == "newest"
        found = [
            one
            for one in sorted(self._records, key=place_of, reverse=is_descending)
            if query.filter.accepts(one)
            and owner in (None, one.owner)
            and (after is None or (place_of(one) < after) == is_descending)
            and place_of(one) != after
        ]
        return found[:limit], place_of(found[limit - 1]) if len(found) > limit else None
