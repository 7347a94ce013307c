"""Files in parts through the REST API."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Protocol

import httpx

from imagemill.dataclass import dataclass
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.upload_parts import StoredPart
from imagemill.errors import StoreUnavailable
from imagemill.file_parts import ENDED, BegunUpload, FilePart
from imagemill.rest.faults import RequestRefused


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
class ApiPartStore:
    """Implements `file_parts.PartStore`; `spec` is the body of `POST /multipart`."""

    api: PartsApi
    spec: Mapping[str, object]

    def begin(self) -> BegunUpload | None:
        """Begin an upload; None if the API is of an earlier version, which takes no parts."""
        try:
            answer = self.api.ask("POST", "/multipart", json=dict(self.spec))
        except RequestRefused as fault:
            # The answer of API Gateway to a route that it does not have.
            if fault.code == "method_not_allowed":
                return None
            raise
        if answer.is_error:
            return None
        found = answer.json()
        return BegunUpload(found["id"], found["upload_id"], found["key"], found["part_bytes"])

    def arrived(self, begun: BegunUpload) -> Sequence[StoredPart] | None:
        """Return the parts that have arrived; None if the upload has ended."""
        params = {"upload_id": begun.upload}
        answer = self.api.ask("GET", f"/multipart/{begun.image}/parts", params=params)
        if answer.status_code in {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}:
            return None
        return [
            StoredPart(part["number"], part["bytes"], "", part["sha256"])
            for part in answer.json()["parts"]
        ]

    def completed(self, begun: BegunUpload) -> ObjectVersion | None:
        """Return the object of the upload, which the API makes if all parts have arrived.

        A second request has the same response. None if the upload was aborted or has expired.
        """
        body = {"upload_id": begun.upload}
        answer = self.api.ask("POST", f"/multipart/{begun.image}/complete", json=body)
        if answer.is_error:
            return None
        found = answer.json()
        return ObjectVersion(found["version_id"], found["etag"], begun.key)

    def send(self, begun: BegunUpload, part: FilePart) -> StoredPart:
        """Send a part to a presigned URL."""
        one = {"number": part.number, "sha256": part.sha256}
        wanted = {"upload_id": begun.upload, "parts": [one]}
        answer = self.api.ask("POST", f"/multipart/{begun.image}/parts", json=wanted)
        if answer.is_error:
            raise StoreUnavailable(ENDED)
        [signed] = answer.json()["parts"]
        self.api.put(signed["url"], part.data, signed["headers"])
        return StoredPart(part.number, len(part.data), "", part.sha256)

    def complete(self, begun: BegunUpload, parts: Sequence[StoredPart]) -> ObjectVersion | None:
        """Make the object of the parts that the API finds; None if the upload has ended before."""
        del parts
        return self.completed(begun)

    def abort(self, begun: BegunUpload) -> None:
        """Remove the parts that have arrived."""
        params = {"upload_id": begun.upload}
        self.api.ask("DELETE", f"/multipart/{begun.image}", params=params)
