"""What a rendition says of its making, stored with it."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Stamp:
    """The event and recipe a rendition was made by, and how a browser should take it.

    `content_type` is a media type, `disposition` a Content-Disposition (RFC 6266).
    """

    sequencer: str
    recipe: str
    content_type: str
    disposition: str


class Placed(StrEnum):
    """How storing a rendition went."""

    ALONE = "alone"
    """Nothing stood there."""
    OVER = "over"
    """Something of this event or an older one stood there and was replaced."""
    YIELDED = "yielded"
    """Something newer stands there and was left."""
