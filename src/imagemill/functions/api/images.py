"""Routes that list, read and delete images."""

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
from imagemill.functions.api.dependencies import Deps, new_router
from imagemill.functions.api.limits import MAX_ANSWER_BYTES, MAX_PAGE_IMAGES
from imagemill.functions.api.models import Accepted, Image, Listing, SelfLink, Status
from imagemill.wiring.presign import UrlSigner

router = new_router()
ImageId = Annotated[str, Path(min_length=ID_LENGTH, max_length=ID_LENGTH, pattern="^[a-z2-7]+$")]
Limit = Annotated[
    int, Query(ge=1, le=MAX_PAGE_IMAGES, description="Largest number of images on the page.")
]
Cursor = Annotated[
    str | SkipJsonSchema[None],
    Query(
        min_length=1,
        max_length=MAX_CURSOR_LENGTH,
        description="The `cursor` of the previous page, which had the same `status`.",
    ),
]
ByStatus = Annotated[
    Status | SkipJsonSchema[None], Query(description="Only images with this status.")
]


@router.get(
    "/images",
    summary="List images, newest first",
    operation_id="listImages",
    responses=with_links(gives(200, "A page of records.", Listing), "/images/0/id")
    | problems("invalid_cursor", *KEYED),
)
def list_images(
    deps: Deps, limit: Limit = 20, cursor: Cursor = None, status: ByStatus = None
) -> Listing:
    """Return a page of records, cut to the size limit of a response."""
    return _listing(list_page(limit, cursor, status, deps.feed), status, deps.presigner)


@router.get(
    "/images/<image_id>",
    summary="Read the record of an image",
    operation_id="readImage",
    responses=gives(200, "The record.", Image) | problems("not_found", "gone", *KEYED),
)
def read_image(deps: Deps, image_id: ImageId) -> Image:
    """Return the record of an image, with URLs of its original and its renditions."""
    return _image(read(image_id, deps.records), deps.presigner)


@router.delete(
    "/images/<image_id>",
    summary="Delete an image",
    description=(
        "Deletes the original at once and the renditions a moment later. "
        "An image that is still being processed cannot be deleted: `not_ready`."
    ),
    operation_id="deleteImage",
    status_code=202,
    responses=gives(202, "Deleted.", Accepted) | problems("not_found", "gone", "not_ready", *KEYED),
)
def delete_image(deps: Deps, image_id: ImageId) -> Accepted:
    """Delete the original; from then on the image answers `gone`."""
    record = delete_original(image_id, deps.deletions)
    links = SelfLink(self=f"/images/{record.id}")
    return Accepted(id=record.id, status="deleted", key=record.key, links=links)


def _image(record: ImageRecord, presigner: UrlSigner) -> Image:
    """Return the record with presigned URLs; keys that no URL can name have none."""
    facts: dict[str, Any] = report(record)
    made = {
        preset: presigner.rendition(record, one)
        for preset, one in record.renditions.items()
        if not has_dot_segments(one.key)
    }
    has_url = record.status != "pending" and not has_dot_segments(record.key)
    original = presigner.original(record) if has_url else None
    return Image.model_validate(facts | {"links": {"original": original, "renditions": made}})


def _listing(page: Page, status: Status | None, presigner: UrlSigner) -> Listing:
    """Return the page, cut to MAX_ANSWER_BYTES; its cursor then continues after the cut."""
    images: list[Image] = []
    left_bytes = MAX_ANSWER_BYTES
    for record in page.records:
        image = _image(record, presigner)
        left_bytes -= 2 * len(image.model_dump_json().encode())
        if left_bytes < 0 and images:
            return Listing(images=images, cursor=cursor_at(_place(images[-1]), status))
        images.append(image)
    return Listing(images=images, cursor=page.cursor)


def _place(image: Image) -> str:
    return f"{image.uploaded_at}#{image.id}"
