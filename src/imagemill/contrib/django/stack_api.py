"""The requests that a Django project sends to the REST API of a stack."""

import os
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from imagemill.client.forms import UploadForm, announcement
from imagemill.dataclass import dataclass
from imagemill.domain.presigned_post import PresignedPost
from imagemill.errors import NotFound, StoreUnavailable
from imagemill.rest.client import Api
from imagemill.wiring.rest_api import Secrets, open_api

if TYPE_CHECKING:
    from django.core.files import File


@dataclass(frozen=True, slots=True)
class Ticket:
    """A form that uploads one file to the bucket, and the key that the file gets.

    Post `fields`, then the file as field `file`, to `url` as multipart/form-data.
    """

    key: str
    url: str
    fields: dict[str, str]


# A client has a pool of connections, which all storages of a stack share.
@lru_cache(maxsize=8)
def api_at(address: str, key: str) -> Api:
    """Return the client of an API; the same one for the same arguments."""
    # The logins of the commands are those of a person, so none is looked for here.
    return open_api(address, Secrets(key=key), Path(os.devnull), str).api


class StackApi:
    """A stack's REST API, asked with one key; safe to use from several threads."""

    def __init__(self, address: str, key: str) -> None:
        self._api = api_at(address.rstrip("/"), key)

    def ticket(self, filename: str, content_type: str, size: int) -> Ticket:
        """Announce a file of `size` bytes; raises ImagemillError."""
        body = announcement(filename, content_type, size)
        found = UploadForm.of(self._api.ask("POST", "/uploads", json=body))
        return Ticket(found.key, found.form.url, dict(found.form.fields))

    def send(self, ticket: Ticket, content: "File[Any]", content_type: str) -> None:
        """Upload a file with its form; raises ImagemillError."""
        content.seek(0)
        form = PresignedPost(ticket.url, ticket.fields)
        # It has the methods of a file; Django does not derive it from BinaryIO.
        self._api.send(form, cast("BinaryIO", content), content_type)

    def image(self, image_id: str) -> dict[str, Any] | None:
        """Return the image with its addresses; None if there is none, or no longer."""
        answer = self._api.ask("GET", f"/images/{image_id}")
        return dict(answer.json()) if answer.is_success else None

    def original(self, image_id: str) -> bytes:
        """Return the bytes of the original; raises NotFound, StoreUnavailable."""
        answer = self._api.ask("GET", f"/images/{image_id}/original")
        data = self._api.fetch(answer.headers["location"]) if answer.is_redirect else None
        if data is None:
            raise NotFound(f"there is no image {image_id}")
        return data

    def delete(self, image_id: str) -> None:
        """Delete the image; it may be deleted already."""
        answer = self._api.ask("DELETE", f"/images/{image_id}")
        if answer.status_code not in {HTTPStatus.ACCEPTED, HTTPStatus.GONE, HTTPStatus.NOT_FOUND}:
            raise StoreUnavailable(f"the API answered {answer.status_code}")
