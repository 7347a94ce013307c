"""List a folder: the folders and the images in it, in the order of their keys."""

from collections.abc import Mapping

from imagemill.dataclass import dataclass
from imagemill.domain.bound_cursor import bound_cursor, position_of
from imagemill.domain.caller import Caller
from imagemill.domain.folders import (
    UPLOADS,
    Folder,
    KeyListing,
    KeyPage,
    RecordLookup,
    breadcrumbs,
    folder_of,
)
from imagemill.domain.image_filter import ImageFilter
from imagemill.domain.keys import image_id
from imagemill.domain.record import ImageRecord
from imagemill.errors import InvalidCursor, NotFound

# Keys that a page with a filter reads: the most that one BatchGetItem takes.
_FILTERED_READS = 100


@dataclass(frozen=True, slots=True)
class FolderDeps:
    """The stores; `prefix` is that of the keys of all originals."""

    keys: KeyListing
    records: RecordLookup
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class FolderRequest:
    """A page of a folder: the prefix of its keys, and at most `limit` folders and images.

    `is_recursive` lists the images of all depths, without folders. Filters do not hide folders.
    """

    prefix: str
    limit: int
    cursor: str | None = None
    filter: ImageFilter = ImageFilter()
    is_recursive: bool = False


@dataclass(frozen=True, slots=True)
class FolderPage:
    """Folders and images below `prefix`; `cursor` leads to the next page, None at the end."""

    prefix: str
    breadcrumbs: list[Folder]
    folders: list[Folder]
    records: list[ImageRecord]
    cursor: str | None

    def cut(self, count: int, request: FolderRequest) -> "FolderPage":
        """Return the page up to its image number `count`; its cursor continues after that."""
        last = self.records[count - 1].key
        return FolderPage(
            self.prefix,
            self.breadcrumbs,
            [folder for folder in self.folders if folder.prefix < last],
            self.records[:count],
            bound_cursor(_described(self.prefix, request), last),
        )


def list_folder(request: FolderRequest, deps: FolderDeps, caller: Caller) -> FolderPage:
    """Return a page of a folder; raises InvalidCursor, or NotFound for that of another owner.

    A page with a filter may have fewer entries than there are; only a missing cursor says that
    nothing follows.
    """
    root = root_of(caller, deps.prefix)
    prefix = _within(root, request.prefix)
    after = _after(prefix, request)
    is_flat = request.is_recursive or prefix.startswith(f"{deps.prefix}{UPLOADS}")
    reads = request.limit if request.filter.is_open else _FILTERED_READS
    page = deps.keys.page(prefix, after, reads, is_flat=is_flat).cut(reads)
    records = deps.records.get_many([image_id(key) for key in page.keys])
    shown = [one for one in page.entries if _is_shown(one, page, records, request.filter)]
    page = page.up_to(shown[request.limit - 1]) if len(shown) > request.limit else page
    shown = shown[: request.limit]
    return FolderPage(
        prefix,
        breadcrumbs(prefix, root),
        [folder_of(one) for one in shown if one in page.folders],
        [records[image_id(one)] for one in shown if one not in page.folders],
        None if page.is_last else bound_cursor(_described(prefix, request), page.end or after),
    )


def root_of(caller: Caller, prefix: str) -> str:
    """Return the prefix of all keys that a caller may see; raises NotFound for one image."""
    if caller.grant:
        if caller.grant.image:
            raise NotFound("the share link shows one image, and no folder")
        return caller.grant.prefix
    return prefix if caller.sees_all else f"{prefix}{UPLOADS}~{caller.owner}/"


def _within(root: str, prefix: str) -> str:
    """Return a prefix below the root; the root itself for a folder around it."""
    if prefix.startswith(root):
        return prefix
    if root.startswith(prefix):
        return root
    raise NotFound("there is no such folder")


def _after(prefix: str, request: FolderRequest) -> str:
    """Return the position at which a page begins; empty for the first one."""
    if not request.cursor:
        return ""
    after = position_of(_described(prefix, request), request.cursor)
    if not after.startswith(prefix):
        raise InvalidCursor("expected the cursor of a page of this folder")
    return after


def _is_shown(
    entry: str, page: KeyPage, records: Mapping[str, ImageRecord], wanted: ImageFilter
) -> bool:
    if entry in page.folders:
        return True
    record = records.get(image_id(entry))
    return record is not None and wanted.accepts(record)


def _described(prefix: str, request: FolderRequest) -> str:
    return f"{prefix}|{request.filter}|{request.is_recursive}"
