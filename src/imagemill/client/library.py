"""Searches and folders: their filters, requests and results."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Literal, TypedDict

from imagemill.client.exchange import Ask, Flow, accepted
from imagemill.client.images import Image, Page, Status, image_in
from imagemill.dataclass import dataclass

Sort = Literal["newest", "oldest", "name", "name_desc"]
Params = Mapping[str, str | int]


class Filters(TypedDict, total=False):
    """Only images that pass all filters; None and an empty text are no filter.

    `since` and `until` are uploads at this time or later, and before it: a `datetime` with a time
    zone, a `date` in UTC, or a text such as `2026-05-04` or `2026-05-04T10:20:30Z`. `name` is a
    part of the file name, as it is or in small, capital or initial capital letters. `format` is
    that of the original, such as `jpeg`; sizes are those of the original, in bytes.
    """

    name: str | None
    status: Status | None
    format: str | None
    since: date | str | None
    until: date | str | None
    min_bytes: int | None
    max_bytes: int | None


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder: its name, and the prefix of the keys in it."""

    name: str
    prefix: str


@dataclass(frozen=True, slots=True)
class FolderPage:
    """Some folders and images below a prefix, in the order of their keys.

    `breadcrumbs` are the folders on the way to it. `cursor` leads to the next page, None at the
    end.
    """

    prefix: str
    breadcrumbs: tuple[Folder, ...]
    folders: tuple[Folder, ...]
    images: tuple[Image, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page: the cursor of the one before, its size, and whether images have addresses."""

    cursor: str | None
    limit: int
    public: bool

    @property
    def params(self) -> Params:
        """The parameters of the request."""
        params: dict[str, str | int] = {"limit": self.limit}
        params |= {"cursor": self.cursor} if self.cursor else {}
        params |= {"public": "true"} if self.public else {}
        return params


def search(asked: PageRequest, sort: Sort, filters: Filters) -> Flow[Page]:
    """Return a page of the images that a search finds."""
    params = {**asked.params, "sort": sort, **filter_params(filters)}
    found = (yield from accepted(Ask("GET", "/search", params=params))).json()
    return Page(tuple(map(image_in, found["images"])), found["cursor"])


def folder(
    asked: PageRequest, prefix: str, filters: Filters, *, recursive: bool
) -> Flow[FolderPage]:
    """Return a page of a folder."""
    params = {**asked.params, "prefix": prefix, **filter_params(filters)}
    params |= {"recursive": "true"} if recursive else {}
    found = (yield from accepted(Ask("GET", "/folders", params=params))).json()
    return FolderPage(
        prefix=found["prefix"],
        breadcrumbs=_folders_in(found["breadcrumbs"]),
        folders=_folders_in(found["folders"]),
        images=tuple(map(image_in, found["images"])),
        cursor=found["cursor"],
    )


def filter_params(filters: Filters) -> Params:
    """Return the parameters of filters; raises TypeError for an unknown one."""
    unknown = filters.keys() - Filters.__annotations__.keys()
    if unknown:
        raise TypeError(f"there is no filter {min(unknown)!r}")
    given: Mapping[str, object] = filters
    return {name: _text(value) for name, value in given.items() if value not in (None, "")}


def _text(value: object) -> str | int:
    """Return a value as the API reads it; raises ValueError for a time without a zone."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"expected a time with a time zone, got {value.isoformat()}")
        utc = value.astimezone(UTC).replace(tzinfo=None)
        return f"{utc.isoformat(timespec='milliseconds')}Z"
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _folders_in(facts: list[dict[str, str]]) -> tuple[Folder, ...]:
    return tuple(Folder(one["name"], one["prefix"]) for one in facts)
