"""Search for images."""

from imagemill.api.read import Page
from imagemill.domain.bound_cursor import bound_cursor, position_of
from imagemill.domain.caller import Caller
from imagemill.domain.image_query import (
    NAME_SORTS,
    ImageIndex,
    ImageQuery,
    is_position,
    record_position,
)
from imagemill.errors import InvalidCursor, InvalidRequest


def search(
    limit: int, cursor: str | None, query: ImageQuery, index: ImageIndex, caller: Caller
) -> Page:
    """Return the page after a cursor, or the first page; raises InvalidCursor.

    It has all images for a caller that sees all, and its own images for any other. The index of
    names has no owners: raises InvalidRequest for an order by name of one's own images.
    A page with fewer than `limit` records need not be the last: only a missing cursor says so.
    """
    if query.sort in NAME_SORTS and not caller.sees_all:
        raise InvalidRequest(
            "expected sort to be newest or oldest: these credentials see their own images only"
        )
    after = position_of(str(query), cursor) if cursor else None
    if after is not None and not is_position(after, query.sort):
        raise InvalidCursor("expected the cursor of a page of this search")
    owner = None if caller.sees_all else caller.owner
    records, position = index.page(limit, query, after, owner)
    return Page(records, bound_cursor(str(query), position) if position else None)


def cut(page: Page, count: int, query: ImageQuery) -> Page:
    """Return the first images of a page, with a cursor that continues after them."""
    position = record_position(page.records[count - 1], query.sort)
    return Page(page.records[:count], bound_cursor(str(query), position))
