"""Folders: the parts of keys between slashes, as S3 lists them."""

from collections.abc import Sequence
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.record import ImageRecord

# The API stores uploads below this folder. The next part of their keys is random, so it is no
# folder that people would look for.
UPLOADS = "uploads/"
# The last character of Unicode: no text that begins like a folder's keys sorts after it.
_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder: its own name, and the prefix of the keys in it, which ends with `/`."""

    name: str
    prefix: str


@dataclass(frozen=True, slots=True)
class KeyPage:
    """Some keys and folders below a prefix, each in the order of keys, as S3 sorts them."""

    folders: tuple[str, ...]
    keys: tuple[str, ...]
    is_last: bool

    @property
    def entries(self) -> list[str]:
        """Folders and keys in the order of keys."""
        return sorted((*self.folders, *self.keys))

    @property
    def end(self) -> str:
        """The position after the last entry; empty without entries."""
        return position_after(self.entries[-1], self.folders) if self.folders or self.keys else ""

    def cut(self, count: int) -> "KeyPage":
        """Return the first `count` entries."""
        entries = self.entries
        return self.up_to(entries[count - 1]) if len(entries) > count else self

    def up_to(self, last: str) -> "KeyPage":
        """Return the entries up to one that is not the last."""
        folders = tuple(one for one in self.folders if one <= last)
        return KeyPage(folders, tuple(one for one in self.keys if one <= last), is_last=False)


class KeyListing(Protocol):
    """The keys of the originals, in their order."""

    def page(self, prefix: str, after: str, limit: int, *, is_flat: bool) -> KeyPage:
        """Return up to `limit` keys and folders below a prefix, after a position.

        If it is flat, keys of all depths are returned, and no folders.
        """


class RecordLookup(Protocol):
    """Records by id, many at once."""

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return the records of up to 100 ids that exist."""


def folder_of(prefix: str) -> Folder:
    """Return the folder with a prefix: `a/b/` → `b`."""
    return Folder(prefix.removesuffix("/").rpartition("/")[2], prefix)


def breadcrumbs(prefix: str, root: str) -> list[Folder]:
    """Return the folders from below `root` to that of a prefix: `a/b/IMG` → `a/`, `a/b/`."""
    parts = prefix.removeprefix(root).split("/")[:-1]
    ends = (
        root + "".join(f"{part}/" for part in parts[: count + 1]) for count in range(len(parts))
    )
    return [folder_of(end) for end in ends]


def position_after(entry: str, folders: Sequence[str]) -> str:
    """Return the position after a key or, for a folder, after all keys in it."""
    return f"{entry}{_LAST}" if entry in folders else entry


def is_after_folder(position: str) -> bool:
    """Return whether a position is after a folder."""
    return position.endswith(f"/{_LAST}")
