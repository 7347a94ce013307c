"""Images as the API describes them. The fields are those of `imagemill.functions.api.models`.

They are dataclasses, with attributes for editors and type checkers, and ignore fields of a later
API. The models of the API are types of JSON that its function never loads.
"""

from collections.abc import Mapping
from dataclasses import field, fields
from typing import Any, Literal, TypeVar

from imagemill.client.markup import Markup, filled
from imagemill.dataclass import dataclass

Status = Literal["pending", "ready", "rejected", "failed"]
Hdr = Literal["gain_map", "pq", "hlg"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class FocalPoint:
    """A point of the upright image, from 0 to 1 across and down."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Fault:
    """The error of a rejected or failed image."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class StateChange:
    """A state that an image got at a time, in ISO 8601 UTC.

    `attempt` is the attempt that led to it, 0 if no worker did; `code` is that of the error.
    """

    status: Literal["pending", "ready", "rejected", "failed", "deleted"]
    at: str
    attempt: int = 0
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """Facts of the uploaded file: bytes, and pixels as displayed; None if unknown.

    `captured_at` is the camera's local time without a time zone; `camera` and `lens` are make and
    model. `focal_length_mm` is that of the lens itself, not of the equivalent for 35 mm film.
    `hdr` is how it is brighter than white on an HDR screen; None if it is not.
    """

    bytes: int
    width: int | None = None
    height: int | None = None
    format: str | None = None
    frames: int | None = None
    captured_at: str | None = None
    camera: str | None = None
    hdr: Hdr | None = None
    lens: str | None = None
    exposure_time_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length_mm: float | None = None


@dataclass(frozen=True, slots=True)
class Rendition:
    """One resized image; sizes in bytes and pixels, `hdr` as of the original.

    `quality` is the one that was chosen for the preset's score; None if none was.
    """

    key: str
    bytes: int
    width: int
    height: int
    format: str
    hdr: Hdr | None = None
    quality: int | None = None


@dataclass(frozen=True, slots=True)
class ImageLinks:
    """Presigned URLs, which need no credentials and work for 15 minutes.

    `original` is None until the file has arrived, and for a key that no URL can name.
    """

    original: str | None = None
    renditions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PublicLinks:
    """Addresses at the distribution, which need no credentials.

    `srcset` is for an `img` element, `html` is a `picture` element; both are None if every
    rendition is cropped and no sizes are made on request. `iiif` is the address at the IIIF Image
    API 3.0; None if no sizes are made on request.
    """

    renditions: Mapping[str, str]
    srcset: str | None = None
    html: str | None = None
    iiif: str | None = None


@dataclass(frozen=True, slots=True)
class Archived:
    """The object that holds a JPEG original as lossless JPEG XL; its size is in bytes.

    `sha256` is that of the JPEG. `replaces` is the version id that the JPEG had, `at` the time of
    the object.
    """

    bytes: int
    etag: str
    sha256: str
    replaces: str
    at: str


@dataclass(frozen=True, slots=True)
class Image:
    """The record of one image; times are ISO 8601 in UTC, renditions and links are by preset.

    `public` is None if the stack has no distribution or no rendition, and in lists without
    `public=True`.
    """

    id: str
    key: str
    filename: str
    status: Status
    sequencer: str
    uploaded_at: str
    version_id: str
    etag: str
    links: ImageLinks
    owner: str | None = None
    original: Original | None = None
    archived: Archived | None = None
    """None unless the bucket holds the JPEG as JPEG XL."""
    renditions: Mapping[str, Rendition] = field(default_factory=dict)
    recipe: str | None = None
    """Hash of the presets that were made."""
    rule: str | None = None
    """Name of the rule that the upload chose."""
    focus: FocalPoint | None = None
    focus_applied: bool = True
    """Whether the renditions show the focal point."""
    placeholder: str | None = None
    """A ThumbHash in base64."""
    colour: str | None = None
    """The dominant colour, as #rrggbb."""
    warnings: tuple[str, ...] = ()
    error: Fault | None = None
    attempts: int = 0
    processed_at: str | None = None
    processing_ms: int | None = None
    public: PublicLinks | None = None
    history: tuple[StateChange, ...] = ()
    """The last 20 states, the oldest first; empty in lists."""

    @property
    def srcset(self) -> str | None:
        """The `srcset` of an `img` element, with public addresses; None if there are none."""
        return self.public.srcset if self.public else None

    def url(self, preset: str) -> str | None:
        """Return the public address of a rendition; without one, the URL that works for minutes.

        None if the image has no rendition of this preset.
        """
        public = self.public.renditions if self.public else {}
        return public.get(preset) or self.links.renditions.get(preset)

    def picture(self, alt: str, sizes: str = "100vw", **attributes: str) -> Markup | None:
        """Return a `picture` element with public addresses; None if there are none.

        `sizes` is the width that the layout gives the image. `attributes` are those of the `img`
        element: `class_="photo"`, `loading="eager"`, `data_id="7"`. All values are escaped.
        """
        html = self.public.html if self.public else None
        return None if html is None else filled(html, alt, sizes, attributes)


@dataclass(frozen=True, slots=True)
class Page:
    """Some images of a list, newest first; `cursor` leads to the next page, None at the end."""

    images: tuple[Image, ...]
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Uploaded:
    """A stored file: the id of its image, and its key and version in the bucket."""

    id: str
    key: str
    version_id: str = ""
    etag: str = ""


def image_in(facts: Mapping[str, Any]) -> Image:
    """Return the image that a response describes; raises TypeError for another object."""
    nested = {
        "original": _made(Original, facts.get("original")),
        "archived": _made(Archived, facts.get("archived")),
        "renditions": {
            name: Rendition(**_known(Rendition, one))
            for name, one in facts.get("renditions", {}).items()
        },
        "focus": _made(FocalPoint, facts.get("focus")),
        "warnings": tuple(facts.get("warnings", ())),
        "error": _made(Fault, facts.get("error")),
        "links": ImageLinks(**_known(ImageLinks, facts.get("links", {}))),
        "public": _made(PublicLinks, facts.get("public")),
        "history": tuple(
            StateChange(**_known(StateChange, one)) for one in facts.get("history", ())
        ),
    }
    return Image(**_known(Image, facts) | nested)


def _made(kind: type[_T], facts: Mapping[str, Any] | None) -> _T | None:
    return None if facts is None else kind(**_known(kind, facts))


def _known(kind: type[object], facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts that this version knows; a later API may report more."""
    # Every kind is one of the dataclasses above.
    names = {one.name for one in fields(kind)}  # type: ignore[arg-type]
    return {name: value for name, value in facts.items() if name in names}
