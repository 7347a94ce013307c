"""Send: local files become originals, several at once."""

import mimetypes
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from imagemill.domain.keys import MAX_KEY_BYTES
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.record import Fault
from imagemill.errors import RequestFault, SetupFailed, TransientFault
from imagemill.operations.find_files import FoundFile
from imagemill.operations.parallel import results

UPLOADS_AT_ONCE = 8
_ANY_BYTES = "application/octet-stream"
_types = mimetypes.MimeTypes()
for _extension in ("avif", "heic", "heif", "webp"):
    _types.add_type(f"image/{_extension}", f".{_extension}")


class Inbox(Protocol):
    """The bucket of originals, as far as files are put into it."""

    def upload_file(self, key: str, path: Path, content_type: str) -> ObjectVersion:
        """Store a file and return what it is known by."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """A local file and the key it is to have."""

    path: Path
    key: str


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a parcel: `version` when it was stored, `error` when it was not."""

    parcel: Parcel
    version: ObjectVersion | None = None
    error: Fault | None = None


def address(found: Iterable[FoundFile], prefix: str = "") -> list[Parcel]:
    """Return the files with their keys: the prefix as a folder, then the name each file keeps.

    Raises SetupFailed naming every key that two files would share.
    """
    folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    parcels = [Parcel(file.path, f"{folder}{file.name}") for file in found]
    uses = Counter(parcel.key for parcel in parcels)
    shared = sorted(key for key, count in uses.items() if count > 1)
    if shared:
        raise SetupFailed(
            f"several files would have the key {', '.join(shared)}: put them one by one, "
            "each with its --prefix, or the folders they are in"
        )
    return parcels


def send(parcels: Sequence[Parcel], inbox: Inbox, workers: int = UPLOADS_AT_ONCE) -> Iterator[Sent]:
    """Yield each parcel as it is stored or has failed; none stops the others."""
    return results(lambda parcel: _send(parcel, inbox), parcels, workers)


def content_type_of(path: Path) -> str:
    """Return the media type that a file's name suggests; what it is, its bytes will tell."""
    return _types.guess_type(path.name)[0] or _ANY_BYTES


def _send(parcel: Parcel, inbox: Inbox) -> Sent:
    wrong = _fault_of_key(parcel.key)
    if wrong:
        return Sent(parcel, error=Fault("invalid_key", wrong))
    try:
        version = inbox.upload_file(parcel.key, parcel.path, content_type_of(parcel.path))
    except (TransientFault, RequestFault) as fault:
        return Sent(parcel, error=Fault(fault.code, str(fault)))
    except OSError as fault:
        return Sent(parcel, error=Fault("unreadable", fault.strerror or type(fault).__name__))
    return Sent(replace(parcel, key=version.key or parcel.key), version)


def _fault_of_key(key: str) -> str | None:
    try:
        length = len(key.encode())
    except UnicodeEncodeError:
        return "expected a name in UTF-8, which is all that a key can be"
    if length > MAX_KEY_BYTES:
        return f"expected a key of at most {MAX_KEY_BYTES} bytes, got {length}"
    return None
