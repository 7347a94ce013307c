"""Upload a file in parts to a store, and continue an upload that was interrupted."""

import errno
import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.upload_parts import StoredPart
from imagemill.errors import StoreUnavailable, TransientFault

# Bytes from which a file is sent in parts: with fewer, a new attempt costs little.
IN_PARTS_FROM = 32 * 1024 * 1024
# Seconds before a part is sent again. The clients themselves have repeated the request by then,
# with pauses of up to a few seconds.
_PAUSE_S = 5.0

# The message for an upload that another client, or a lifecycle rule, has ended.
ENDED = "the upload has ended before it was complete: try again"
Pause = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class BegunUpload:
    """An upload that has begun: the ids of the image and of the upload, its key and part size."""

    image: str
    upload: str
    key: str
    part_bytes: int


@dataclass(frozen=True, slots=True)
class FilePart:
    """A part of a file; `sha256` is its checksum in Base64."""

    number: int
    data: bytes
    sha256: str


class PartStore(Protocol):
    """A store that takes one file in parts; errors that another attempt may mend are transient."""

    def begin(self) -> BegunUpload | None:
        """Begin an upload; None if the store takes no parts."""

    def arrived(self, begun: BegunUpload) -> Sequence[StoredPart] | None:
        """Return the parts that have arrived; None if the upload has ended or is not shown."""

    def completed(self, begun: BegunUpload) -> ObjectVersion | None:
        """Return the object of an upload that has ended; None if it has none or is not shown."""

    def send(self, begun: BegunUpload, part: FilePart) -> StoredPart:
        """Send a part."""

    def complete(self, begun: BegunUpload, parts: Sequence[StoredPart]) -> ObjectVersion | None:
        """Make the object of its parts; None if the upload has ended before."""

    def abort(self, begun: BegunUpload) -> None:
        """Remove the parts that have arrived."""


@dataclass(frozen=True, slots=True)
class SavedUploads:
    """The uploads that this machine has begun, one file for each, until they are complete."""

    folder: Path

    def read(self, name: str) -> BegunUpload | None:
        """Return an upload; None if there is none."""
        try:
            return BegunUpload(**json.loads((self.folder / name).read_text()))
        except (OSError, ValueError, TypeError):
            return None

    def write(self, name: str, begun: BegunUpload) -> None:
        """Keep an upload."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        facts = {"image": begun.image, "upload": begun.upload, "key": begun.key}
        draft = self.folder / f"{name}.{secrets.token_hex(8)}"
        draft.write_text(json.dumps(facts | {"part_bytes": begun.part_bytes}))
        draft.replace(self.folder / name)

    def delete(self, name: str) -> None:
        """Forget an upload."""
        (self.folder / name).unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class PartOptions:
    """How files are sent in parts: where uploads are kept, from which size, and how to wait."""

    saved: SavedUploads
    pause: Pause
    from_bytes: int = IN_PARTS_FROM


def send_in_parts(
    path: Path, facts: Mapping[str, object], store: PartStore, options: PartOptions
) -> ObjectVersion | None:
    """Upload a file and return its version; only the parts that have not arrived are sent.

    Returns None if the store takes no parts. Nothing is sent if the upload is complete already: the
    answer to the request that completed it can be lost.

    `facts` are the place of the upload and its metadata. An upload is continued if they
    and the file are the same. A part that fails is sent once more. Raises TransientFault if it
    fails again; the next call continues. Raises OSError if the file changes meanwhile.
    """
    name = _name_of(path, facts)
    begun = options.saved.read(name)
    arrived = None if begun is None else store.arrived(begun)
    if begun and arrived is None and (version := store.completed(begun)):
        options.saved.delete(name)
        return version
    if begun is None or arrived is None:
        begun, arrived = store.begin(), []
        if begun is None:
            return None
        options.saved.write(name, begun)
    parts = _send_missing(path, (begun, arrived), store, options.pause)
    if _name_of(path, facts) != name:
        options.saved.delete(name)
        store.abort(begun)
        raise OSError(errno.ESTALE, "the file changed while it was sent")
    version = store.complete(begun, parts)
    options.saved.delete(name)
    if version is None:
        raise StoreUnavailable(ENDED)
    return version


def _send_missing(
    path: Path, state: tuple[BegunUpload, Sequence[StoredPart]], store: PartStore, pause: Pause
) -> list[StoredPart]:
    """Send the parts that are not among those that have arrived, and return all."""
    begun, arrived = state
    known = {(part.number, part.sha256): part for part in arrived}
    return [
        known.get((part.number, part.sha256)) or _send(part, begun, store, pause)
        for part in _parts_of(path, begun.part_bytes)
    ]


def _send(part: FilePart, begun: BegunUpload, store: PartStore, pause: Pause) -> StoredPart:
    try:
        return store.send(begun, part)
    except TransientFault:
        pause(_PAUSE_S)
        return store.send(begun, part)


def _name_of(path: Path, facts: Mapping[str, object]) -> str:
    """Return a name for the upload of a file in its present state."""
    status = path.stat()
    identity = (str(path.resolve()), status.st_size, status.st_mtime_ns, sorted(facts.items()))
    return sha256(repr(identity).encode()).hexdigest()


def _parts_of(path: Path, part_bytes: int) -> Iterator[FilePart]:
    with path.open("rb") as file:
        read: Callable[[], bytes] = lambda: file.read(part_bytes)  # noqa: E731  # for `iter`
        for number, data in enumerate(iter(read, b""), 1):
            yield FilePart(number, data, b64encode(sha256(data).digest()).decode())
