"""Searches in memory."""

from collections.abc import Callable, Iterable

from imagemill.domain.image_query import NAME_SORTS, ImageQuery, Sort, name_and_id, record_position
from imagemill.domain.record import ImageRecord


class MemoryIndex:
    """Implements `domain.image_query.ImageIndex`."""

    def __init__(self, records: Iterable[ImageRecord]) -> None:
        self._records = list(records)

    def page(
        self, limit: int, query: ImageQuery, after: str | None = None, owner: str | None = None
    ) -> tuple[list[ImageRecord], str | None]:
        """Return up to `limit` records after a position, and the position to continue from."""
        is_descending = query.sort in {"newest", "name_desc"}
        start = None if after is None else _order(after, query.sort)
        found = [
            one
            for one in sorted(self._records, key=_by(query.sort), reverse=is_descending)
            if query.filter.accepts(one)
            and owner in (None, one.owner)
            and (start is None or (_by(query.sort)(one) < start) == is_descending)
            and record_position(one, query.sort) != after
        ]
        is_last = len(found) <= limit
        return found[:limit], None if is_last else record_position(found[limit - 1], query.sort)


def _by(sort: Sort) -> Callable[[ImageRecord], tuple[str, str]]:
    """Return the key of records that sorts them."""
    return lambda record: _order(record_position(record, sort), sort)


def _order(position: str, sort: Sort) -> tuple[str, str]:
    """Return a position as it is compared: the name first, which may begin with another name."""
    return name_and_id(position) if sort in NAME_SORTS else (position, "")
