from fakes.stores import FakeRecords

from imagemill.api.read import find
from imagemill.domain.keys import image_id
from imagemill.domain.transitions import pending

LOOKS_LIKE_AN_ID = "a" * 26


def test_a_record_is_found_by_id_and_by_key() -> None:
    record = pending("x/a.jpg", 1, "2026-05-04T10:20:29.000Z", 0)
    records = FakeRecords({record.id: record})

    assert find(record.id, records) == record
    assert find("x/a.jpg", records) == record
    assert find("x/b.jpg", records) is None


def test_a_key_that_looks_like_an_id_is_found_too() -> None:
    record = pending(LOOKS_LIKE_AN_ID, 1, "2026-05-04T10:20:29.000Z", 0)
    records = FakeRecords({image_id(LOOKS_LIKE_AN_ID): record})

    assert find(LOOKS_LIKE_AN_ID, records) == record
