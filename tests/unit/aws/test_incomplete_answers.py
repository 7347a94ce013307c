"""Responses of S3 without a part, or about another object, raise StoreUnavailable."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes.aws_clients import FakeS3
from fakes.events import created
from fakes.multipart_s3 import part_options
from fakes.renditions_bucket import FIRST, KEY, RecordingS3, put, refuse, renditions_bucket, state

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.file_originals import FileOriginalsBucket
from imagemill.errors import StoreUnavailable

BUCKET = "originals"


class IncompleteS3(FakeS3):
    """An S3 client that omits one part of each response."""

    lacks = ""

    def put_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        return self._without(super().put_object(**asked))

    def head_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        return self._without(super().head_object(**asked))

    def get_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        return self._without(super().get_object(**asked))

    def _without(self, answer: dict[str, Any]) -> dict[str, Any]:
        return {name: part for name, part in answer.items() if name != self.lacks}


@pytest.fixture
def s3() -> IncompleteS3:
    return IncompleteS3()


@pytest.fixture
def originals(s3: IncompleteS3) -> FileOriginalsBucket:
    return FileOriginalsBucket(s3, BUCKET, part_options(Path()))  # type: ignore[arg-type]  # a fake


@pytest.mark.parametrize("part", ["LastModified", "ETag", "ContentLength"])
def test_an_original_without_a_part_names_its_bucket(
    part: str, originals: FileOriginalsBucket, s3: IncompleteS3
) -> None:
    s3.put(BUCKET, "a.jpg", b"one")
    s3.lacks = part

    with pytest.raises(StoreUnavailable, match=f"^the originals bucket answered without {part}$"):
        originals.current("a.jpg")


def test_an_upload_without_an_etag_names_its_bucket(
    originals: FileOriginalsBucket, s3: IncompleteS3
) -> None:
    s3.lacks = "ETag"

    with pytest.raises(StoreUnavailable, match=r"^the originals bucket answered without ETag$"):
        originals.upload("a.jpg", b"one", "image/jpeg")


def test_an_uploaded_file_without_an_etag_names_its_bucket(
    originals: FileOriginalsBucket, s3: IncompleteS3, tmp_path: Path
) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")
    s3.lacks = "ETag"

    with pytest.raises(StoreUnavailable, match=r"^the originals bucket answered without ETag$"):
        originals.upload_file("a.jpg", file, "image/jpeg")


@pytest.mark.parametrize("part", ["Metadata", "ETag", "ContentLength"])
def test_a_rendition_without_a_part_names_its_bucket(part: str, s3: IncompleteS3) -> None:
    renditions = renditions_bucket(s3)
    put(renditions, FIRST)
    s3.lacks = part

    with pytest.raises(StoreUnavailable, match=f"^the processed bucket answered without {part}$"):
        renditions.state(KEY)


def test_bytes_of_another_etag_than_the_events_are_not_returned(
    originals: FileOriginalsBucket, s3: IncompleteS3
) -> None:
    stored = s3.put(BUCKET, "a.jpg", b"one")

    why = r"^the bucket originals gave no valid answer: the object has another ETag than expected$"
    with pytest.raises(StoreUnavailable, match=why):
        originals.read(created(version_id=stored.version_id))


def test_bytes_without_their_length_are_not_returned(
    originals: FileOriginalsBucket, s3: IncompleteS3
) -> None:
    s3.put(BUCKET, "a.jpg", b"one")
    s3.lacks = "ContentLength"

    why = r"no valid answer: the answer does not give the object's length$"
    with pytest.raises(StoreUnavailable, match=why):
        originals.download("a.jpg")


def test_an_error_while_reading_a_rendition_names_its_bucket(s3: IncompleteS3) -> None:
    renditions = renditions_bucket(s3)
    put(renditions, FIRST)
    seen = state(renditions)
    s3.before_call = refuse("InternalError")

    with pytest.raises(StoreUnavailable, match=r"^the processed bucket answered InternalError"):
        renditions.read(KEY, seen)


def test_a_forbidden_download_is_store_unavailable(
    originals: FileOriginalsBucket, s3: IncompleteS3
) -> None:
    s3.before_call = refuse("AccessDenied")

    with pytest.raises(StoreUnavailable, match=r"^the bucket originals answered AccessDenied"):
        originals.download("a.jpg")


def test_a_download_requests_the_checksum() -> None:
    s3 = RecordingS3()
    s3.put(BUCKET, "a.jpg", b"one")

    OriginalsBucket(s3, BUCKET).download("a.jpg")  # type: ignore[arg-type]  # a fake

    assert s3.requests == [{"Bucket": BUCKET, "Key": "a.jpg", "ChecksumMode": "ENABLED"}]


def test_a_read_without_a_version_requests_none() -> None:
    s3 = RecordingS3()
    s3.put(BUCKET, "a.jpg", b"one")
    event = replace(created(version_id=""), etag="", bytes=3)

    OriginalsBucket(s3, BUCKET).read(event)  # type: ignore[arg-type]  # a fake

    assert "VersionId" not in s3.requests[-1]
