"""Client of a stack's REST API: the stores for commands without AWS rights."""

import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import NoReturn, Self

import httpx

from imagemill.api.folders import FolderPage, FolderRequest
from imagemill.api.read import Page
from imagemill.client.exchange import Ask, Fetch, Post, Put, answered
from imagemill.client.forms import Choices, UploadForm, announcement
from imagemill.client.operations import posted
from imagemill.client.sources import Source, opened
from imagemill.client.transport import Transport
from imagemill.dataclass import dataclass
from imagemill.domain.event import NO_CHOICES, Change, Focus, ObjectEvent, UploadChoices
from imagemill.domain.image_query import ImageQuery
from imagemill.domain.key_rules import KeyRules
from imagemill.domain.keys import filename_of, image_id
from imagemill.domain.media_types import image_type
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.presigned_post import PresignedPost
from imagemill.domain.record import ImageRecord
from imagemill.domain.record_json import reported
from imagemill.domain.sequencer import OLDEST
from imagemill.errors import SetupFailed, StoreUnavailable
from imagemill.file_parts import PartOptions, SavedUploads, send_in_parts
from imagemill.recipe_rules import DEFAULT_RULES
from imagemill.rest import library
from imagemill.rest.faults import checked, existing
from imagemill.rest.library import ApiFeed
from imagemill.rest.parts import ApiPartStore
from imagemill.rest.shares import ApiShares

_NO_QUEUES = "dead letters cannot be read through the API: name the stack with --stack"


class Api:
    """Requests to one API with the credentials of one caller; its errors are those of commands."""

    def __init__(self, address: str, credentials: httpx.Auth) -> None:
        self._transport = Transport(address, credentials)

    def close(self) -> None:
        """Close the connections."""
        self._transport.close()

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
    ) -> httpx.Response:
        """Return the response; repeat the request after the time that the API names.

        Raises SetupFailed for credentials that the API rejects, StoreUnavailable if it does not
        respond, and RequestRefused for other errors. 404 and 410 are returned.
        """
        return checked(self._transport.run(answered(Ask(method, path, params, json))))

    def get(self, path: str, params: Mapping[str, str | int]) -> httpx.Response:
        """Return the response to a GET request, as `ask`."""
        return self.ask("GET", path, params=params)

    def fetch(self, url: str) -> bytes | None:
        """Return the bytes at a presigned URL, requested without credentials; None if not found."""
        answer = self._transport.run(answered(Fetch(url)))
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        return checked(answer).content

    def send(self, form: PresignedPost, source: Source, content_type: str) -> httpx.Response:
        """Post a file with an upload form; it is read while it is sent."""
        with opened(source) as file:
            return self._transport.run(posted(Post(form, file, content_type)))

    def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> None:
        """Send bytes to a presigned URL, without credentials; raises StoreUnavailable."""
        answer = self._transport.run(answered(Put(url, data, headers)))
        if answer.is_error:
            raise StoreUnavailable(f"the originals bucket answered {answer.status_code}")


@dataclass(frozen=True, slots=True)
class ApiStackClient:
    """Implements `cli.cloud.StackClient` with the REST API."""

    originals: "ApiOriginals"
    renditions: "ApiRenditions"
    records: "ApiRecords"
    feed: ApiFeed
    api: Api

    @classmethod
    def at(cls, address: str, credentials: httpx.Auth, uploads: Path) -> Self:
        """Return the stores of the API at an address; `uploads` is a folder for begun uploads."""
        api = Api(address.rstrip("/"), credentials)
        records = ApiRecords(api)
        parts = PartOptions(SavedUploads(uploads), time.sleep)
        originals = ApiOriginals(api, records, parts, address.rstrip("/"))
        return cls(originals, ApiRenditions(api), records, ApiFeed(api.get), api)

    @property
    def dead_letters(self) -> NoReturn:
        """Raise SetupFailed: the API gives no access to queues."""
        raise SetupFailed(_NO_QUEUES)

    def webhook_dead_letters(self) -> NoReturn:
        """Raise SetupFailed, as `dead_letters`."""
        raise SetupFailed(_NO_QUEUES)

    def key_rules(self) -> KeyRules:
        """Return rules that ignore nothing: the API itself refuses uploads that a rule ignores."""
        return KeyRules(DEFAULT_RULES)

    def change_focus(self, image: str, focus: Focus | None) -> ImageRecord:
        """Set or remove the focal point of the image with this id, and return its record."""
        point = {"x": focus.x, "y": focus.y} if focus else None
        answer = self.api.ask("PATCH", f"/images/{image}", json={"focus": point})
        return reported(existing(answer).json())

    def reprocess(self, image: str) -> ImageRecord:
        """Have the image with this id made again, and return its record."""
        answer = self.api.ask("POST", f"/images/{image}/reprocess")
        return reported(existing(answer).json())

    def move(self, image: str, folder: str) -> ImageRecord:
        """Move the image with this id to a folder, and return the record of its new key."""
        answer = self.api.ask("POST", f"/images/{image}/move", json={"prefix": folder})
        moved = existing(answer).json()
        key = moved["key"]
        return ImageRecord(moved["id"], key, filename_of(key), "pending", OLDEST, "")

    def list_folder(self, request: FolderRequest) -> FolderPage:
        """Return a page of a folder."""
        return library.list_folder(self.api.get, request)

    def search(self, limit: int, cursor: str | None, query: ImageQuery) -> Page:
        """Return a page of a search."""
        return library.search(self.api.get, limit, cursor, query)

    def shares(self) -> ApiShares:
        """Return the share links."""
        return ApiShares(lambda method, path, body: self.api.ask(method, path, json=body))

    def backfill(self) -> NoReturn:
        """Raise SetupFailed: a backfill needs AWS rights."""
        raise SetupFailed("backfills cannot be run through the API: name the stack with --stack")


class ApiRecords:
    """The records, one request for each."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record; only id and status of a deleted image; None if there is none."""
        answer = self._api.ask("GET", f"/images/{image_id}")
        if answer.status_code == HTTPStatus.GONE:
            return ImageRecord(image_id, "", "", "deleted", OLDEST, "")
        return reported(answer.json()) if answer.is_success else None

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return records by id, without those that do not exist."""
        found = ((image, self.get(image)) for image in ids)
        return {image: record for image, record in found if record}


class ApiOriginals:
    """The originals: uploaded to the bucket with presigned forms from the API."""

    def __init__(self, api: Api, records: ApiRecords, parts: PartOptions, address: str) -> None:
        self._api = api
        self._records = records
        self._parts = parts
        self._address = address
        self._sent: dict[str, ObjectVersion] = {}

    def upload_file(
        self, key: str, path: Path, content_type: str, choices: UploadChoices = NO_CHOICES
    ) -> ObjectVersion:
        """Store a file under a key that the API chooses, and return its version.

        A large file is sent in parts: after an interruption, another call sends the missing ones.
        """
        kind, size = image_type(content_type), path.stat().st_size
        point = (choices.focus.x, choices.focus.y) if choices.focus else None
        upload = announcement(filename_of(key), kind, size, Choices(choices.rule, point))
        version = None
        if size >= self._parts.from_bytes:
            facts = upload | {"place": self._address}
            store = ApiPartStore(self._api, upload)
            version = send_in_parts(path, facts, store, self._parts)
        version = version or self._send_form(upload, path, kind)
        self._sent[version.key] = version
        return version

    def _send_form(self, upload: Mapping[str, object], path: Path, kind: str) -> ObjectVersion:
        ticket = UploadForm.of(self._api.ask("POST", "/uploads", json=upload))
        sent = ticket.uploaded(self._api.send(ticket.form, path, kind))
        return ObjectVersion(version_id=sent.version_id, etag=sent.etag, key=sent.key)

    def current(self, key: str) -> ObjectEvent | None:
        """Return the object under the key as a creation event; None if none is known.

        Known are the objects that this client has uploaded, and those with a record.
        """
        version = self._sent.get(key)
        if version:
            return _creation(key, version.version_id, version.etag)
        record = self._records.get(image_id(key))
        if record is None or record.status == "deleted":
            return None
        return _creation(key, record.version_id, record.etag)

    def download(self, key: str) -> bytes | None:
        """Return the original's bytes; None if there are none."""
        return _follow(self._api, f"/images/{image_id(key)}/original")

    def delete(self, key: str) -> None:
        """Delete the original."""
        self._api.ask("DELETE", f"/images/{image_id(key)}")


class ApiRenditions:
    """The renditions, found by the keys that they have in the bucket."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def download(self, key: str) -> bytes | None:
        """Return the bytes of a rendition; None if there is none."""
        preset, _, original = key.partition("/")
        image = original if preset.startswith("~") else image_id(original)
        return _follow(self._api, f"/images/{image}/renditions/{preset.lstrip('~')}")


def _creation(key: str, version_id: str, etag: str) -> ObjectEvent:
    return ObjectEvent(Change.CREATED, key, OLDEST, "", version_id, etag)


def _follow(api: Api, path: str) -> bytes | None:
    answer = api.ask("GET", path)
    return api.fetch(answer.headers["location"]) if answer.is_redirect else None
