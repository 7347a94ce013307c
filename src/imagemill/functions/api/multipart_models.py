"""The JSON of responses about uploads in parts, as `models`; imported for type checking only."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from imagemill.functions.api.models import Accepted, ImageId, SelfLink


class MultipartTicket(TypedDict):
    """An upload in parts: `parts` of `part_bytes` bytes each, the last one may be shorter."""

    id: ImageId
    status: Literal["pending"]
    key: str
    upload_id: str
    part_bytes: int
    parts: int
    links: SelfLink


class PartTicket(TypedDict):
    """Send the bytes of the part to `url` with PUT and with these headers."""

    number: int
    url: str
    headers: dict[str, str]


class PartTickets(TypedDict):
    """URLs for parts of an upload."""

    parts: list[PartTicket]
    expires_at: Annotated[str, {"description": "Time after which the URLs are refused."}]


class ArrivedPart(TypedDict):
    """A part that has arrived; `sha256` is its checksum in Base64."""

    number: int
    bytes: int
    sha256: str


class ArrivedParts(TypedDict):
    """The parts of an upload that have arrived."""

    part_bytes: int
    parts: list[ArrivedPart]


class CompletedUpload(Accepted):
    """An upload in parts that has become an image, and the version of the stored file."""

    version_id: str
    etag: str
