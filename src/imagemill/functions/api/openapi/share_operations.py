"""The operations of share links in the OpenAPI document."""

from collections.abc import Callable, Mapping

from imagemill.domain.share import DEFAULT_S, LONGEST_S
from imagemill.functions.api import access, share_models
from imagemill.functions.api.fields import DEFAULT_PAGE_IMAGES, LIMIT
from imagemill.functions.api.library_fields import BOUND_CURSOR
from imagemill.functions.api.openapi.operations import KEYED, Operation
from imagemill.functions.api.openapi.request_bodies import json_body
from imagemill.functions.api.openapi.schemas import schema_of_field
from imagemill.functions.api.share_fields import (
    ORIGINALS,
    SECONDS,
    SHARE_ID,
    SHARED_IMAGE,
    SHARED_PREFIX,
)

_DAY_S = 24 * 3600
_REQUEST = {
    "properties": {
        SHARED_IMAGE.name: schema_of_field(SHARED_IMAGE),
        SHARED_PREFIX.name: schema_of_field(SHARED_PREFIX),
        SECONDS.name: {**schema_of_field(SECONDS), "default": DEFAULT_S},
        ORIGINALS.name: {**schema_of_field(ORIGINALS), "default": False},
    },
    "additionalProperties": False,
    "type": "object",
    "oneOf": [{"required": [SHARED_IMAGE.name]}, {"required": [SHARED_PREFIX.name]}],
    "title": "ShareRequest",
    "description": "A share link to one image or to a folder.",
}

# By the function that answers, as `OPERATIONS`.
SHARE_OPERATIONS: Mapping[Callable[..., object], Operation] = {
    access.create_share: Operation(
        "createShare",
        "Share an image or a folder",
        201,
        "The share link.",
        ("unsupported_media_type", "not_found", "gone", *KEYED),
        share_models.NewShare,
        description=(
            "Everybody with the link may see the image, or all images below the prefix, without "
            f"other credentials: for {DEFAULT_S // _DAY_S} days, unless `seconds` says otherwise, "
            f"and {LONGEST_S // _DAY_S} days at most."
        ),
        body=json_body(_REQUEST),
    ),
    access.list_shares: Operation(
        "listShares",
        "List share links",
        200,
        "A page of valid links, newest first.",
        ("not_found", "invalid_cursor", *KEYED),
        share_models.ShareListing,
        description="Those that the caller has made; an administrator sees all.",
        in_query=(LIMIT, BOUND_CURSOR),
        defaults={LIMIT.name: DEFAULT_PAGE_IMAGES},
    ),
    access.revoke_share: Operation(
        "revokeShare",
        "Revoke a share link",
        200,
        "The revoked link.",
        ("not_found", *KEYED),
        share_models.Share,
        description="The link shows nothing from then on. A second request has the same answer.",
        in_path=(SHARE_ID,),
    ),
    access.describe_share: Operation(
        "describeShare",
        "Read the images and the end of a share link",
        200,
        "Its images and its end.",
        ("not_found", *KEYED),
        share_models.ShareScope,
        description="For a request with the token of a share link.",
    ),
}
