"""The state of an image, as it is stored in the database and shown on pages."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from imagemill.contrib.django.picture import (
    Picture,
    Rendition,
    picture_from_json,
    picture_of_html,
    picture_of_renditions,
)
from imagemill.dataclass import dataclass
from imagemill.domain.keys import image_id
from imagemill.domain.record import Status

_MOMENT = re.compile(r"\d{8}T\d{6}Z")


@dataclass(frozen=True, slots=True)
class ImageState:
    """The known facts of an image; width, height, bytes and format are those of the original.

    `placeholder` is a ThumbHash in base64, `colour` the dominant colour as `#rrggbb`; both are
    empty if they are not known. `expires_at` is the Unix time, s, at which the first of the
    addresses stops working; None if none does.
    """

    key: str
    status: Status
    width: int | None = None
    height: int | None = None
    bytes: int | None = None
    format: str = ""
    placeholder: str = ""
    colour: str = ""
    renditions: Mapping[str, Rendition] = field(default_factory=dict)
    picture: Picture | None = None
    error_code: str = ""
    error_message: str = ""
    expires_at: float | None = None

    @property
    def id(self) -> str:
        """The id of the image, which its key decides."""
        return image_id(self.key)


def to_json(state: ImageState) -> dict[str, Any]:
    """Return the state as JSON values."""
    return asdict(state)


def from_json(facts: Mapping[str, Any]) -> ImageState:
    """Return the state from the result of `to_json`."""
    made = {name: Rendition(**each) for name, each in facts["renditions"].items()}
    picture = picture_from_json(facts["picture"])
    return ImageState(**{**facts, "renditions": made, "picture": picture})


def of_record(record: Mapping[str, Any]) -> ImageState:
    """Return the state from the answer of `GET /images/{image_id}`.

    The addresses are those at the distribution, or presigned ones if the stack has none.
    """
    original, error, public = record["original"] or {}, record["error"] or {}, record["public"]
    addresses = (public or record["links"])["renditions"]
    made = {
        preset: Rendition(
            addresses[preset], each["width"], each["height"], each["bytes"], each["format"]
        )
        for preset, each in record["renditions"].items()
        if preset in addresses
    }
    width, height = original.get("width"), original.get("height")
    picture = picture_of_html(public["html"]) if public and public["html"] else None
    if not public:
        picture = picture_of_renditions(made.values(), width, height)
    return ImageState(
        key=record["key"],
        status=record["status"],
        width=width,
        height=height,
        bytes=original.get("bytes"),
        format=original.get("format") or "",
        placeholder=record["placeholder"] or "",
        colour=record["colour"] or "",
        renditions=made,
        picture=picture,
        error_code=error.get("code", ""),
        error_message=error.get("message", ""),
        expires_at=_first_end(each.url for each in made.values()),
    )


def _first_end(urls: Iterable[str]) -> float | None:
    ends = [end for end in map(end_of, urls) if end is not None]
    return min(ends, default=None)


def end_of(url: str) -> float | None:
    """Return the Unix time, s, at which a signed URL stops working; None for any other URL.

    It reads `Expires` of CloudFront's canned policy, and the date and lifetime of S3's presigned
    URLs (Signature Version 4).
    """
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    if query.get("Expires", "").isdecimal():
        return float(query["Expires"])
    moment, lifetime = query.get("X-Amz-Date", ""), query.get("X-Amz-Expires", "")
    if not _MOMENT.fullmatch(moment) or not lifetime.isdecimal():
        return None
    signed = datetime.strptime(moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return signed.timestamp() + float(lifetime)
