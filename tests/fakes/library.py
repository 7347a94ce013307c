"""Records by id, many at once."""

from collections.abc import Sequence

from fakes.stores import FakeRecords
from imagemill.domain.record import ImageRecord


class FakeLookup:
    """Implements `domain.folders.RecordLookup`."""

    def __init__(self, records: FakeRecords) -> None:
        self.records = records

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        assert len(set(ids)) == len(ids) <= 100, "BatchGetItem takes up to 100 different keys"
        return {one: self.records.items[one] for one in ids if one in self.records.items}
