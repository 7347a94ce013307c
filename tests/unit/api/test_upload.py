from dataclasses import replace

import pytest
from fakes.api import FakeLinks
from fakes.stores import FakeRecords, StoppedClock

from imagemill.api.upload import Upload, UploadDeps, UploadSpec, presign_upload, store_upload
from imagemill.domain.event import NO_CHOICES, UploadChoices
from imagemill.domain.stores import OriginalUploads
from imagemill.errors import (
    EmptyFile,
    InvalidRequest,
    NotAnImage,
    StoreUnavailable,
    TooManyBytes,
)


class FakeOriginalsBucket:
    def __init__(self) -> None:
        self.objects: dict[str, tuple[bytes, str]] = {}
        self.choices: dict[str, UploadChoices] = {}

    def upload(
        self, key: str, data: bytes, content_type: str, choices: UploadChoices = NO_CHOICES
    ) -> None:
        self.objects[key] = (data, content_type)
        self.choices[key] = choices


class BrokenBucket:
    def upload(
        self, key: str, data: bytes, content_type: str, choices: UploadChoices = NO_CHOICES
    ) -> None:
        raise StoreUnavailable(
            f"no room for {key}, {len(data)} bytes of {content_type} for {choices}"
        )


def uploads(inbox: OriginalUploads, records: FakeRecords) -> UploadDeps:
    return UploadDeps(records, inbox, StoppedClock(), max_bytes=10, inspect=len)


def test_an_upload_is_stored_with_a_unique_key() -> None:
    inbox, records = FakeOriginalsBucket(), FakeRecords()

    record = store_upload(Upload(b"12345", "../é.jpg", "image/jpeg"), "t", uploads(inbox, records))

    assert inbox.objects == {"uploads/t/é.jpg": (b"12345", "image/jpeg")}
    assert (record.key, record.status, record.filename) == ("uploads/t/é.jpg", "pending", "é.jpg")
    assert records.items == {record.id: record}


def test_the_record_of_an_upload_is_written_before_it_is_stored() -> None:
    records = FakeRecords()

    with pytest.raises(StoreUnavailable):
        store_upload(Upload(b"1", "a.jpg", "image/jpeg"), "t", uploads(BrokenBucket(), records))

    assert [record.status for record in records.items.values()] == ["pending"]


@pytest.mark.parametrize(("data", "error"), [(b"", EmptyFile), (b"12345678901", TooManyBytes)])
def test_an_upload_of_an_invalid_size_is_rejected_and_not_stored(
    data: bytes, error: type[Exception]
) -> None:
    inbox, records = FakeOriginalsBucket(), FakeRecords()

    with pytest.raises(error):
        store_upload(Upload(data, "a.jpg", "image/jpeg"), "t", uploads(inbox, records))

    assert (inbox.objects, records.items) == ({}, {})


def test_an_upload_that_is_no_image_is_rejected_and_not_stored() -> None:
    inbox, records = FakeOriginalsBucket(), FakeRecords()
    deps = replace(uploads(inbox, records), inspect=refuse)

    with pytest.raises(NotAnImage):
        store_upload(Upload(b"words", "a.jpg", "image/jpeg"), "t", deps)

    assert (inbox.objects, records.items) == ({}, {})


def test_an_announced_file_is_pending_for_longer_than_its_form_is_valid() -> None:
    records = FakeRecords()
    deps = uploads(FakeOriginalsBucket(), records)

    presigned = presign_upload(
        UploadSpec("a.jpg", "image/jpeg", 10), "t", deps, FakeLinks(), lifetime_s=900
    )

    assert records.items == {presigned.record.id: presigned.record}
    assert presigned.form.fields == {"key": "uploads/t/a.jpg", "Content-Type": "image/jpeg"}
    assert presigned.expires_at == "2026-05-04T10:35:30Z"
    assert (presigned.record.expires_at or 0) > StoppedClock().now_s() + 900


def test_a_file_that_is_announced_as_too_large_is_rejected() -> None:
    records = FakeRecords()

    with pytest.raises(TooManyBytes):
        presign_upload(
            UploadSpec("a", "image/png", 11),
            "t",
            uploads(FakeOriginalsBucket(), records),
            FakeLinks(),
            900,
        )

    assert records.items == {}


def refuse(data: bytes) -> None:
    raise NotAnImage(f"{len(data)} bytes of no image")


@pytest.mark.parametrize(("announced", "most"), [(1, 1_025), (9_000, 10_000), (10_000, 10_000)])
def test_a_form_accepts_slightly_more_than_the_announced_size_up_to_the_limit(
    announced: int, most: int
) -> None:
    deps = replace(uploads(FakeOriginalsBucket(), FakeRecords()), max_bytes=10_000)
    presigner = FakeLinks()

    presigned = presign_upload(
        UploadSpec("a.jpg", "image/jpeg", announced), "t", deps, presigner, lifetime_s=900
    )

    assert (presigned.max_bytes, presigner.max_bytes) == (most, most)


def test_an_upload_has_the_prefix_of_the_keys_that_are_processed() -> None:
    inbox = FakeOriginalsBucket()
    deps = replace(uploads(inbox, FakeRecords()), prefix="in/")

    record = store_upload(Upload(b"1", "a.jpg", "image/jpeg"), "t", deps)

    assert record.key == "in/uploads/t/a.jpg"
    assert inbox.objects.keys() == {"in/uploads/t/a.jpg"}


def test_a_file_whose_key_is_not_processed_is_refused_and_not_stored() -> None:
    inbox, records = FakeOriginalsBucket(), FakeRecords()
    deps = replace(uploads(inbox, records), accepts=lambda key: key.endswith(".png"))

    with pytest.raises(InvalidRequest, match="filename"):
        store_upload(Upload(b"1", "a.jpg", "image/jpeg"), "t", deps)
    with pytest.raises(InvalidRequest, match="filename"):
        presign_upload(UploadSpec("a.jpg", "image/jpeg", 1), "t", deps, FakeLinks(), 900)

    assert (inbox.objects, records.items) == ({}, {})
