"""The JSON of responses about share links, as `models`; imported for type checking only."""

from __future__ import annotations

from typing import Annotated, TypedDict

from imagemill.domain.share import ID_LENGTH


class ShareScope(TypedDict):
    """The images that a share link shows: one with its id, or those below a prefix."""

    image: Annotated[str | None, {"description": "Id of the image; null for a folder."}]
    prefix: str | None
    originals: Annotated[bool, {"description": "Whether it shows the uploaded files, too."}]
    expires_at: str


class Share(ShareScope):
    """A share link; `key` is that of a shared image, `made_by` the credentials that made it."""

    id: Annotated[str, {"minLength": ID_LENGTH, "maxLength": ID_LENGTH}]
    key: str | None
    made_by: str
    created_at: str
    revoked_at: str | None


class NewShare(Share):
    """A share link that was just made, with its token, which is shown only now.

    `url` is the address in the gallery; null without one.
    """

    token: str
    url: str | None


class ShareListing(TypedDict):
    """A page of valid share links, newest first."""

    shares: list[Share]
    cursor: Annotated[
        str | None,
        {
            "description": (
                "Cursor of the next page; null on the last. Pages may be shorter than `limit`."
            )
        },
    ]
