from pathlib import Path, PurePosixPath

import pytest
from fakes.cloud import FakeOriginals, FakeRecordTable

from imagemill.domain.media_types import content_type_of
from imagemill.domain.object_version import ObjectVersion
from imagemill.domain.record import Fault
from imagemill.errors import SetupFailed
from imagemill.operations.find_files import FoundFile
from imagemill.operations.upload_files import (
    Upload,
    UploadResult,
    plan_uploads,
    upload_files,
)


@pytest.fixture
def originals() -> FakeOriginals:
    return FakeOriginals(FakeRecordTable())


def found(path: str, name: str) -> FoundFile:
    return FoundFile(Path(path), PurePosixPath(name))


@pytest.mark.parametrize("prefix", ["trip", "/trip", "trip/"])
def test_a_prefix_is_a_folder_with_or_without_slashes(prefix: str) -> None:
    uploads = plan_uploads([found("/x/b.jpg", "holiday/b.jpg")], prefix)

    assert uploads == [Upload(Path("/x/b.jpg"), "trip/holiday/b.jpg")]


def test_without_a_prefix_the_key_is_the_name() -> None:
    uploads = plan_uploads([found("/x/b.jpg", "b.jpg")])

    assert uploads == [Upload(Path("/x/b.jpg"), "b.jpg")]


def test_files_that_would_share_a_key_are_rejected() -> None:
    with pytest.raises(SetupFailed, match=r"several files would have the key a\.jpg: "):
        plan_uploads([found("/x/a.jpg", "a.jpg"), found("/y/a.jpg", "a.jpg")])


def test_a_file_is_stored_with_the_media_type_of_its_extension(
    originals: FakeOriginals, tmp_path: Path
) -> None:
    path = tmp_path / "a.heic"
    path.write_bytes(b"image")

    sent = list(upload_files([Upload(path, "k/a.heic")], originals))

    assert sent == [UploadResult(Upload(path, "k/a.heic"), ObjectVersion("v2", "etag of v2"))]
    assert originals.objects == {"k/a.heic": b"image"}
    assert originals.types == {"k/a.heic": "image/heic"}


def test_a_file_that_cannot_be_read_does_not_stop_the_others(
    originals: FakeOriginals, tmp_path: Path
) -> None:
    (tmp_path / "a.jpg").write_bytes(b"image")
    uploads = [Upload(tmp_path / "nope.jpg", "nope.jpg"), Upload(tmp_path / "a.jpg", "a.jpg")]

    sent = {one.upload.key: one.error for one in upload_files(uploads, originals)}

    assert sent == {"nope.jpg": Fault("unreadable", "No such file or directory"), "a.jpg": None}


def test_the_failure_of_the_store_is_reported_for_each_file(
    originals: FakeOriginals, tmp_path: Path
) -> None:
    originals.is_down = True
    (tmp_path / "a.jpg").write_bytes(b"image")

    [sent] = upload_files([Upload(tmp_path / "a.jpg", "a.jpg")], originals)

    assert sent.error == Fault("store_unavailable", "the originals bucket could not be reached")


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("é" * 513, "expected a key of at most 1024 bytes, got 1026"),
        ("caf\udce9.jpg", "expected a name in UTF-8, which is all that a key can be"),
    ],
)
def test_a_name_that_cannot_be_a_key_is_not_sent(
    originals: FakeOriginals, key: str, message: str
) -> None:
    [sent] = upload_files([Upload(Path("a.jpg"), key)], originals)

    assert sent.error == Fault("invalid_key", message)


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.JPG", "image/jpeg"),
        ("a.heic", "image/heic"),
        ("a.avif", "image/avif"),
        ("a.webp", "image/webp"),
        ("a", "application/octet-stream"),
    ],
)
def test_the_type_is_guessed_from_the_name(name: str, content_type: str) -> None:
    assert content_type_of(name) == content_type
