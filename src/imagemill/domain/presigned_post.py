"""The form by which a browser puts one file straight into the bucket."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PresignedPost:
    """Where to post to, and the fields to send in front of the file, which comes last."""

    url: str
    fields: Mapping[str, str]
