"""Requests to the bucket of originals, and the results of its responses."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes.aws_clients import FakeS3
from fakes.events import created
from fakes.multipart_s3 import part_options
from fakes.renditions_bucket import RecordingS3, refuse

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.file_originals import FileOriginalsBucket
from imagemill.domain.event import Change, Focus, ObjectEvent, UploadChoices
from imagemill.domain.object_version import ObjectVersion
from imagemill.errors import StoreUnavailable

BUCKET, KEY = "originals", "a.jpg"
LARGE_BYTES = 1 << 20


@pytest.fixture
def s3() -> RecordingS3:
    return RecordingS3()


@pytest.fixture
def bucket(s3: RecordingS3) -> FileOriginalsBucket:
    return FileOriginalsBucket(s3, BUCKET, part_options(Path()))  # type: ignore[arg-type]  # a fake


def test_the_current_object_is_an_event_without_a_sequencer(
    bucket: FileOriginalsBucket, s3: RecordingS3
) -> None:
    stored = s3.put(BUCKET, KEY, b"one")

    assert bucket.current(KEY) == ObjectEvent(
        change=Change.CREATED,
        key=KEY,
        sequencer="",
        happened_at="2026-05-04T10:20:39.000Z",
        version_id=stored.version_id,
        etag=stored.etag.strip('"'),
        bytes=3,
        focus="",
    )


def test_an_unknown_key_has_no_current_object(bucket: FileOriginalsBucket) -> None:
    assert bucket.current(KEY) is None


def test_a_delete_marker_is_not_a_current_object(
    bucket: FileOriginalsBucket, s3: RecordingS3
) -> None:
    s3.put(BUCKET, KEY, b"one")
    s3.put(BUCKET, KEY, None)

    assert bucket.current(KEY) is None


def test_the_marker_of_a_folder_is_not_an_original(
    bucket: FileOriginalsBucket, s3: RecordingS3
) -> None:
    s3.put(BUCKET, "holiday/", b"")

    assert bucket.current("holiday/") is None


def test_an_object_in_an_unversioned_bucket_has_no_version() -> None:
    s3 = _Unversioned()
    s3.put(BUCKET, KEY, b"one")
    unversioned = OriginalsBucket(s3, BUCKET)  # type: ignore[arg-type]  # a fake

    found = unversioned.current(KEY)

    assert found is not None
    assert found.version_id == ""


@pytest.mark.parametrize(
    "ask",
    [
        lambda bucket: bucket.current(KEY),
        lambda bucket: bucket.upload(KEY, b"one", "image/jpeg"),
        lambda bucket: bucket.delete(KEY),
    ],
)
def test_an_error_names_the_bucket(
    ask: Any,  # noqa: ANN401  # any call
    bucket: FileOriginalsBucket,
    s3: RecordingS3,
) -> None:
    s3.before_call = refuse("AccessDenied")

    with pytest.raises(StoreUnavailable, match=r"^the originals bucket answered AccessDenied"):
        ask(bucket)


def test_an_error_of_a_file_upload_names_the_bucket(
    bucket: FileOriginalsBucket, s3: RecordingS3, tmp_path: Path
) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")
    s3.before_call = refuse("AccessDenied")

    with pytest.raises(StoreUnavailable, match=r"^the originals bucket answered AccessDenied"):
        bucket.upload_file(KEY, file, "image/jpeg")


def test_an_error_of_a_download_names_the_bucket(
    bucket: FileOriginalsBucket, s3: RecordingS3
) -> None:
    s3.before_call = refuse("InternalError")

    with pytest.raises(StoreUnavailable, match=r"^the bucket originals answered InternalError"):
        bucket.download(KEY)


def test_an_upload_is_stored_with_its_media_type(
    bucket: FileOriginalsBucket, s3: RecordingS3
) -> None:
    bucket.upload(KEY, b"one", "image/jpeg")

    [asked] = s3.requests
    assert (asked["Bucket"], asked["Key"], asked["Body"]) == (BUCKET, KEY, b"one")
    assert asked["ContentType"] == "image/jpeg"


def test_a_file_upload_returns_version_and_etag(
    bucket: FileOriginalsBucket, s3: RecordingS3, tmp_path: Path
) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")

    version = bucket.upload_file(KEY, file, "image/jpeg")

    [stored] = s3.objects[BUCKET, KEY]
    assert stored.data == b"one"
    assert version == ObjectVersion(stored.version_id, stored.etag.strip('"'))
    assert s3.requests[0]["ContentType"] == "image/jpeg"


def test_a_file_in_an_unversioned_bucket_has_no_version(tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")
    unversioned = FileOriginalsBucket(_Unversioned(), BUCKET, part_options(tmp_path))  # type: ignore[arg-type]  # a fake

    assert unversioned.upload_file(KEY, file, "image/jpeg").version_id == ""


def test_the_bytes_under_a_key_are_downloaded(bucket: FileOriginalsBucket, s3: RecordingS3) -> None:
    s3.put(BUCKET, KEY, b"one")

    assert bucket.download(KEY) == b"one"


def test_an_unknown_key_is_downloaded_as_none(bucket: FileOriginalsBucket) -> None:
    assert bucket.download(KEY) is None


def test_an_original_is_deleted_by_its_key(bucket: FileOriginalsBucket, s3: RecordingS3) -> None:
    s3.put(BUCKET, KEY, b"one")
    s3.put(BUCKET, "b.jpg", b"two")

    bucket.delete(KEY)

    assert set(s3.objects) == {(BUCKET, "b.jpg")}


def test_without_a_version_the_etag_is_required(
    bucket: FileOriginalsBucket, s3: RecordingS3
) -> None:
    stored = s3.put(BUCKET, KEY, b"one")

    etag = stored.etag.strip('"')

    data = bucket.read(replace(created(version_id=""), etag=etag, bytes=3))

    assert (data, s3.requests[-1]["IfMatch"]) == (b"one", etag)


def test_without_version_and_etag_the_current_bytes_are_read(
    bucket: FileOriginalsBucket, s3: RecordingS3
) -> None:
    s3.put(BUCKET, KEY, b"one")

    assert bucket.read(replace(created(version_id=""), etag="", bytes=3)) == b"one"


def test_a_deleted_version_is_not_read(bucket: FileOriginalsBucket, s3: RecordingS3) -> None:
    s3.put(BUCKET, KEY, b"one")

    assert bucket.read(replace(created(version_id="erased"), bytes=3)) is None


def test_the_check_gets_the_beginning_of_a_large_file(
    bucket: FileOriginalsBucket, s3: RecordingS3
) -> None:
    data = bytes(range(256)) * 4_097
    stored = s3.put(BUCKET, KEY, data)
    shown: list[bytes] = []

    event = replace(created(version_id=stored.version_id), etag="", bytes=LARGE_BYTES + 1)
    read = bucket.read(event, shown.append)

    assert (shown, read) == ([data[:4_096]], data)


def test_the_check_gets_nothing_of_a_small_file(
    bucket: FileOriginalsBucket, s3: RecordingS3
) -> None:
    stored = s3.put(BUCKET, KEY, b"one")
    shown: list[bytes] = []

    event = replace(created(version_id=stored.version_id), etag="", bytes=LARGE_BYTES)
    read = bucket.read(event, shown.append)

    assert (shown, read) == ([], b"one")


class _Unversioned(FakeS3):
    """S3 with an unversioned bucket."""

    def head_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        answer = super().head_object(**asked)
        del answer["VersionId"]
        return answer

    def put_object(self, **asked: Any) -> dict[str, Any]:  # noqa: ANN401  # as boto3's
        answer = super().put_object(**asked)
        del answer["VersionId"]
        return answer


@pytest.mark.parametrize(
    ("choices", "metadata"),
    [
        (UploadChoices(), {}),
        (UploadChoices("hero"), {"recipe": "hero"}),
        (UploadChoices("hero", Focus(0.3, 1)), {"recipe": "hero", "focus": "0.3,1"}),
    ],
)
def test_an_upload_has_what_it_chose_in_its_metadata(
    bucket: FileOriginalsBucket,
    s3: RecordingS3,
    tmp_path: Path,
    choices: UploadChoices,
    metadata: object,
) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")

    bucket.upload(KEY, b"one", "image/jpeg", choices)
    bucket.upload_file(KEY, file, "image/jpeg", choices)

    assert [asked["Metadata"] for asked in s3.requests] == [metadata, metadata]


def test_the_chosen_rule_is_that_of_the_version_of_the_event(
    bucket: FileOriginalsBucket, s3: RecordingS3
) -> None:
    first = s3.put(BUCKET, KEY, b"one", {"recipe": "hero"})
    s3.put(BUCKET, KEY, b"two")

    assert bucket.with_choices(created(KEY, version_id=first.version_id)).rule == "hero"


@pytest.mark.parametrize("length", [32, 33])
def test_a_text_too_long_for_a_name_is_cut_and_is_no_name(
    bucket: FileOriginalsBucket, s3: RecordingS3, length: int
) -> None:
    stored = s3.put(BUCKET, KEY, b"one", {"recipe": "x" * length})

    found = bucket.with_choices(created(KEY, version_id=stored.version_id)).rule

    assert (len(found), found.isascii()) == (32, length == 32)


@pytest.mark.parametrize("code", ["404", "403", "400", "PreconditionFailed", "MethodNotAllowed"])
def test_a_version_that_is_not_shown_has_no_choices(
    bucket: FileOriginalsBucket, s3: RecordingS3, code: str
) -> None:
    s3.before_call = refuse(code)

    found = bucket.with_choices(created(KEY))

    assert (found.rule, found.focus) == ("", "")


def test_an_error_of_the_bucket_is_not_an_upload_without_a_rule(
    bucket: FileOriginalsBucket, s3: RecordingS3
) -> None:
    s3.before_call = refuse("503")

    with pytest.raises(StoreUnavailable):
        bucket.with_choices(created(KEY))
