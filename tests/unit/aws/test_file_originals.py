"""A large file goes to the bucket of originals in parts, and is continued after an interruption."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.multipart_s3 import FakeMultipartS3, part_options
from fakes.renditions_bucket import refuse

from imagemill.aws.file_originals import FileOriginalsBucket, part_bytes_of
from imagemill.domain.event import Focus, UploadChoices
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.upload_parts import PART_BYTES
from imagemill.errors import StoreUnavailable

BUCKET, KEY = "originals", "in/a.jpg"
CHOICES = UploadChoices("hero", Focus(0.25, 0.5))
DATA = bytes(PART_BYTES) + b"end"


@pytest.fixture
def s3() -> FakeMultipartS3:
    return FakeMultipartS3()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return a file of two parts."""
    path = tmp_path / "a.jpg"
    path.write_bytes(DATA)
    return path


def put(s3: FakeMultipartS3, file: Path, choices: UploadChoices = CHOICES) -> ObjectVersion:
    """Upload the file with a new client, as a new run of the command does."""
    options = part_options(file.parent / "saved", PART_BYTES + 1)
    bucket = FileOriginalsBucket(s3, BUCKET, options)  # type: ignore[arg-type]  # a fake
    return bucket.upload_file(KEY, file, "image/jpeg", choices)


def refuse_part(number: int, s3: FakeMultipartS3, times: int = 2) -> Callable[[str], None]:
    """Return a hook that refuses to take the next parts after `number` - 1 have arrived."""
    refusals = iter(range(times))

    def before_call(call: str) -> None:
        if call == "UploadPart" and len(s3.sent) == number - 1 and next(refusals, None) is not None:
            refuse("InternalError")(call)

    return before_call


def interrupt(s3: FakeMultipartS3, file: Path, number: int = 2) -> None:
    """Upload the file until a part is refused twice."""
    s3.before_call = refuse_part(number, s3)
    with pytest.raises(StoreUnavailable):
        put(s3, file)
    s3.before_call = lambda _: None


def test_a_large_file_is_sent_in_parts_with_its_metadata(s3: FakeMultipartS3, file: Path) -> None:
    version = put(s3, file)

    [stored] = s3.objects[BUCKET, KEY]
    assert (stored.data, stored.metadata) == (DATA, CHOICES.metadata)
    assert s3.begun["u1"]["ContentType"] == "image/jpeg"
    assert version == ObjectVersion(stored.version_id, "of-2-parts")
    assert list((file.parent / "saved").iterdir()) == []


def test_an_upload_that_is_not_interrupted_needs_no_list(s3: FakeMultipartS3, file: Path) -> None:
    put(s3, file)

    create, complete = "CreateMultipartUpload", "CompleteMultipartUpload"
    assert s3.calls == [create, "UploadPart", "UploadPart", complete]


def test_a_smaller_file_is_sent_in_one_request(s3: FakeMultipartS3, file: Path) -> None:
    file.write_bytes(bytes(PART_BYTES))

    put(s3, file)

    assert s3.calls == ["PutObject"]


def test_another_run_sends_only_the_missing_parts(s3: FakeMultipartS3, file: Path) -> None:
    interrupt(s3, file)

    put(s3, file)

    assert (len(s3.begun), s3.sent) == (1, [1, 2])
    assert s3.objects[BUCKET, KEY][-1].data == DATA


def test_a_part_that_fails_is_sent_once_more(s3: FakeMultipartS3, file: Path) -> None:
    s3.before_call = refuse_part(2, s3, times=1)

    put(s3, file)

    assert s3.calls.count("ListParts") == 0
    assert s3.sent == [1, 2]


def test_a_part_with_other_bytes_is_sent_again(s3: FakeMultipartS3, file: Path) -> None:
    interrupt(s3, file)
    s3.parts["u1"][1] = b"of other bytes"

    put(s3, file)

    assert s3.sent == [1, 1, 2]


@pytest.mark.parametrize("changes", ["file", "choice", "end", "no right to list"])
def test_an_upload_of_something_else_or_that_is_not_shown_begins_again(
    s3: FakeMultipartS3, file: Path, changes: str
) -> None:
    interrupt(s3, file)
    if changes == "file":
        file.write_bytes(DATA + b"x")
    if changes == "end":
        del s3.parts["u1"]
    if changes == "no right to list":
        s3.before_call = refuse("AccessDenied", "ListParts")

    put(s3, file, UploadChoices() if changes == "choice" else CHOICES)

    assert (len(s3.begun), s3.sent) == (2, [1, 1, 2])


@pytest.mark.parametrize("may_abort", [True, False])
def test_a_file_that_changes_meanwhile_is_not_stored(
    s3: FakeMultipartS3, file: Path, *, may_abort: bool
) -> None:
    def before_call(call: str) -> None:
        if call == "UploadPart":
            os.utime(file, (len(s3.sent), 1))
        if call == "AbortMultipartUpload" and not may_abort:
            refuse("AccessDenied")(call)

    s3.before_call = before_call

    with pytest.raises(OSError, match="the file changed while it was sent"):
        put(s3, file)

    assert (s3.objects, list(s3.parts)) == ({}, [] if may_abort else ["u1"])
    assert list((file.parent / "saved").iterdir()) == []


def test_an_upload_that_ends_before_it_is_complete_can_be_tried_again(
    s3: FakeMultipartS3, file: Path
) -> None:
    s3.before_call = refuse("NoSuchUpload", "CompleteMultipartUpload")
    with pytest.raises(StoreUnavailable, match="try again"):
        put(s3, file)
    s3.before_call = lambda _: None

    put(s3, file)

    assert len(s3.begun) == 2


def test_an_error_names_the_bucket(s3: FakeMultipartS3, file: Path) -> None:
    s3.before_call = refuse("AccessDenied")

    with pytest.raises(StoreUnavailable, match=r"^the originals bucket answered AccessDenied"):
        put(s3, file)


@pytest.mark.parametrize(
    ("size", "expected"),
    [(1, PART_BYTES), (1000 * PART_BYTES, PART_BYTES), (1000 * PART_BYTES + 1, PART_BYTES + 1)],
)
def test_a_file_has_at_most_a_thousand_parts(size: int, expected: int) -> None:
    assert part_bytes_of(size) == expected
