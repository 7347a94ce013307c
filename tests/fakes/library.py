"""Records by id and searches in memory."""

from collections.abc import Iterable, Sequence

from fakes.stores import FakeRecords
from imagemill.domain.image_query import ImageQuery, place_of
from imagemill.domain.record import ImageRecord


class FakeLookup:
    """Implements `domain.folders.RecordLookup`."""

    def __init__(self, records: FakeRecords) -> None:
        self.records = records

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        assert len(set(ids)) == len(ids) <= 100, "BatchGetItem takes up to 100 different keys"
        return {one: self.records.items[one] for one in ids if one in self.records.items}


class FakeIndex:
    """Implements `domain.image_query.ImageIndex`."""

    def __init__(self, records: Iterable[ImageRecord]) -> None:
        self.records = list(records)

    def page(
        self, limit: int, query: ImageQuery, after: str | None = None, owner: str | None = None
    ) -> tuple[list[ImageRecord], str | None]:
        is_descending = query.sort == "newest"
        found = [
            one
            for one in sorted(self.records, key=place_of, reverse=is_descending)
            if query.filter.accepts(one)
            and owner in (None, one.owner)
            and (after is None or (place_of(one) < after) == is_descending)
            and place_of(one) != after
        ]
        return found[:limit], place_of(found[limit - 1]) if len(found) > limit else None
