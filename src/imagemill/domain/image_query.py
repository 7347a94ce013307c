"""Searches for images: a filter and an order."""

import re
from typing import Literal, Protocol, get_args

from imagemill.dataclass import dataclass
from imagemill.domain.image_filter import ImageFilter
from imagemill.domain.record import ImageRecord

# By time, or by file name: from the first or from the last letter.
Sort = Literal["newest", "oldest", "name", "name_desc"]
SORTS: tuple[Sort, ...] = get_args(Sort)
NAME_SORTS: frozenset[Sort] = frozenset({"name", "name_desc"})
# The position of a record in a search: its time and its id, or its file name and its id.
_POSITION = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[a-z2-7]{26}", re.ASCII)
_NAME_POSITION = re.compile(r".{1,1024}#[a-z2-7]{26}", re.ASCII | re.DOTALL)


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


def record_position(record: ImageRecord, sort: Sort = "newest") -> str:
    """Return the position of a record."""
    if sort in NAME_SORTS:
        return name_position(record.filename, record.id)
    return f"{record.uploaded_at}#{record.id}"


def name_position(name: str, image: str) -> str:
    """Return the position of an image by its file name."""
    return f"{name}#{image}"


def name_and_id(position: str) -> tuple[str, str]:
    """Return the file name and the id in a position."""
    name, _, image = position.rpartition("#")
    return name, image


def is_position(position: str, sort: Sort = "newest") -> bool:
    """Return whether a text has the form of a position; that in a cursor may be forged."""
    form = _NAME_POSITION if sort in NAME_SORTS else _POSITION
    return form.fullmatch(position) is not None
