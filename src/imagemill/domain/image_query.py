"""Searches for images: a filter and an order."""

import re
from typing import Literal, Protocol, get_args

from imagemill.dataclass import dataclass
from imagemill.domain.image_filter import ImageFilter
from imagemill.domain.record import ImageRecord

Sort = Literal["newest", "oldest"]
SORTS: tuple[Sort, ...] = get_args(Sort)
# The position of a record in a search: its time and its id.
_PLACE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[a-z2-7]{26}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ImageQuery:
    """The images to find, and their order."""

    filter: ImageFilter = ImageFilter()
    sort: Sort = "newest"


class ImageIndex(Protocol):
    """The records in the order of a search."""

    def page(
        self, limit: int, query: ImageQuery, after: str | None = None, owner: str | None = None
    ) -> tuple[list[ImageRecord], str | None]:
        """Return up to `limit` records after a position, and the position to continue from.

        The position is None at the end. `owner` is the id of the owner of the images;
        None for all images. A page may have fewer records although there are more.
        """


def place_of(record: ImageRecord) -> str:
    """Return the position of a record."""
    return f"{record.uploaded_at}#{record.id}"


def is_place(position: str) -> bool:
    """Return whether a text has the form of a position; that in a cursor may be forged."""
    return _PLACE.fullmatch(position) is not None
