"""Upload a file in parts through the REST API, and continue an upload that was interrupted."""

import json
import secrets
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

import httpx

from imagemill.dataclass import dataclass
from imagemill.domain.object_version import ObjectVersion
from imagemill.errors import StoreUnavailable

# Bytes from which a file is sent in parts: with fewer, a new attempt costs little.
IN_PARTS_FROM = 32 * 1024 * 1024


class PartsApi(Protocol):
    """The requests that an upload in parts makes."""

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
    ) -> httpx.Response:
        """Return the response of the API; 404 and 410 are returned, other errors raised."""

    def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> None:
        """Send the bytes of a part; raises StoreUnavailable."""


@dataclass(frozen=True, slots=True)
class BegunUpload:
    """An upload that has begun: the ids of the image and of the upload, its key and part size."""

    image: str
    upload: str
    key: str
    part_bytes: int


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


def send_in_parts(
    path: Path, spec: Mapping[str, object], api: PartsApi, saved: SavedUploads, place: str
) -> ObjectVersion | None:
    """Upload a file and return its version; only the parts that have not arrived are sent.

    Returns None if the API is of an earlier version, which takes no parts.

    `spec` is the body of `POST /multipart`, `place` the address of the API. An upload is continued
    if file and spec are the same. Raises StoreUnavailable if the connection is lost; the next call
    continues.
    """
    name = _name_of(path, spec, place)
    begun = saved.read(name)
    arrived = None if begun is None else _arrived(begun, api)
    if begun is None or arrived is None:
        begun, arrived = _begin(spec, api), {}
        if begun is None:
            return None
        saved.write(name, begun)
    for number, data in _parts_of(path, begun.part_bytes):
        checksum = b64encode(sha256(data).digest()).decode()
        if arrived.get(number) != checksum:
            _send(number, data, checksum, begun, api)
    ended = api.ask("POST", f"/multipart/{begun.image}/complete", json={"upload_id": begun.upload})
    saved.delete(name)
    if ended.is_error:
        raise StoreUnavailable("the upload has ended before it was complete: try again")
    found = ended.json()
    return ObjectVersion(found["version_id"], found["etag"], begun.key)


def _begin(spec: Mapping[str, object], api: PartsApi) -> BegunUpload | None:
    answer = api.ask("POST", "/multipart", json=dict(spec))
    if answer.is_error:
        return None
    found = answer.json()
    return BegunUpload(found["id"], found["upload_id"], found["key"], found["part_bytes"])


def _arrived(begun: BegunUpload, api: PartsApi) -> dict[int, str] | None:
    """Return the checksums of the parts that have arrived; None if the upload has ended."""
    answer = api.ask("GET", f"/multipart/{begun.image}/parts", params={"upload_id": begun.upload})
    if answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
        return None
    return {part["number"]: part["sha256"] for part in answer.json()["parts"]}


def _send(number: int, data: bytes, checksum: str, begun: BegunUpload, api: PartsApi) -> None:
    wanted = {"upload_id": begun.upload, "parts": [{"number": number, "sha256": checksum}]}
    answer = api.ask("POST", f"/multipart/{begun.image}/parts", json=wanted)
    if answer.is_error:
        raise StoreUnavailable("the upload has ended before it was complete: try again")
    [part] = answer.json()["parts"]
    api.put(part["url"], data, part["headers"])


def _parts_of(path: Path, part_bytes: int) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        read: Callable[[], bytes] = lambda: file.read(part_bytes)  # noqa: E731  # for `iter`
        yield from enumerate(iter(read, b""), 1)


def _name_of(path: Path, spec: Mapping[str, object], place: str) -> str:
    """Return a name for the upload of a file in its present state."""
    status = path.stat()
    facts = (place, str(path.resolve()), status.st_size, status.st_mtime_ns, sorted(spec.items()))
    return sha256(repr(facts).encode()).hexdigest()
