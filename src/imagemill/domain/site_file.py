"""The files of a web site."""

from imagemill.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class SiteFile:
    """One file in the root folder of a web site."""

    name: str
    data: bytes
    content_type: str
