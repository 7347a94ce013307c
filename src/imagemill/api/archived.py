"""Addresses of archived originals, which lead to their JPEGs.

A listing only signs a token. The JPEG is unpacked when its address is opened, and kept for a day.
"""

from collections.abc import Mapping
from typing import Protocol

from imagemill.api.read import require_stored
from imagemill.dataclass import dataclass
from imagemill.domain.caller import Grant
from imagemill.domain.clock import Clock
from imagemill.domain.keys import unpacked_key
from imagemill.domain.record import ImageRecord
from imagemill.domain.share import ShareSecrets
from imagemill.domain.share_tokens import SignedShare, read_token, token_of
from imagemill.domain.stores import RecordReader
from imagemill.errors import Gone, NotFound, NotReady, StoreUnavailable, Unauthorized


class Unpacker(Protocol):
    """Unpacks archived originals for downloads; all methods may raise TransientFault."""

    def has(self, key: str) -> bool:
        """Return whether a JPEG is stored under a key of the processed bucket, and stays."""

    def unpack(self, image_id: str) -> Mapping[str, object]:
        """Store the JPEG of an image; return its `key`, or `code` and `message` of an error."""


@dataclass(frozen=True, slots=True)
class ArchiveAccess:
    """The dependencies of addresses; `endpoint` precedes the path of an API without a host name."""

    records: RecordReader
    secrets: ShareSecrets
    unpacker: Unpacker
    clock: Clock
    endpoint: str = ""


def original_token(record: ImageRecord, access: ArchiveAccess, seconds: int) -> str:
    """Return a token that shows the original of an image for so many seconds."""
    grant = Grant(access.clock.now_s() + seconds, record.id, originals=True)
    return token_of(SignedShare(record.id, grant), access.secrets()[0])


def record_of(token: str, access: ArchiveAccess) -> ImageRecord:
    """Return the record of the image that a token shows.

    Raises Unauthorized, NotFound, Gone for a deleted image, and NotReady.
    """
    grant = read_token(token, access.secrets()).grant
    if access.clock.now_s() > grant.until:
        raise Unauthorized("the address is too old: read the image again")
    record = access.records.get(grant.image)
    if record is None:
        raise NotFound(f"there is no image {grant.image}")
    if record.status == "deleted":
        raise Gone(f"image {grant.image} was deleted")
    return require_stored(record)


def jpeg_key(record: ImageRecord, access: ArchiveAccess) -> str | None:
    """Return the key of an image's JPEG in the processed bucket; None if it is not archived.

    Raises NotReady, Gone, and TransientFault if it cannot be unpacked.
    """
    if record.archived is None:
        return None
    key = unpacked_key(record.id, record.archived.sha256)
    if access.unpacker.has(key):
        return key
    result = access.unpacker.unpack(record.id)
    match result.get("key"), result.get("code"):
        case str(made), _:
            return made
        case _, Gone.code:
            raise Gone(str(result.get("message")))
        case _, NotReady.code:
            raise NotReady(str(result.get("message")))
    raise StoreUnavailable("the original could not be unpacked")
