"""Describe an image for viewers of the IIIF Image API: its size, and their options."""

import re
from typing import Any, Self

from imagemill.dataclass import dataclass
from imagemill.domain.image_request import VARIANT_PREFIX
from imagemill.errors import NotFound
from imagemill.requests.iiif_info import MEDIA_TYPE_2, MEDIA_TYPE_3, info_2, info_3
from imagemill.transform.decide import ready
from imagemill.transform.deps import TransformDeps

# The URL's identifier was a key and not an id if the name has `.key`.
_KEY = re.compile(rf"{VARIANT_PREFIX}([a-z2-7]{{26}})/info\.([23])(?:\.key)?\.json")
_DESCRIBE = {"2": info_2, "3": info_3}
_MEDIA_TYPES = {"2": MEDIA_TYPE_2, "3": MEDIA_TYPE_3}


@dataclass(frozen=True, slots=True)
class InfoRequest:
    """A request for the information document of an image; `api` is the version, 2 or 3."""

    image_id: str
    api: str

    @classmethod
    def parse_key(cls, key: str) -> Self | None:
        """Read the path to which the edge rewrites `info.json`; None for any other."""
        match = _KEY.fullmatch(key)
        return cls(match[1], match[2]) if match else None

    @property
    def media_type(self) -> str:
        """The media type of the document."""
        return _MEDIA_TYPES[self.api]


def describe(request: InfoRequest, uri: str, deps: TransformDeps) -> dict[str, Any]:
    """Return the document; `uri` is the visitor's URL without `/info.json`.

    Raises a RequestFault if the image is not ready, or a version before this one recorded no size.
    """
    record = ready(request.image_id, deps.records.get(request.image_id))
    original = record.original
    if not original or not original.width or not original.height:
        raise NotFound(f"the size of image {record.id} is not known")
    return _DESCRIBE[request.api](uri, original.width, original.height, deps.settings)
