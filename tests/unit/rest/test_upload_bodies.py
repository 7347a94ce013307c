"""Files are not sent through API Gateway, which refuses bodies over 10 MB as plain text."""

import json
from collections.abc import Mapping
from pathlib import Path

import httpx
from fakes.multipart_s3 import part_options

from imagemill.client.sources import Source
from imagemill.domain.presigned_post import PresignedPost
from imagemill.rest.client import Api, ApiOriginals, ApiRecords

# Bytes of a body that API Gateway accepts.
GATEWAY_LIMIT = 10_485_760


class RecordingApi(Api):
    """Answers upload requests, and keeps the bodies that were sent to the API and the bucket."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.sent: list[Path] = []

    def ask(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
    ) -> httpx.Response:
        assert (method, path, params) == ("POST", "/uploads", None)
        self.asked.append(_text(json))
        return httpx.Response(
            201, json={"id": "i", "url": "https://b", "fields": {}, "key": "k/a.jpg"}
        )

    def send(self, form: PresignedPost, source: Source, content_type: str) -> httpx.Response:
        assert isinstance(source, Path)
        assert (form.url, content_type) == ("https://b", "image/jpeg")
        self.sent.append(source)
        return httpx.Response(204, headers={"x-amz-version-id": "v1", "etag": '"e"'})


def _text(value: object) -> str:
    return json.dumps(value)


def test_put_sends_a_file_over_the_limit_to_the_bucket_and_not_to_the_api(tmp_path: Path) -> None:
    api, file = RecordingApi(), tmp_path / ("n" * 200 + ".jpg")
    # A sparse file.
    with file.open("wb") as sparse:
        sparse.truncate(GATEWAY_LIMIT + 1)

    originals = ApiOriginals(api, ApiRecords(api), part_options(tmp_path), "https://api")
    originals.upload_file("k/" + file.name, file, "image/jpeg")

    assert api.sent == [file]
    assert [len(text) < 1_000 for text in api.asked] == [True]
