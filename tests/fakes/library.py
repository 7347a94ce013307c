"""Folders in memory."""

from collections.abc import Iterable, Sequence

from fakes.stores import FakeRecords
from imagemill.domain.folders import KeyPage, is_after_folder, position_after
from imagemill.domain.record import ImageRecord


class FakeKeys:
    """Implements `domain.folders.KeyListing`."""

    def __init__(self, keys: Iterable[str]) -> None:
        self.keys = sorted(keys)

    def page(self, prefix: str, after: str, limit: int, *, is_flat: bool) -> KeyPage:
        most = limit + 1 if is_after_folder(after) else limit
        found = [key for key in self.keys if key.startswith(prefix) and key > after]
        named = dict.fromkeys(key if is_flat else _entry(key, prefix) for key in found)
        entries = list(named)[:most]
        folders = [one for one in entries if not is_flat and one.endswith("/") and one != prefix]
        return KeyPage(
            tuple(one for one in folders if position_after(one, folders) != after),
            tuple(one for one in entries if one not in folders),
            is_last=len(named) <= most,
        )


class FakeLookup:
    """Implements `domain.folders.RecordLookup`."""

    def __init__(self, records: FakeRecords) -> None:
        self.records = records

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        assert len(set(ids)) == len(ids) <= 100, "BatchGetItem takes up to 100 different keys"
        return {one: self.records.items[one] for one in ids if one in self.records.items}


def _entry(key: str, prefix: str) -> str:
    """Return the key, or the folder below the prefix that it is in."""
    name, slash, _ = key.removeprefix(prefix).partition("/")
    return f"{prefix}{name}{slash}"
