"""Routes that tell of images, and the one that deletes them."""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler.openapi.params import Path, Query
from pydantic.json_schema import SkipJsonSchema

from imagemill.api.delete import delete_original
from imagemill.api.read import Page, list_page, read
from imagemill.domain.cursor import MAX_CURSOR_LENGTH, cursor_at
from imagemill.domain.keys import ID_LENGTH, has_dot_segments
from imagemill.domain.record import ImageRecord
from imagemill.domain.record_json import report
from imagemill.functions.api.answers import KEYED, gives, problems, with_links
from imagemill.functions.api.dependencies import Desk, new_router
from imagemill.functions.api.limits import MAX_ANSWER_BYTES, MAX_PAGE_IMAGES
from imagemill.functions.api.models import Accepted, Image, Listing, SelfLink, Status
from imagemill.wiring.presign import UrlSigner

router = new_router()
ImageId = Annotated[str, Path(min_length=ID_LENGTH, max_length=ID_LENGTH, pattern="^[a-z2-7]+$")]
Limit = Annotated[int, Query(ge=1, le=MAX_PAGE_IMAGES, description="Most images on the page.")]
Cursor = Annotated[
    str | SkipJsonSchema[None],
    Query(
        min_length=1,
        max_length=MAX_CURSOR_LENGTH,
        description="The `cursor` of the page before, asked for with the same status.",
    ),
]
ByStatus = Annotated[Status | SkipJsonSchema[None], Query(description="Only images in this state.")]


@router.get(
    "/images",
    summary="List images, newest first",
    operation_id="listImages",
    responses=with_links(gives(200, "A page.", Listing), "/images/0/id")
    | problems("invalid_cursor", *KEYED),
)
def list_images(
    deps: Desk, limit: Limit = 20, cursor: Cursor = None, status: ByStatus = None
) -> Listing:
    """Return a page of records, as many of them as one answer can carry."""
    return _listing(list_page(limit, cursor, status, deps.feed), status, deps.links)


@router.get(
    "/images/<image_id>",
    summary="Read an image's record",
    operation_id="readImage",
    responses=gives(200, "Everything known of it.", Image) | problems("not_found", "gone", *KEYED),
)
def read_image(deps: Desk, image_id: ImageId) -> Image:
    """Return an image's record, with addresses of its original and its renditions."""
    return _shown(read(image_id, deps.records), deps.links)


@router.delete(
    "/images/<image_id>",
    summary="Delete an image",
    description=(
        "The original goes at once, and moments later everything made from it. "
        "An image that is still being worked on can be deleted when that is done."
    ),
    operation_id="deleteImage",
    status_code=202,
    responses=gives(202, "Deleted.", Accepted) | problems("not_found", "gone", "not_ready", *KEYED),
)
def delete_image(deps: Desk, image_id: ImageId) -> Accepted:
    """Delete the original; from now on the image is gone."""
    record = delete_original(image_id, deps.exit)
    links = SelfLink(self=f"/images/{record.id}")
    return Accepted(id=record.id, status="deleted", key=record.key, links=links)


def _shown(record: ImageRecord, links: UrlSigner) -> Image:
    """Return the record with addresses of the objects that an address can lead to."""
    facts: dict[str, Any] = report(record)
    made = {
        preset: links.rendition(record, one)
        for preset, one in record.renditions.items()
        if not has_dot_segments(one.key)
    }
    shown = record.status != "pending" and not has_dot_segments(record.key)
    original = links.original(record) if shown else None
    return Image.model_validate(facts | {"links": {"original": original, "renditions": made}})


def _listing(page: Page, status: Status | None, links: UrlSigner) -> Listing:
    """Return the page, cut where the answer would be more than Lambda can carry."""
    images: list[Image] = []
    room = MAX_ANSWER_BYTES
    for record in page.records:
        image = _shown(record, links)
        room -= 2 * len(image.model_dump_json().encode())
        if room < 0 and images:
            return Listing(images=images, cursor=cursor_at(_place(images[-1]), status))
        images.append(image)
    return Listing(images=images, cursor=page.cursor)


def _place(image: Image) -> str:
    return f"{image.uploaded_at}#{image.id}"
