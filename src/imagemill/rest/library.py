"""Lists, folders and searches by the REST API."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from imagemill.api.folders import FolderPage, FolderRequest
from imagemill.api.read import Page
from imagemill.client.operations import PAGE_SIZE
from imagemill.domain.folders import Folder
from imagemill.domain.record_json import reported
from imagemill.rest.faults import existing

if TYPE_CHECKING:
    import httpx

    from imagemill.domain.image_filter import ImageFilter
    from imagemill.domain.image_query import ImageQuery
    from imagemill.domain.record import ImageRecord, Status

Params = Mapping[str, str | int]


class ApiFeed:
    """The listing, page by page; `ask` sends a GET request with parameters."""

    def __init__(self, ask: "Callable[[str, Params], httpx.Response]") -> None:
        self._ask = ask

    def newest(
        self, limit: int, before: str | None = None, status: "Status | None" = None
    ) -> "list[ImageRecord]":
        """Return up to `limit` records, newest first; `before` is a cursor of the API."""
        found: list[ImageRecord] = []
        cursor = before
        while len(found) < limit:
            params: dict[str, str | int] = {"limit": min(limit - len(found), PAGE_SIZE)}
            params |= {"status": status} if status else {}
            params |= {"cursor": cursor} if cursor else {}
            page = self._ask("/images", params).json()
            found += map(reported, page["images"])
            cursor = page["cursor"]
            if cursor is None:
                break
        return found


def list_folder(
    ask: "Callable[[str, Params], httpx.Response]", request: FolderRequest
) -> FolderPage:
    """Return a page of a folder; raises NotFound for one of another owner.

    `ask` sends a GET request with parameters.
    """
    params: dict[str, str | int] = {"prefix": request.prefix, "limit": request.limit}
    params |= {"cursor": request.cursor} if request.cursor else {}
    params |= {"recursive": "true"} if request.is_recursive else {}
    page = existing(ask("/folders", params | filter_params(request.filter))).json()
    return FolderPage(
        prefix=page["prefix"],
        breadcrumbs=[Folder(**one) for one in page["breadcrumbs"]],
        folders=[Folder(**one) for one in page["folders"]],
        records=[reported(one) for one in page["images"]],
        cursor=page["cursor"],
    )


def search(
    ask: "Callable[[str, Params], httpx.Response]",
    limit: int,
    cursor: str | None,
    query: "ImageQuery",
) -> Page:
    """Return a page of a search; `ask` sends a GET request with parameters."""
    params: dict[str, str | int] = {"limit": limit, "sort": query.sort}
    params |= {"cursor": cursor} if cursor else {}
    page = ask("/search", params | filter_params(query.filter)).json()
    return Page([reported(one) for one in page["images"]], page["cursor"])


def filter_params(wanted: "ImageFilter") -> dict[str, str | int]:
    """Return the parameters of a filter."""
    times = {"since": wanted.since, "until": wanted.until}
    facts = {
        "status": wanted.status,
        "format": wanted.format,
        **{name: _time(text) for name, text in times.items() if text},
        "min_bytes": wanted.min_bytes,
        "max_bytes": wanted.max_bytes,
        "name": wanted.name,
    }
    return {name: value for name, value in facts.items() if value is not None}


def _time(text: str) -> str:
    return f"{text}Z" if "T" in text else text
