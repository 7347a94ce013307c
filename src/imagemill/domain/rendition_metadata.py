"""What a stored rendition says about its making, and which of two writes under one key wins.

A rendition carries its precedence as S3 metadata. Every write to its key is conditional and yields
to a higher precedence. A removed rendition is replaced by a marker object, which carries a
precedence too: for as long as the marker stands, no write of an older event can be applied, not
even one that left its sender long ago.
"""

from dataclasses import dataclass
from enum import StrEnum

_AFTER_EVERY_RECIPE = 2**53
"""A deletion wins over every rendition of the same event, whatever recipe made it."""


@dataclass(frozen=True, slots=True, order=True)
class Precedence:
    """The order of writes under one key: the newer event wins, then the newer deployment.

    `deployed_at` is when the writer's recipe and limits were first used, in epoch milliseconds;
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
    """What is stored with a rendition.

    `content_type` is a media type, `disposition` a Content-Disposition (RFC 6266).
    """

    precedence: Precedence
    content_type: str
    disposition: str


@dataclass(frozen=True, slots=True)
class StoredState:
    """What stands under a rendition's key: a rendition, or the marker of a removed one.

    `etag` is quoted, as S3 writes it. `former` are ETags of renditions that stood there before.
    """

    etag: str
    precedence: Precedence
    bytes: int
    is_removed: bool = False
    former: tuple[str, ...] = ()


class Placement(StrEnum):
    """How storing a rendition ended."""

    CREATED = "created"
    """Nothing stood there."""
    REPLACED = "replaced"
    """An older rendition, or the marker of a removed one, stood there and was replaced."""
    PRESENT = "present"
    """The same rendition stands there already."""
    OCCUPIED = "occupied"
    """A rendition of an older event stands there, and replacing it was not asked for."""
    SKIPPED = "skipped"
    """Something of higher precedence stands there and was left."""


@dataclass(frozen=True, slots=True)
class PutResult:
    """How storing a rendition ended, and the size of what stands there now, in bytes.

    `winner` is the precedence of what stands there when the rendition was skipped.
    """

    placement: Placement
    bytes: int
    winner: Precedence | None = None
