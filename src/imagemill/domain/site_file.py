"""A web site, as the files it is made of."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SiteFile:
    """One file of a web site, by its name at the root."""

    name: str
    data: bytes
    content_type: str
