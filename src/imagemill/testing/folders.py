"""Folders in memory."""

from collections.abc import Iterable

from imagemill.domain.folders import KeyPage, is_after_folder, position_after


class MemoryKeys:
    """Implements `domain.folders.KeyListing`."""

    def __init__(self, keys: Iterable[str]) -> None:
        self._keys = sorted(keys)

    def page(self, prefix: str, after: str, limit: int, *, is_flat: bool) -> KeyPage:
        """Return up to `limit` keys and folders below a prefix, after a position."""
        most = limit + 1 if is_after_folder(after) else limit
        found = [key for key in self._keys if key.startswith(prefix) and key > after]
        named = dict.fromkeys(key if is_flat else _entry(key, prefix) for key in found)
        entries = list(named)[:most]
        folders = [one for one in entries if not is_flat and one.endswith("/") and one != prefix]
        return KeyPage(
            tuple(one for one in folders if position_after(one, folders) != after),
            tuple(one for one in entries if one not in folders),
            is_last=len(named) <= most,
        )


def _entry(key: str, prefix: str) -> str:
    """Return the key, or the folder below the prefix that it is in."""
    name, slash, _ = key.removeprefix(prefix).partition("/")
    return f"{prefix}{name}{slash}"
