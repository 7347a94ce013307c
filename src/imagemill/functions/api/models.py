"""The models of requests and responses: they validate both and generate the OpenAPI document."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from imagemill.domain.keys import ID_LENGTH

Status = Literal["pending", "ready", "rejected", "failed"]
ImageIdText = Annotated[
    str,
    StringConstraints(min_length=ID_LENGTH, max_length=ID_LENGTH, pattern="^[a-z2-7]+$"),
]
# Longest file name in a request, in characters; S3 limits a key to 1,024 bytes.
MAX_FILENAME_LENGTH = 1024


def _require_number(value: object) -> object:
    if isinstance(value, bool | str):
        raise ValueError(f"expected a number, got {type(value).__name__}")  # noqa: TRY004  # pydantic expects ValueError
    return value


# An integer as JSON Schema sees it: 5.0 is one, "5" and true are not.
Size = Annotated[int, BeforeValidator(_require_number)]


def _lowered(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


# Text converted to lower case, such as a media type, which is case-insensitive.
Lowered = Annotated[str, BeforeValidator(_lowered)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", serialize_by_alias=True, validate_by_name=True)


class Original(_Model):
    """Facts of the uploaded file: bytes, and pixels as displayed; null if unknown.

    `captured_at` is the camera's local time without a time zone; `camera` is its make and model.
    """

    bytes: int
    width: int | None
    height: int | None
    format: str | None
    frames: int | None
    captured_at: str | None
    camera: str | None


class Rendition(_Model):
    """One resized image; sizes in bytes and pixels."""

    key: str
    bytes: int
    width: int
    height: int
    format: str


class Fault(_Model):
    """The error of a rejected or failed image."""

    code: str
    message: str


class ImageLinks(_Model):
    """Presigned URLs; they need no API key and work for 15 minutes.

    `original` is null until the file has arrived, and for a key that no URL can name.
    """

    original: str | None
    renditions: dict[str, str]


class Image(_Model):
    """The record of one image; times are ISO 8601 in UTC."""

    id: ImageIdText
    key: str
    filename: str
    status: Status
    sequencer: str
    uploaded_at: str
    version_id: str
    etag: str
    original: Original | None
    renditions: dict[str, Rendition]
    recipe: str | None
    placeholder: str | None = Field(description="A ThumbHash in base64.")
    colour: str | None = Field(description="The dominant colour, as #rrggbb.")
    warnings: list[str]
    error: Fault | None
    attempts: int
    processed_at: str | None
    processing_ms: int | None
    links: ImageLinks


class Listing(_Model):
    """A page of images, newest first."""

    images: list[Image]
    cursor: str | None = Field(
        description="Cursor of the next page; null on the last. Pages may be shorter than `limit`."
    )


class SelfLink(_Model):
    """Path of the image's record, relative to the URL of the API."""

    self_: str = Field(alias="self")


class Accepted(_Model):
    """An accepted request; read the record by its id to see the progress."""

    id: ImageIdText
    status: Literal["pending", "deleted"]
    key: str
    links: SelfLink


class UploadRequest(_Model):
    """A file that the client will upload directly to the bucket."""

    filename: str = Field(min_length=1, max_length=MAX_FILENAME_LENGTH)
    content_type: Lowered = Field(
        default="",
        pattern=r"^(image/[A-Za-z0-9][A-Za-z0-9.+-]{0,63}|application/octet-stream)?$",
        description="An image type; empty or application/octet-stream if it is unknown.",
    )
    bytes: Size = Field(ge=1, description="Size of the file, in bytes.")


class UploadTicket(_Model):
    """A form: post `fields`, then the file as field `file`, to `url` as multipart/form-data."""

    id: ImageIdText
    status: Literal["pending"]
    key: str
    url: str
    fields: dict[str, str]
    expires_at: str = Field(description="Time after which the form is refused.")
    max_bytes: int = Field(description="The largest file that the form accepts.")
    links: SelfLink


class Health(_Model):
    """The API works."""

    status: Literal["ok"]


class ProblemLinks(_Model):
    """Paths of alternatives."""

    uploads: str


class Problem(_Model):
    """An error (RFC 9457); `code` is stable."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    links: ProblemLinks | None = None
