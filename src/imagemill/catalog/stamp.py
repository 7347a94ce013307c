"""What a rendition says of its making, stored with it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stamp:
    """The event and recipe a rendition was made by, and how a browser should take it.

    `content_type` is a media type, `disposition` a Content-Disposition (RFC 6266).
    """

    sequencer: str
    recipe: str
    content_type: str
    disposition: str
