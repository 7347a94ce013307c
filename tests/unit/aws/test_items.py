"""Records written by an older version of imagemill or, after a roll-back, by a newer one."""

from dataclasses import replace
from typing import Any

from fakes.cloud import archived_record, ready_record

from imagemill.aws.record_items import from_item, to_item
from imagemill.domain.record import ImageRecord, Original, StateChange

# The attributes of every record since the first version. Never change them.
FIRST: dict[str, Any] = {
    "id": {"S": "2fxydzms7b2hvtxqrnvvthuasm"},
    "key": {"S": "a/b.jpg"},
    "filename": {"S": "b.jpg"},
    "status": {"S": "ready"},
    "sequencer": {"S": "0055AED6DCD90281E5"},
    "uploaded_at": {"S": "2026-05-04T10:20:30.123Z"},
    "original": {"M": {"bytes": {"N": "12"}}},
    "renditions": {
        "M": {
            "500": {
                "M": {
                    "key": {"S": "500/a/b.jpg"},
                    "bytes": {"N": "7"},
                    "width": {"N": "500"},
                    "height": {"N": "333"},
                    "format": {"S": "jpeg"},
                }
            }
        }
    },
}
# States of a history.
STATES = (
    StateChange("failed", "2026-05-04T10:20:30.123Z", 4, "timed_out"),
    StateChange("ready", "2026-05-04T10:20:31.000Z", 1),
)


def test_a_record_of_the_first_version_is_read() -> None:
    record = from_item(FIRST)

    assert isinstance(record, ImageRecord)
    assert (record.status, record.revision, record.leftovers) == ("ready", 1, ())
    assert record.renditions["500"].width == 500
    assert record.original is not None
    assert (record.original.bytes, record.original.width) == (12, None)
    assert record.history == ()


def test_fractions_are_texts_that_former_versions_can_read() -> None:
    facts = Original(12, exposure_time_s=0.004, f_number=1.7, iso=100, focal_length_mm=28.0)
    record = replace(ready_record("a.jpg"), original=facts)

    item = to_item(record)

    assert item["original"]["M"]["exposure_time_s"] == {"S": "0.004"}
    assert from_item(item) == record


def test_attributes_of_a_later_version_are_ignored() -> None:
    record = replace(ready_record("a.jpg"), history=STATES)
    later = to_item(record) | {"new": {"S": "x"}}
    later["original"]["M"]["depth"] = {"N": "10"}
    for made in later["renditions"]["M"].values():
        made["M"]["hash"] = {"S": "x"}

    later["history"]["L"].append({"S": "2026-05-05T00:00:00.000Z frozen 1"})

    assert from_item(later) == record


def test_the_object_that_holds_an_archived_original_is_kept() -> None:
    record = archived_record("a.jpg")

    item = to_item(record)

    assert from_item(item) == record
    assert item["archived"]["M"]["bytes"] == {"N": "240000"}
