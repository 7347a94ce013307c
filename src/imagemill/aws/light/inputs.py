"""What the clients are asked: boto3's parameters, as far as they are used."""

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypeAlias, TypedDict

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"


class ObjectInput(TypedDict, total=False):
    """An object, or one of its versions, and the ETag that it must have."""

    Bucket: Required[str]
    Key: Required[str]
    VersionId: str
    IfMatch: str


class GetObjectInput(ObjectInput, total=False):
    """Parameters of GetObject; the checksum is asked for in any case."""

    ChecksumMode: Literal["ENABLED"]


class PutObjectInput(TypedDict, total=False):
    """Parameters of PutObject."""

    Bucket: Required[str]
    Key: Required[str]
    Body: Required[bytes]
    ContentType: str
    ContentDisposition: str
    Metadata: Mapping[str, str]
    IfMatch: str
    IfNoneMatch: str
    Tagging: str
