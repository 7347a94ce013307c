"""The storage of a deployed stack: originals go to its bucket, by forms from its REST API."""

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from io import BytesIO
from typing import Any, cast

from django.core.exceptions import ImproperlyConfigured
from django.core.files import File
from django.core.files.storage import Storage
from django.utils.deconstruct import deconstructible

from imagemill.addresses import is_encrypted_or_local
from imagemill.contrib.django.stack_api import StackApi, Ticket
from imagemill.contrib.django.state import ImageState, of_record
from imagemill.domain.keys import filename_of, image_id, safe_filename
from imagemill.domain.media_types import ANY_BYTES, content_type_of, image_type


@deconstructible(path="imagemill.contrib.django.storage.StackStorage")
class StackStorage(Storage):
    """Originals of one stack, named by their keys; renditions are reached by `image_state`.

    `api` is the URL of the stack's REST API and `key` its key. After `poll_s` seconds, reading an
    image that was pending asks the API again; 0 leaves this to webhooks and `imagemill_poll`.
    `webhook_secrets` are the valid secrets of webhooks.
    The API chooses the name of a stored file: `upload_to` of a field has no effect.
    """

    quiet_until = 0.0
    is_immediate = False

    def __init__(
        self, api: str = "", key: str = "", poll_s: float = 2.0, webhook_secrets: Sequence[str] = ()
    ) -> None:
        self._address = api
        self._key = key
        self.poll_s = poll_s
        self.webhook_secrets = webhook_secrets

    def faults(self) -> list[str]:
        """Return the faults of the options; empty if there are none."""
        found = [] if self._key else ["the option `key` is empty: set it to the key of the API"]
        if not self._address:
            found.append("the option `api` is empty: set it to the URL of the stack's REST API")
        elif not is_encrypted_or_local(self._address):
            found.append(
                f"the option `api` is {self._address!r}: expected https://, so that the key is "
                "encrypted; http:// is for this machine only"
            )
        if not _are_texts(self.webhook_secrets):
            found.append("the option `webhook_secrets` is no list of texts that are not empty")
        return found

    @cached_property
    def _api(self) -> StackApi:
        faults = self.faults()
        if faults:
            raise ImproperlyConfigured("; ".join(faults))
        return StackApi(self._address, self._key)

    def image_state(self, name: str) -> ImageState:
        """Return the state of the image, with the addresses of its renditions."""
        record = self._api.image(image_id(name))
        return of_record(record) if record else ImageState(name, "deleted")

    def ticket(self, filename: str, content_type: str, size: int) -> Ticket:
        """Return a form with which a browser sends a file of `size` bytes to the bucket itself.

        Assign `ticket.key` to the field afterwards.
        """
        return self._api.ticket(filename, content_type or ANY_BYTES, size)

    def _save(self, name: str, content: "File[Any]") -> str:
        kind = image_type(content_type_of(name))
        ticket = self._api.ticket(filename_of(name), kind, content.size)
        self._api.send(ticket, content, kind)
        return ticket.key

    def _open(self, name: str, mode: str = "rb") -> "File[Any]":
        if mode != "rb":
            raise ValueError(f"an original can only be read: expected mode rb, got {mode!r}")
        return File(BytesIO(self._api.original(image_id(name))), name)

    def get_valid_name(self, name: str) -> str:
        """Return the file name as the API of a stack keeps it."""
        return safe_filename(name)

    def get_available_name(self, name: str, max_length: int | None = None) -> str:  # noqa: ARG002
        """Return the name itself: the API makes it unique."""
        return name

    def delete(self, name: str) -> None:
        """Delete the original; its renditions follow."""
        self._api.delete(image_id(name))

    def exists(self, name: str) -> bool:
        """Return whether there is an image with this name."""
        return self._api.image(image_id(name)) is not None

    def size(self, name: str) -> int:
        """Return the bytes of the original."""
        return int(self._known(name)["original"]["bytes"])

    def url(self, name: str | None) -> str:
        """Return a presigned URL of the original, which works for 15 minutes."""
        return str(self._known(name or "")["links"]["original"] or "")

    def get_created_time(self, name: str) -> datetime:
        """Return the time of the upload."""
        return datetime.fromisoformat(self._known(name)["uploaded_at"])

    def _known(self, name: str) -> dict[str, Any]:
        record = self._api.image(image_id(name))
        if record is None:
            raise FileNotFoundError(name)
        return record


def _are_texts(values: object) -> bool:
    """Return whether a setting is a list of texts that are not empty."""
    is_list = isinstance(values, list | tuple)
    return is_list and all(
        isinstance(each, str) and each for each in cast("Sequence[object]", values)
    )
