"""Routes that list, read, change and delete images."""

import hashlib
from http import HTTPStatus
from typing import TYPE_CHECKING, cast

from imagemill.api.delete import delete_original
from imagemill.api.read import Page, list_page, read
from imagemill.domain.cursor import cursor_at
from imagemill.functions.api.audit import audit
from imagemill.functions.api.fields import (
    CURSOR,
    DEFAULT_PAGE_IMAGES,
    IMAGE_ID,
    LIMIT,
    PUBLIC,
    STATUS,
)
from imagemill.functions.api.image_json import accepted, history_of, image_of
from imagemill.functions.api.limits import MAX_ANSWER_BYTES
from imagemill.functions.api.messages import JSON, Request, Response, json_text
from imagemill.functions.api.parameters import ParameterReader

if TYPE_CHECKING:
    from collections.abc import Sequence

    from imagemill.domain.record import ImageRecord
    from imagemill.functions.api.deps import Deps
    from imagemill.functions.api.models import (
        Image,
        ImageDetails,
        ListedImage,
        PublicLinks,
        Status,
    )


def list_images(request: Request, deps: "Deps") -> Response:
    """Return a page of records, cut to the size limit of a response; 304 if the client has it."""
    reader = ParameterReader(request)
    limit = reader.query_number(LIMIT, DEFAULT_PAGE_IMAGES)
    cursor = reader.query_text(CURSOR)
    # The field has the choices of the type.
    status = cast("Status | None", reader.query_text(STATUS))
    with_public = reader.query_text(PUBLIC) == "true"
    reader.finish()
    page = list_page(limit, cursor, status, deps.feed, request.caller)
    version = {"ETag": _version_of(page)}
    if version["ETag"] in request.headers.get("if-none-match", ""):
        return Response(HTTPStatus.NOT_MODIFIED, headers=version)
    images = listed_images(page.records, request, deps, with_public=with_public)
    cursor = page.cursor
    if len(images) < len(page.records):
        last = page.records[len(images) - 1]
        cursor = cursor_at(f"{last.uploaded_at}#{last.id}", status)
    return Response(HTTPStatus.OK, JSON, page_json(images, cursor), version)


def read_image(request: Request, deps: "Deps") -> Response:
    """Return the record of an image, with URLs of its original and its renditions."""
    record = read(image_id_in(request), deps.records, request.caller)
    found: ImageDetails = {
        **image_of(record, deps.presigner),
        "public": _public(record, request, deps),
        "history": history_of(record),
    }
    return Response(HTTPStatus.OK, JSON, json_text(found))


def change_image(request: Request, deps: "Deps") -> Response:
    """Set or remove the focal point; the renditions are made again."""
    # Only this route needs them.
    from imagemill.api.focus import change_focus  # noqa: PLC0415
    from imagemill.functions.api.bodies import json_body  # noqa: PLC0415
    from imagemill.functions.api.json_bodies import parse_focus_change  # noqa: PLC0415

    image_id, focus = image_id_in(request), parse_focus_change(json_body(request))
    record = change_focus(image_id, focus, deps.looks, request.caller)
    audit("focus", request.caller, record)
    return Response(HTTPStatus.ACCEPTED, JSON, json_text(image_of(record, deps.presigner)))


def reprocess_image(request: Request, deps: "Deps") -> Response:
    """Have the renditions made again, in any state of the image."""
    # Only this route needs it.
    from imagemill.api.reprocess import reprocess  # noqa: PLC0415

    record = reprocess(image_id_in(request), deps.looks, request.caller)
    audit("reprocess", request.caller, record)
    return Response(HTTPStatus.ACCEPTED, JSON, json_text(image_of(record, deps.presigner)))


def move_image(request: Request, deps: "Deps") -> Response:
    """Move an image to a folder; the former id answers `gone` from then on."""
    # Only this route needs them.
    from imagemill.api.move import move_original  # noqa: PLC0415
    from imagemill.functions.api.bodies import json_body  # noqa: PLC0415
    from imagemill.functions.api.json_bodies import parse_move  # noqa: PLC0415

    request.caller.require("delete")
    image_id, folder = image_id_in(request), parse_move(json_body(request))
    record = move_original(image_id, folder, deps.moves, request.caller)
    audit("move", request.caller, record, former=image_id)
    return Response(HTTPStatus.ACCEPTED, JSON, json_text(accepted(record, "pending")))


def delete_image(request: Request, deps: "Deps") -> Response:
    """Delete the original; from then on the image answers `gone`."""
    record = delete_original(image_id_in(request), deps.deletions, request.caller)
    audit("delete", request.caller, record)
    return Response(HTTPStatus.ACCEPTED, JSON, json_text(accepted(record, "deleted")))


def image_id_in(request: Request) -> str:
    """Return the id in a path of which it is the only parameter; raises InvalidRequest."""
    reader = ParameterReader(request)
    image_id = reader.path_text(IMAGE_ID)
    reader.finish()
    return image_id


def listed_images(
    records: "Sequence[ImageRecord]",
    request: Request,
    deps: "Deps",
    *,
    with_public: bool,
    most_bytes: int = MAX_ANSWER_BYTES,
) -> list[str]:
    """Return the JSON of the first images that fit into `most_bytes`; at least one of them.

    Lambda returns a body as text inside JSON, where each character takes up to two bytes.
    """
    images: list[str] = []
    left_bytes = most_bytes
    for record in records:
        image: Image | ListedImage = image_of(record, deps.presigner)
        if with_public:
            image = {**image, "public": _public(record, request, deps)}
        text = json_text(image)
        left_bytes -= 2 * len(text)
        if left_bytes < 0 and images:
            break
        images.append(text)
    return images


def page_json(images: "Sequence[str]", cursor: str | None) -> str:
    """Return the JSON of a page of images, each of them in JSON."""
    return f'{{"images":[{",".join(images)}],"cursor":{json_text(cursor)}}}'


def _public(record: "ImageRecord", request: Request, deps: "Deps") -> "PublicLinks | None":
    # Imported here because a cold start of the other routes need not load it.
    from imagemill.functions.api.public_links import public_links  # noqa: PLC0415

    return public_links(record, request.site, deps.links)


def _version_of(page: Page) -> str:
    """Return the entity tag of a page: it changes when a record is added, written or deleted.

    It is weak (RFC 9110, 8.8.1), because the signatures in the URLs differ in every answer.
    """
    versions = [f"{record.id}{record.revision}" for record in page.records]
    text = ",".join([*versions, page.cursor or ""])
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
