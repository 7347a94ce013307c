"""The metadata of a stored rendition, and the precedence that decides between two writes.

A rendition has its precedence as S3 metadata. Every write to its key is conditional and yields to a
higher precedence. A removed rendition is replaced by a marker object, which has a precedence, too:
while the marker exists, no write of an older event can be applied, not even one that was sent long
ago.
"""

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum

from imagemill.dataclass import dataclass

# Cache-Control of an object whose URL names its version: a year, as browsers keep at most.
IMMUTABLE = "public, max-age=31536000, immutable"
# A deletion wins over every rendition of the same event, of every deployment.
_AFTER_EVERY_RECIPE = 2**53


@dataclass(frozen=True, slots=True, order=True)
class Precedence:
    """The order of writes under one key: the newer event wins, then the newer deployment.

    `deployed_at` is the first use of the writer's recipe and limits, in epoch milliseconds;
    `recipe` is the recipe's hash.
    """

    sequencer: str
    deployed_at: int = 0
    recipe: str = ""


def of_deletion(sequencer: str) -> Precedence:
    """Return the precedence of a deletion: above every rendition of the same event."""
    return Precedence(sequencer, _AFTER_EVERY_RECIPE)


@dataclass(frozen=True, slots=True)
class RenditionMetadata:
    """The metadata that is stored with a rendition.

    `content_type` is a media type, `disposition` a Content-Disposition (RFC 6266). `version` is the
    version of the original; empty for renditions of the recipe, whose record names it.
    `canonical` has the canonical IIIF URIs without identifier, by version of the API. With
    `is_immutable` the key names the version, so that CloudFront may keep the object for a year.
    """

    precedence: Precedence
    content_type: str
    disposition: str
    version: str = ""
    canonical: Mapping[str, str] = field(default_factory=dict)
    is_immutable: bool = False


@dataclass(frozen=True, slots=True)
class StoredState:
    """The object of a rendition's key: a rendition, or the marker of a removed one.

    `etag` is quoted, as in S3's answers. `former` are ETags of earlier renditions of this key.
    Without `has_md5` the ETag is not the MD5 of the bytes: the object is encrypted with a KMS key.
    """

    etag: str
    precedence: Precedence
    bytes: int
    is_removed: bool = False
    former: tuple[str, ...] = ()
    has_md5: bool = True


class Placement(StrEnum):
    """How storing a rendition ended."""

    CREATED = "created"
    """There was no object."""
    REPLACED = "replaced"
    """An older rendition, or the marker of a removed one, was replaced."""
    PRESENT = "present"
    """The same rendition is there already."""
    OCCUPIED = "occupied"
    """A rendition of an older event is there, and the caller did not allow to replace it."""
    SKIPPED = "skipped"
    """An object of higher precedence is there and was kept."""


@dataclass(frozen=True, slots=True)
class PutResult:
    """How storing a rendition ended, and the size of the object that is there now, bytes.

    `winner` is the precedence of that object if the rendition was skipped.
    """

    placement: Placement
    bytes: int
    winner: Precedence | None = None
