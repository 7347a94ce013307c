"""A large file is sent in parts; after an interruption only the missing parts are sent."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from fakes.multipart_s3 import part_options

from imagemill.client.errors import ApiError
from imagemill.client.sources import Source
from imagemill.domain.event import UploadChoices
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.presigned_post import PresignedPost
from imagemill.errors import StoreUnavailable
from imagemill.file_parts import IN_PARTS_FROM
from imagemill.rest.client import Api, ApiOriginals, ApiRecords
from imagemill.rest.faults import RequestRefused

PART = IN_PARTS_FROM // 2
FORM = ObjectVersion("v0", "e", "k/form.jpg")


@dataclass
class FakeApi(Api):
    """An API with uploads in parts.

    `fails_at` is the part at which the connection is lost, as often as `failures` says. With
    `loses_completion`, it is lost before the answer that tells that an upload is complete.
    """

    has_parts: bool = True
    fails_at: int = 0
    failures: int = 2
    loses_completion: bool = False
    begun: int = 0
    ended: set[str] = field(default_factory=set)
    completed: set[str] = field(default_factory=set)
    arrived: dict[str, dict[int, str]] = field(default_factory=dict)
    sent: list[int] = field(default_factory=list)

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
    ) -> httpx.Response:
        if path == "/uploads":
            ticket = {"id": "i", "url": "https://b", "fields": {}, "key": FORM.key}
            return httpx.Response(201, json=ticket)
        if path == "/multipart":
            return self._begin()
        upload, completes = self._upload(params, json), path.endswith("/complete")
        if upload in self.ended or (upload in self.completed and not completes):
            return httpx.Response(404)
        if completes:
            return self._complete(upload)
        if method == "DELETE":
            self.ended.add(upload)
            return httpx.Response(202)
        return self._list(upload) if method == "GET" else self._sign(upload, json)

    def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> None:
        upload, number = url.split("#")
        if int(number) == self.fails_at and self.failures:
            self.failures -= 1
            raise StoreUnavailable("the connection was lost")
        assert len(data) in {PART, 1}
        self.sent.append(int(number))
        self.arrived[upload][int(number)] = headers["sha256"]

    def send(self, form: PresignedPost, source: Source, content_type: str) -> httpx.Response:
        assert isinstance(source, Path)
        assert (form.url, source.exists(), content_type) == ("https://b", True, "image/jpeg")
        return httpx.Response(204, headers={"x-amz-version-id": "v0", "etag": '"e"'})

    def _begin(self) -> httpx.Response:
        if not self.has_parts:
            raise RequestRefused(ApiError("method_not_allowed", "there is no such route", 405))
        self.begun += 1
        upload = f"u{self.begun}"
        self.arrived[upload] = {}
        ids = {"id": "i", "upload_id": upload, "key": "k/parts.jpg", "part_bytes": PART}
        return httpx.Response(201, json=ids)

    def _complete(self, upload: str) -> httpx.Response:
        self.completed.add(upload)
        if self.loses_completion:
            raise StoreUnavailable("the connection was lost")
        return httpx.Response(202, json={"version_id": "v1", "etag": "e-3"})

    def _list(self, upload: str) -> httpx.Response:
        found = self.arrived[upload].items()
        parts = [{"number": n, "bytes": 1, "sha256": checksum} for n, checksum in found]
        return httpx.Response(200, json={"parts": parts})

    @staticmethod
    def _upload(params: Mapping[str, str | int] | None, body: object) -> str:
        found = params or body
        assert isinstance(found, Mapping)
        return str(found["upload_id"])

    @staticmethod
    def _sign(upload: str, body: object) -> httpx.Response:
        assert isinstance(body, dict)
        [part] = body["parts"]
        signed = {"url": f"{upload}#{part['number']}", "headers": {"sha256": part["sha256"]}}
        return httpx.Response(200, json={"parts": [signed]})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a sparse file of three parts."""
    path = tmp_path / "a.jpg"
    with path.open("wb") as sparse:
        sparse.truncate(IN_PARTS_FROM + 1)
    return path


def put(api: FakeApi, file: Path, choices: UploadChoices = UploadChoices()) -> ObjectVersion:  # noqa: B008  # frozen
    """Upload the file with a new client, as a new run of the command does."""
    parts = part_options(file.parent / "saved")
    originals = ApiOriginals(api, ApiRecords(api), parts, "https://api")
    return originals.upload_file("k/a.jpg", file, "image/jpeg", choices)


def test_a_large_file_is_sent_in_parts(file: Path) -> None:
    api = FakeApi()

    version = put(api, file)

    assert version == ObjectVersion("v1", "e-3", "k/parts.jpg")
    assert (api.sent, api.completed) == ([1, 2, 3], {"u1"})
    assert list((file.parent / "saved").iterdir()) == []


def test_a_smaller_file_is_sent_with_a_form(file: Path) -> None:
    with file.open("wb") as sparse:
        sparse.truncate(IN_PARTS_FROM - 1)

    assert put(FakeApi(), file) == FORM


def test_an_api_without_parts_gets_a_form(file: Path) -> None:
    assert put(FakeApi(has_parts=False), file) == FORM


def test_another_run_sends_only_the_missing_parts(file: Path) -> None:
    api = FakeApi(fails_at=2)
    with pytest.raises(StoreUnavailable):
        put(api, file)
    api.fails_at = 0

    version = put(api, file)

    assert version.key == "k/parts.jpg"
    assert (api.begun, api.sent) == (1, [1, 2, 3])


def test_another_run_sends_nothing_if_the_upload_is_complete(file: Path) -> None:
    api = FakeApi(loses_completion=True)
    with pytest.raises(StoreUnavailable):
        put(api, file)
    api.loses_completion = False

    version = put(api, file)

    assert version == ObjectVersion("v1", "e-3", "k/parts.jpg")
    assert (api.begun, api.sent) == (1, [1, 2, 3])
    assert list((file.parent / "saved").iterdir()) == []


def test_a_part_that_fails_is_sent_once_more(file: Path) -> None:
    api = FakeApi(fails_at=2, failures=1)

    put(api, file)

    assert (api.begun, api.sent) == (1, [1, 2, 3])


def test_an_upload_of_a_file_that_changes_meanwhile_is_aborted(file: Path) -> None:
    class Changing(FakeApi):
        def put(self, url: str, data: bytes, headers: Mapping[str, str]) -> None:
            super().put(url, data, headers)
            os.utime(file, (1, 1))

    api = Changing()

    with pytest.raises(OSError, match="the file changed while it was sent"):
        put(api, file)

    assert api.ended == {"u1"}


def test_a_part_that_has_changed_is_sent_again(file: Path) -> None:
    api = FakeApi(fails_at=3)
    with pytest.raises(StoreUnavailable):
        put(api, file)
    api.fails_at, api.arrived["u1"][1] = 0, "of other bytes"

    put(api, file)

    assert api.sent == [1, 2, 1, 3]


@pytest.mark.parametrize("changes", ["file", "choice", "end"])
def test_an_upload_of_something_else_or_that_has_ended_is_not_continued(
    file: Path, changes: str
) -> None:
    api = FakeApi(fails_at=2)
    with pytest.raises(StoreUnavailable):
        put(api, file)
    api.fails_at = 0
    if changes == "file":
        file.write_bytes(bytes(IN_PARTS_FROM) + b"x")
    if changes == "end":
        api.ended.add("u1")

    put(api, file, UploadChoices("hero" if changes == "choice" else ""))

    assert (api.begun, api.sent) == (2, [1, 1, 2, 3])
