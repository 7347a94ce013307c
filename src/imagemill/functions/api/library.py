"""The routes of the library: a folder, and a search."""

from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from imagemill.functions.api.fields import DEFAULT_PAGE_IMAGES, LIMIT, PUBLIC
from imagemill.functions.api.images import listed_images, page_json
from imagemill.functions.api.limits import MAX_ANSWER_BYTES
from imagemill.functions.api.messages import JSON, Request, Response, json_text
from imagemill.functions.api.parameters import ParameterReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagemill.domain.folders import Folder
    from imagemill.domain.image_query import Sort
    from imagemill.domain.record import ImageRecord
    from imagemill.functions.api import models
    from imagemill.functions.api.deps import Deps


def list_folder(request: Request, deps: "Deps") -> Response:
    """Return the folders and the images below a prefix, in the order of their keys."""
    # Only this route needs them.
    from imagemill.api import folders  # noqa: PLC0415
    from imagemill.functions.api.library_fields import (  # noqa: PLC0415
        BOUND_CURSOR,
        PREFIX,
        RECURSIVE,
    )
    from imagemill.functions.api.library_requests import read_filter  # noqa: PLC0415

    reader = ParameterReader(request)
    wanted = folders.FolderRequest(
        prefix=reader.query_text(PREFIX) or "",
        limit=reader.query_number(LIMIT, DEFAULT_PAGE_IMAGES),
        cursor=reader.query_text(BOUND_CURSOR),
        filter=read_filter(reader),
        is_recursive=reader.query_text(RECURSIVE) == "true",
    )
    with_public = reader.query_text(PUBLIC) == "true"
    reader.finish()
    page = folders.list_folder(wanted, deps.folders, request.caller)
    images = _listed(page.records, request, deps, with_public=with_public)
    if len(images) < len(page.records):
        page = page.cut(len(images), wanted)
    body = (
        f'{{"prefix":{json_text(page.prefix)},"breadcrumbs":{json_text(_json(page.breadcrumbs))},'
        f'"folders":{json_text(_json(page.folders))},"images":[{",".join(images)}],'
        f'"cursor":{json_text(page.cursor)}}}'
    )
    return Response(HTTPStatus.OK, JSON, body)


def search_images(request: Request, deps: "Deps") -> Response:
    """Return a page of the images that pass a filter, in the order of the query."""
    # Only this route needs them.
    from imagemill.api.search import cut, search  # noqa: PLC0415
    from imagemill.domain.image_query import ImageQuery  # noqa: PLC0415
    from imagemill.functions.api.library_fields import BOUND_CURSOR, SORT  # noqa: PLC0415
    from imagemill.functions.api.library_requests import read_filter  # noqa: PLC0415

    reader = ParameterReader(request)
    limit = reader.query_number(LIMIT, DEFAULT_PAGE_IMAGES)
    cursor = reader.query_text(BOUND_CURSOR)
    # The field has the choices of the type.
    sort = cast("Sort", reader.query_text(SORT) or "newest")
    query = ImageQuery(read_filter(reader), sort)
    with_public = reader.query_text(PUBLIC) == "true"
    reader.finish()
    page = search(limit, cursor, query, deps.index, request.caller)
    images = _listed(page.records, request, deps, with_public=with_public)
    if len(images) < len(page.records):
        page = cut(page, len(images), query)
    return Response(HTTPStatus.OK, JSON, page_json(images, page.cursor))


def _listed(
    records: "Sequence[ImageRecord]", request: Request, deps: "Deps", *, with_public: bool
) -> list[str]:
    """Return the JSON of images in half of a response; the rest is for folders and breadcrumbs."""
    half = MAX_ANSWER_BYTES // 2
    return listed_images(records, request, deps, with_public=with_public, most_bytes=half)


def _json(folders: "Sequence[Folder]") -> "list[models.Folder]":
    return [{"name": folder.name, "prefix": folder.prefix} for folder in folders]
