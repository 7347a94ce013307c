"""A stack as its REST API shows it: the stores of somebody with a key and no AWS rights."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, NoReturn, Self

import httpx

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.keys import filename_of, image_id
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.record import ImageRecord, Status
from imagemill.domain.record_json import reported
from imagemill.domain.sequencer import OLDEST
from imagemill.errors import PictureRefused, SetupFailed, StoreUnavailable

_TIMEOUT_S = 30
_MOST_TRIES = 20
_MOST_AT_ONCE = 100
_ANY_BYTES = "application/octet-stream"
_COME_AGAIN = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


class Api:
    """One API, asked with one key."""

    def __init__(self, address: str, key: str) -> None:
        self._keyed = httpx.Client(base_url=address, headers={"x-api-key": key}, timeout=_TIMEOUT_S)
        self._plain = httpx.Client(timeout=_TIMEOUT_S, follow_redirects=True)

    def ask(self, method: str, path: str, **options: Any) -> httpx.Response:  # noqa: ANN401  # httpx's
        """Return the answer, asking again where the API says when to.

        Raises SetupFailed for a key that is refused or an address where no API is, StoreUnavailable
        where it does not answer, PictureRefused with the API's code for other refusals; 404 and 410
        are answers.
        """
        for _ in range(_MOST_TRIES):
            answer = self._once(method, path, options)
            if not _is_for_later(answer):
                break
            time.sleep(float(answer.headers.get("retry-after", 1)))
        return _understood(answer)

    def fetch(self, url: str) -> bytes | None:
        """Return the bytes under a signed address, asked without the key; None if they are gone."""
        answer = self._translated(lambda: self._plain.get(url))
        if answer.status_code == HTTPStatus.NOT_FOUND:
            return None
        return _understood(answer).content

    def send(self, form: dict[str, Any], path: Path, content_type: str) -> httpx.Response:
        """Post a file by an upload form, read as it is sent."""
        with path.open("rb") as file:
            files = {"file": (path.name, file, content_type)}
            answer = self._translated(
                lambda: self._plain.post(form["url"], data=form["fields"], files=files)
            )
        if answer.is_error:
            raise StoreUnavailable(f"the originals bucket answered {answer.status_code}")
        return answer

    def _once(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        return self._translated(lambda: self._keyed.request(method, path, **options))

    @staticmethod
    def _translated(call: Any) -> httpx.Response:  # noqa: ANN401  # a call of httpx
        try:
            answer: httpx.Response = call()
        except httpx.UnsupportedProtocol as fault:
            raise SetupFailed(f"expected --api to be an address with https://: {fault}") from fault
        except httpx.HTTPError as fault:
            raise StoreUnavailable(f"the API could not be reached: {fault}") from fault
        return answer


@dataclass(frozen=True, slots=True)
class ApiStackClient:
    """Implements `cli.cloud.Cloud` by HTTP."""

    originals: "ApiOriginals"
    renditions: "ApiRenditions"
    records: "ApiRecords"
    feed: "ApiFeed"

    @classmethod
    def at(cls, address: str, key: str) -> Self:
        """Return the stack behind an API's address."""
        api = Api(address.rstrip("/"), key)
        records = ApiRecords(api)
        return cls(ApiOriginals(api, records), ApiRenditions(api), records, ApiFeed(api))

    @property
    def dead_letters(self) -> NoReturn:
        """Raise SetupFailed: the API shows no queues."""
        raise SetupFailed("the API shows no dead letters: name the stack with --stack")

    def backfill(self) -> NoReturn:
        """Raise SetupFailed: a backfill needs AWS rights."""
        raise SetupFailed("the API does no backfills: name the stack with --stack")


class ApiRecords:
    """The records, one request each."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def get(self, image_id: str) -> ImageRecord | None:
        """Return the record; of a deleted image, what little is told; None if there is none."""
        answer = self._api.ask("GET", f"/images/{image_id}")
        if answer.status_code == HTTPStatus.GONE:
            return ImageRecord(image_id, "", "", "deleted", OLDEST, "")
        return reported(answer.json()) if answer.is_success else None

    def get_many(self, ids: Sequence[str]) -> dict[str, ImageRecord]:
        """Return the records there are, by id."""
        found = ((image, self.get(image)) for image in ids)
        return {image: record for image, record in found if record}


class ApiOriginals:
    """The originals: put straight into the bucket, by forms that the API gives."""

    def __init__(self, api: Api, records: ApiRecords) -> None:
        self._api = api
        self._records = records
        self._sent: dict[str, ObjectVersion] = {}

    def upload_file(self, key: str, path: Path, content_type: str) -> ObjectVersion:
        """Store a file under a key that the API chooses, and return what it is known by."""
        kind = content_type if content_type.startswith("image/") else _ANY_BYTES
        wish = {"filename": filename_of(key), "content_type": kind, "bytes": path.stat().st_size}
        ticket = self._api.ask("POST", "/uploads", json=wish).json()
        stored = self._api.send(ticket, path, kind)
        version = ObjectVersion(
            version_id=stored.headers.get("x-amz-version-id", ""),
            etag=stored.headers.get("etag", "").strip('"'),
            key=ticket["key"],
        )
        self._sent[version.key] = version
        return version

    def current(self, key: str) -> ObjectEvent | None:
        """Return what stands under the key, as far as it was sent from here or has a record."""
        version = self._sent.get(key)
        if version:
            return _standing(key, version.version_id, version.etag)
        record = self._records.get(image_id(key))
        if record is None or record.status == "deleted":
            return None
        return _standing(key, record.version_id, record.etag)

    def download(self, key: str) -> bytes | None:
        """Return the original's bytes; None if there are none."""
        return _followed(self._api, f"/images/{image_id(key)}/original")

    def delete(self, key: str) -> None:
        """Delete the original."""
        self._api.ask("DELETE", f"/images/{image_id(key)}")


class ApiRenditions:
    """The renditions, found by the keys they have in their bucket."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def download(self, key: str) -> bytes | None:
        """Return the bytes of a rendition; None if it is not there."""
        preset, _, original = key.partition("/")
        image = original if preset.startswith("~") else image_id(original)
        return _followed(self._api, f"/images/{image}/renditions/{preset.lstrip('~')}")


class ApiFeed:
    """The listing, page by page."""

    def __init__(self, api: Api) -> None:
        self._api = api

    def newest(
        self, limit: int, before: str | None = None, status: Status | None = None
    ) -> list[ImageRecord]:
        """Return up to `limit` records, newest first; `before` is a cursor here."""
        found: list[ImageRecord] = []
        cursor = before
        while len(found) < limit:
            asked = {"limit": min(limit - len(found), _MOST_AT_ONCE), "status": status}
            query = {name: value for name, value in {**asked, "cursor": cursor}.items() if value}
            page = self._api.ask("GET", "/images", params=query).json()
            found += map(reported, page["images"])
            cursor = page["cursor"]
            if cursor is None:
                break
        return found


def _standing(key: str, version_id: str, etag: str) -> ObjectEvent:
    return ObjectEvent(Change.CREATED, key, OLDEST, "", version_id, etag)


def _followed(api: Api, path: str) -> bytes | None:
    answer = api.ask("GET", path)
    return api.fetch(answer.headers["location"]) if answer.is_redirect else None


def _is_for_later(answer: httpx.Response) -> bool:
    not_ready = answer.status_code == HTTPStatus.CONFLICT and "retry-after" in answer.headers
    return answer.status_code in _COME_AGAIN or not_ready


def _understood(answer: httpx.Response) -> httpx.Response:
    if not answer.is_error or answer.status_code == HTTPStatus.GONE:
        return answer
    code, detail = _problem(answer)
    if code == "forbidden":
        raise SetupFailed("the API refused the key: set IMAGEMILL_API_KEY to one of its keys")
    if answer.status_code == HTTPStatus.NOT_FOUND and code:
        return answer
    if answer.is_server_error or not code:
        raise StoreUnavailable(f"the API answered {answer.status_code} {detail}".strip())
    raise PictureRefused(code, detail)


def _problem(answer: httpx.Response) -> tuple[str, str]:
    """Return the code and detail of a problem; empty where the answer is none of this API's."""
    try:
        facts = answer.json()
        return str(facts["code"]), str(facts["detail"])
    except (ValueError, KeyError, TypeError):
        return "", ""
