from dataclasses import replace

import pytest
from fakes.cloud import FakeCloud, deleted_record, ready_record, rejected_record

from imagemill.errors import NotFound
from imagemill.operations.download import Fetched, fetch_original, fetch_rendition, key_of, require


def test_a_rendition_is_named_after_the_original_with_its_own_extension() -> None:
    record = ready_record("holiday/IMG_1.HEIC")
    cloud = FakeCloud(record)

    fetched = fetch_rendition(record, None, cloud.renditions)

    assert fetched == Fetched("IMG_1.jpg", b"rendition 500/holiday/IMG_1.HEIC")


def test_the_first_preset_by_name_is_the_default() -> None:
    one, other = ready_record(preset="500"), ready_record(preset="thumb")
    record = replace(one, renditions={**other.renditions, **one.renditions})
    cloud = FakeCloud(record)

    fetched = fetch_rendition(record, None, cloud.renditions)

    assert fetched.data == b"rendition 500/a.jpg"


def test_the_error_for_an_unknown_preset_lists_the_known_ones() -> None:
    record = ready_record()

    with pytest.raises(NotFound, match=r"expected a preset of 'a\.jpg' \(500\), got 'wide'"):
        fetch_rendition(record, "wide", FakeCloud(record).renditions)


def test_the_error_for_a_rejected_image_has_the_reason() -> None:
    record = rejected_record()

    with pytest.raises(NotFound, match=r"'a\.txt' is rejected .*: not_an_image, the bytes"):
        fetch_rendition(record, None, FakeCloud(record).renditions)


def test_an_original_is_fetched_as_it_was_uploaded() -> None:
    record = ready_record("holiday/a.jpg")
    cloud = FakeCloud(record)

    assert fetch_original(record, cloud.originals) == Fetched("a.jpg", b"original")


def test_an_original_that_is_gone_is_not_found() -> None:
    with pytest.raises(NotFound, match="is gone"):
        fetch_original(ready_record(), FakeCloud().originals)


@pytest.mark.parametrize("key", ["a/..", "..", ".bashrc"])
def test_no_key_leads_to_an_unsafe_file_name(key: str) -> None:
    record = ready_record(key)
    cloud = FakeCloud(record)

    assert fetch_original(record, cloud.originals).filename in {"image", "bashrc"}


def test_an_image_is_found_by_id_or_key() -> None:
    record = ready_record()
    cloud = FakeCloud(record)

    assert require("a.jpg", cloud.records) == require(record.id, cloud.records) == record


def test_an_unknown_image_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"there is no image 'nope\.jpg'"):
        require("nope.jpg", FakeCloud().records)


def test_an_original_without_a_record_is_found_by_its_key() -> None:
    cloud = FakeCloud()
    cloud.originals.objects["new.jpg"] = b"x"

    assert key_of("new.jpg", cloud.records, cloud.originals) == "new.jpg"


def test_a_deleted_image_has_no_key() -> None:
    cloud = FakeCloud()
    cloud.records.add(deleted_record())

    assert key_of("a.jpg", cloud.records, cloud.originals) is None
