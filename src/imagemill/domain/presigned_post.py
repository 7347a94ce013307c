"""The form of a presigned POST, by which a browser uploads one file to the bucket."""

from collections.abc import Mapping

from imagemill.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class PresignedPost:
    """The URL to post to, and the fields to send before the file, which comes last."""

    url: str
    fields: Mapping[str, str]
