"""The settings of share links in the environment of ApiImageUploadFunction."""

from collections.abc import Mapping
from typing import Self

from imagemill.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class ShareSettings:
    """The table of share links, and the ARN of the secret that signs them."""

    table: str
    secret: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self | None:
        """Return the settings; None for a stack without share links."""
        table, secret = environ.get("IMAGEMILL_SHARES_TABLE"), environ.get("IMAGEMILL_SHARE_SECRET")
        return cls(table, secret) if table and secret else None
