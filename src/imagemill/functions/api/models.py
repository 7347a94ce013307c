"""The JSON of responses: types for mypy, from which the OpenAPI document is generated.

Imported for type checking only, because making a TypedDict takes time at a cold start. The metadata
of `Annotated` are keywords of JSON Schema.
"""

from __future__ import annotations

from typing import Annotated, Literal, NotRequired, TypedDict

from imagemill.domain.keys import ID_LENGTH

ImageId = Annotated[str, {"minLength": ID_LENGTH, "maxLength": ID_LENGTH, "pattern": "^[a-z2-7]+$"}]
Status = Literal["pending", "ready", "rejected", "failed"]
Hdr = Literal["gain_map", "pq", "hlg"]
_HDR = "How it is brighter than white on an HDR screen; null if it is not."
Brightness = Annotated[Hdr | None, {"description": _HDR}]
_CURSOR = "Cursor of the next page; null on the last. Pages may be shorter than `limit`."
Cursor = Annotated[str | None, {"description": _CURSOR}]


class Original(TypedDict):
    """Facts of the uploaded file: bytes, and pixels as displayed; null if unknown.

    `captured_at` is the camera's local time without a time zone; `camera` and `lens` are make and
    model. `focal_length_mm` is that of the lens itself, not of the equivalent for 35 mm film.
    """

    bytes: int
    width: int | None
    height: int | None
    format: str | None
    frames: int | None
    captured_at: str | None
    camera: str | None
    hdr: Brightness
    lens: str | None
    exposure_time_s: float | None
    f_number: float | None
    iso: int | None
    focal_length_mm: float | None


class Rendition(TypedDict):
    """One resized image; sizes in bytes and pixels."""

    key: str
    bytes: int
    width: int
    height: int
    format: str
    hdr: Brightness
    quality: Annotated[
        int | None,
        {"description": "Quality that was chosen for the preset's score; null if none was."},
    ]


class Archived(TypedDict):
    """The object that holds a JPEG original as lossless JPEG XL; its size is in bytes.

    `original` and `etag` are still those of the JPEG.
    """

    bytes: int
    etag: str
    sha256: Annotated[str, {"description": "SHA-256 of the JPEG, in hexadecimal digits."}]
    replaces: Annotated[str, {"description": "Version id that the JPEG had in the bucket."}]
    at: Annotated[str, {"description": "Time of the object, in ISO 8601 UTC."}]


class FocalPoint(TypedDict):
    """A point of the upright image, from 0 to 1 across and down."""

    x: Annotated[float, {"minimum": 0, "maximum": 1}]
    y: Annotated[float, {"minimum": 0, "maximum": 1}]


class Fault(TypedDict):
    """The error of a rejected or failed image."""

    code: str
    message: str


class ImageLinks(TypedDict):
    """Presigned URLs; they need no API key and work for 15 minutes.

    `original` is null until the file has arrived, and for a key that no URL can name. That of an
    archived original is an address of this API, which redirects to the JPEG.
    """

    original: str | None
    renditions: dict[str, str]


class Image(TypedDict):
    """The record of one image; times are ISO 8601 in UTC."""

    id: ImageId
    key: str
    filename: str
    owner: Annotated[str | None, {"description": "Id of the image's owner; null for none."}]
    status: Status
    sequencer: str
    uploaded_at: str
    version_id: str
    etag: str
    original: Original | None
    archived: Archived | None
    renditions: dict[str, Rendition]
    recipe: Annotated[str | None, {"description": "Hash of the presets that were made."}]
    rule: Annotated[str | None, {"description": "Name of the rule that the upload chose."}]
    focus: FocalPoint | None
    focus_applied: Annotated[bool, {"description": "Whether the renditions show the focal point."}]
    placeholder: Annotated[str | None, {"description": "A ThumbHash in base64."}]
    colour: Annotated[str | None, {"description": "The dominant colour, as #rrggbb."}]
    warnings: list[str]
    error: Fault | None
    attempts: int
    processed_at: str | None
    processing_ms: int | None
    links: ImageLinks


class PublicLinks(TypedDict):
    """Addresses at the distribution, which need no API key.

    If the images are private, those of `renditions`, `srcset` and `html` are signed for a limited
    time, and `iiif` needs the cookies of `POST /cookies`.

    `srcset` is for an `img` element, `html` is a `picture` element. Both are null if every
    rendition is cropped and no sizes are made on request. `iiif` is the address of the IIIF Image
    API 3.0 without `/info.json`; null if no sizes are made on request.
    """

    renditions: dict[str, str]
    srcset: str | None
    html: str | None
    iiif: str | None


class StateChange(TypedDict):
    """A state that an image got at a time, in ISO 8601 UTC, by an attempt; 0: by no worker.

    An upload under the key of a deleted image continues its history.
    """

    status: Literal["pending", "ready", "rejected", "failed", "deleted"]
    at: str
    attempt: int
    code: Annotated[str | None, {"description": "Code of the error; null without one."}]


class ImageDetails(Image):
    """The record of one image, with its public addresses; null if there is none.

    `history` are its last 20 states, the oldest first.
    """

    public: PublicLinks | None
    history: list[StateChange]


class ListedImage(Image):
    """The record of one image in a list; with `public` if the request asks for it."""

    public: NotRequired[PublicLinks | None]


class CookieLink(TypedDict):
    """A URL of the distribution that sets cookies with which it shows private images.

    The cookies end at `expires_at`.
    """

    url: str
    expires_at: str


class Listing(TypedDict):
    """A page of images, newest first."""

    images: list[ListedImage]
    cursor: Cursor


class Folder(TypedDict):
    """A folder: its name, and the prefix of the keys in it."""

    name: str
    prefix: str


class FolderListing(TypedDict):
    """A page of a folder: folders and images, each in the order of their keys.

    `breadcrumbs` are the folders on the way to this one.
    """

    prefix: str
    breadcrumbs: list[Folder]
    folders: list[Folder]
    images: list[ListedImage]
    cursor: Cursor


class SearchResult(TypedDict):
    """A page of the images that a search has found, in its order."""

    images: list[ListedImage]
    cursor: Cursor


class SelfLink(TypedDict):
    """Path of the image's record, relative to the URL of the API."""

    self: str


class Accepted(TypedDict):
    """An accepted request; read the record by its id to see the progress."""

    id: ImageId
    status: Literal["pending", "deleted"]
    key: str
    links: SelfLink


class UploadTicket(TypedDict):
    """A form: post `fields`, then the file as field `file`, to `url` as multipart/form-data."""

    id: ImageId
    status: Literal["pending"]
    key: str
    url: str
    fields: dict[str, str]
    expires_at: Annotated[str, {"description": "Time after which the form is refused."}]
    max_bytes: Annotated[int, {"description": "The largest file that the form accepts."}]
    links: SelfLink


class Health(TypedDict):
    """The API works."""

    status: Literal["ok"]


class ProblemLinks(TypedDict):
    """Paths of alternatives."""

    uploads: str


class Problem(TypedDict):
    """An error (RFC 9457); `code` is stable."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    links: NotRequired[ProblemLinks | None]
