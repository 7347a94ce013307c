"""The operations of the OpenAPI document: its entries beyond the method and path of a route."""

from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from imagemill.dataclass import dataclass
from imagemill.functions.api import (
    access,
    docs,
    images,
    library,
    models,
    renditions,
)
from imagemill.functions.api.fields import (
    CURSOR,
    DEFAULT_PAGE_IMAGES,
    IMAGE_ID,
    LIMIT,
    PRESET,
    PUBLIC,
    STATUS,
    TOKEN,
    Field,
)
from imagemill.functions.api.library_fields import (
    BOUND_CURSOR,
    FORMAT,
    MAX_BYTES,
    MIN_BYTES,
    NAME,
    PREFIX,
    RECURSIVE,
    SINCE,
    SORT,
    UNTIL,
)
from imagemill.functions.api.openapi.request_bodies import CHANGE, MOVE, json_body
from imagemill.functions.api.problems import OF_IMAGES

# Error codes of every route; some of them are sent by API Gateway itself.
ALWAYS = (
    "bad_request",
    "invalid_request",
    "too_many_requests",
    "internal",
    "throttled",
    "store_unavailable",
    "timed_out",
)
# Error codes of every route that needs an API key, a token or a signature.
KEYED = (
    *ALWAYS,
    *("unauthorized", "share_expired", "share_revoked"),
    *("forbidden", "quota_exceeded", "issuer_unavailable"),
)
# Fields that narrow folders and searches.
_FILTERS = (NAME, STATUS, FORMAT, SINCE, UNTIL, MIN_BYTES, MAX_BYTES)


@dataclass(frozen=True, slots=True)
class Operation:
    """One route in the document.

    `model` is that of the JSON response; without one, the response is a redirect. `id_at` is the
    JSON pointer to an image's id in it, and `problems` are the codes of the errors. An answer
    `has_version` if a client may ask whether it changed.
    """

    operation_id: str
    summary: str
    status: int
    result: str
    problems: tuple[str, ...]
    model: type | None = None
    description: str = ""
    in_path: tuple[Field, ...] = ()
    in_query: tuple[Field, ...] = ()
    required_in_query: tuple[str, ...] = ()
    defaults: Mapping[str, object] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    id_at: str = ""
    is_open: bool = False
    has_version: bool = False


# By the function that answers; those of uploads are in `upload_operations`.
OPERATIONS: Mapping[Callable[..., object], Operation] = {
    images.read_image: Operation(
        "readImage",
        "Read the record of an image",
        200,
        "The record.",
        ("not_found", "gone", *KEYED),
        models.ImageDetails,
        in_path=(IMAGE_ID,),
    ),
    images.change_image: Operation(
        "changeImage",
        "Set the focal point of an image",
        202,
        "The record; `focus_applied` becomes true when the renditions are made again.",
        (
            *("unsupported_media_type", "not_found", "gone", "not_ready", "failed"),
            *OF_IMAGES,
            *KEYED,
        ),
        models.Image,
        description=(
            "Crops without a focus of their own, also those of images on request, are made again "
            "around the point; null removes it."
        ),
        in_path=(IMAGE_ID,),
        body=json_body(CHANGE),
    ),
    images.reprocess_image: Operation(
        "reprocessImage",
        "Process an image again",
        202,
        "The record as it is until then; a new `processed_at` shows that the work is done.",
        ("not_found", "gone", "not_ready", *KEYED),
        models.Image,
        description=(
            "Makes the renditions again with the present recipe, also of an image that is ready, "
            "was rejected or has failed."
        ),
        in_path=(IMAGE_ID,),
    ),
    images.move_image: Operation(
        "moveImage",
        "Move an image to a folder",
        202,
        "Moved; the image has a new key and a new id.",
        (
            *("read_only", "not_found", "gone", "not_ready", "exists", "too_many_bytes"),
            *("ignored", "unsupported_media_type"),
            *KEYED,
        ),
        models.Accepted,
        description=(
            "Copies the original with its metadata, its tags and the focal point to the new key, "
            "and deletes it under the former one. The renditions are made again. Needs the scopes "
            "`upload` and `delete`."
        ),
        in_path=(IMAGE_ID,),
        body=json_body(MOVE),
        id_at="/id",
    ),
    images.delete_image: Operation(
        "deleteImage",
        "Delete an image",
        202,
        "Deleted.",
        ("read_only", "not_found", "gone", "not_ready", *KEYED),
        models.Accepted,
        description=(
            "Deletes the original at once and the renditions a moment later. "
            "An image that is still being processed cannot be deleted: `not_ready`."
        ),
        in_path=(IMAGE_ID,),
    ),
    renditions.fetch_rendition: Operation(
        "fetchRendition",
        "Get a rendition",
        302,
        "Redirect to the rendition.",
        (
            *("not_found", "gone", "unknown_preset", "no_address", "not_ready", "failed"),
            *OF_IMAGES,
            *KEYED,
        ),
        in_path=(IMAGE_ID, PRESET),
    ),
    renditions.fetch_original: Operation(
        "fetchOriginal",
        "Get the original",
        302,
        "Redirect to the original.",
        ("not_found", "gone", "no_address", "not_ready", *KEYED),
        in_path=(IMAGE_ID,),
    ),
    renditions.fetch_archived: Operation(
        "fetchArchived",
        "Get an archived original",
        302,
        "Redirect to the JPEG.",
        ("unauthorized", "not_found", "gone", "no_address", "not_ready", *ALWAYS),
        description=(
            "With `ArchiveOriginals`: the address of an archived original in `links`. The token in "
            "it is the credential, and works for 15 minutes."
        ),
        in_path=(TOKEN,),
        is_open=True,
    ),
    images.list_images: Operation(
        "listImages",
        "List images, newest first",
        200,
        "A page of records.",
        ("invalid_cursor", *KEYED),
        models.Listing,
        in_query=(LIMIT, CURSOR, STATUS, PUBLIC),
        defaults={LIMIT.name: DEFAULT_PAGE_IMAGES},
        id_at="/images/0/id",
        has_version=True,
    ),
    library.list_folder: Operation(
        "listFolder",
        "List a folder",
        200,
        "Folders and records, in the order of their keys.",
        ("not_found", "invalid_cursor", *KEYED),
        models.FolderListing,
        description=(
            "A folder is a part of keys that ends with a slash. Filters do not hide folders. Below "
            "`uploads/` there are none, because these parts of keys are random."
        ),
        in_query=(PREFIX, LIMIT, BOUND_CURSOR, *_FILTERS, RECURSIVE, PUBLIC),
        defaults={LIMIT.name: DEFAULT_PAGE_IMAGES},
        id_at="/images/0/id",
    ),
    library.search_images: Operation(
        "searchImages",
        "Search for images",
        200,
        "A page of records.",
        ("invalid_cursor", *KEYED),
        models.SearchResult,
        description="Finds the images that pass all filters, in all folders.",
        in_query=(*_FILTERS, SORT, LIMIT, BOUND_CURSOR, PUBLIC),
        defaults={LIMIT.name: DEFAULT_PAGE_IMAGES, SORT.name: "newest"},
        id_at="/images/0/id",
    ),
    access.open_images: Operation(
        "openImages",
        "Open private images to a browser",
        201,
        "A URL that sets cookies.",
        ("not_found", *KEYED),
        models.CookieLink,
        description=(
            "With `Private=true`. A browser that opens the URL may load the images that the caller "
            "may read, until `expires_at`."
        ),
    ),
    docs.health: Operation(
        "health",
        "Check that the API works",
        200,
        "The API works.",
        ALWAYS,
        models.Health,
        is_open=True,
    ),
}
