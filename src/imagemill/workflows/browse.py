"""Browse: records one by one and newest first."""

from typing import Protocol

from imagemill.catalog.keys import image_id, is_image_id
from imagemill.catalog.record import ImageRecord, Status


class Shelf(Protocol):
    """The table of records, read one by one."""

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record as last written."""


class Feed(Protocol):
    """The table of records, read newest first."""

    def newest(
        self, limit: int, before: str | None = None, status: Status | None = None
    ) -> list[ImageRecord]:
        """Return up to `limit` records from before a place in the feed."""


def find(id_or_key: str, shelf: Shelf) -> ImageRecord | None:
    """Return the record named by its id or by its original's key."""
    by_id = shelf.get(id_or_key) if is_image_id(id_or_key) else None
    return by_id or shelf.get(image_id(id_or_key))
