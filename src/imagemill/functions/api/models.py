"""What the API says, field by field: these models check every answer and make the specification."""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from imagemill.domain.keys import ID_LENGTH

Status = Literal["pending", "ready", "rejected", "failed"]
ImageIdText = Annotated[
    str,
    StringConstraints(min_length=ID_LENGTH, max_length=ID_LENGTH, pattern="^[a-z2-7]+$"),
]
MAX_FILENAME_LENGTH = 1024


def _require_number(value: object) -> object:
    if isinstance(value, bool | str):
        raise ValueError(f"expected a number, got {type(value).__name__}")  # noqa: TRY004  # pydantic's way
    return value


Size = Annotated[int, BeforeValidator(_require_number)]
"""An integer as JSON Schema sees it: 5.0 is one, "5" and true are not."""


def _lowered(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


Lowered = Annotated[str, BeforeValidator(_lowered)]
"""Text without capital letters, such as a media type, in which case does not matter."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", serialize_by_alias=True, validate_by_name=True)


class Original(_Model):
    """Facts of the uploaded file; sizes in bytes and in px as displayed, null if not known.

    `captured_at` is the camera's local time, without a zone; `camera` its make and model.
    """

    bytes: int
    width: int | None
    height: int | None
    format: str | None
    frames: int | None
    captured_at: str | None
    camera: str | None


class Rendition(_Model):
    """One resized image; sizes in bytes and px."""

    key: str
    bytes: int
    width: int
    height: int
    format: str


class Fault(_Model):
    """Why there are no renditions."""

    code: str
    message: str


class ImageLinks(_Model):
    """Addresses, which need no API key and work for 15 minutes.

    `original` is null while it is awaited, and for a key that no address leads to.
    """

    original: str | None
    renditions: dict[str, str]


class Image(_Model):
    """Everything known of one image; times are ISO 8601 UTC."""

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
    colour: str | None = Field(description="The dominant one, as #rrggbb.")
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
        description="Asks for the page that follows; null on the last. Pages may be short."
    )


class SelfLink(_Model):
    """Where to ask what became of an image, from the API's address on."""

    self_: str = Field(alias="self")


class Accepted(_Model):
    """An image that was taken in; its id tells its progress."""

    id: ImageIdText
    status: Literal["pending", "deleted"]
    key: str
    links: SelfLink


class UploadRequest(_Model):
    """A file that the client is about to put straight into the bucket."""

    filename: str = Field(min_length=1, max_length=MAX_FILENAME_LENGTH)
    content_type: Lowered = Field(
        default="",
        pattern=r"^(image/[A-Za-z0-9][A-Za-z0-9.+-]{0,63}|application/octet-stream)?$",
        description="An image type; empty or application/octet-stream if it is not known.",
    )
    bytes: Size = Field(ge=1, description="Size of the file.")


class UploadTicket(_Model):
    """Post the fields, then the file as field `file`, to the URL as multipart/form-data."""

    id: ImageIdText
    status: Literal["pending"]
    key: str
    url: str
    fields: dict[str, str]
    expires_at: str = Field(description="When the form ceases to work.")
    max_bytes: int = Field(description="The largest file that the form takes.")
    links: SelfLink


class Health(_Model):
    """The function answers."""

    status: Literal["ok"]


class ProblemLinks(_Model):
    """Where to turn to instead."""

    uploads: str


class Problem(_Model):
    """What went wrong (RFC 9457); `code` is stable."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    links: ProblemLinks | None = None
