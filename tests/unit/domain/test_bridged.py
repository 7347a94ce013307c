"""Events that arrive through EventBridge."""

import json
from typing import Any

import pytest

from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.ignored import KeyFilter
from imagemill.domain.notification import Message, parse_message
from imagemill.domain.reconciliation import Concern, Reconciliation, concern_fields, to_message


def bridged(kind: str = "Object Created", **changes: object) -> dict[str, Any]:
    """Return an event as EventBridge delivers it; changes are fields of its detail."""
    described = {
        "key": "a b+ü.jpg",
        "size": 12,
        "etag": "d41d8cd98f00b204e9800998ecf8427e",
        "version-id": "v1",
        "sequencer": "00617F08299329D180",
    }
    detail = {"version": "0", "bucket": {"name": "photos"}, "object": described, "reason": "x"}
    return {
        "version": "0",
        "detail-type": kind,
        "source": "aws.s3",
        "time": "2026-11-12T00:00:00Z",
        "detail": detail | changes,
    }


def parsed(message: dict[str, Any]) -> Message:
    return parse_message(json.dumps(message), "photos")


def test_a_message_of_eventbridge_becomes_an_event_and_its_key_is_not_decoded() -> None:
    assert parsed(bridged()).tasks == (
        ObjectEvent(
            change=Change.CREATED,
            key="a b+ü.jpg",
            sequencer="00617F08299329D18",
            happened_at="2026-11-12T00:00:00.000Z",
            version_id="v1",
            etag="d41d8cd98f00b204e9800998ecf8427e",
            bytes=12,
        ),
    )


@pytest.mark.parametrize(
    ("deletion", "change"),
    [
        ("Delete Marker Created", Change.HIDDEN),
        ("Permanently Deleted", Change.VERSION_DELETED),
    ],
)
def test_the_type_of_a_deletion_gives_the_kind_of_change(deletion: str, change: Change) -> None:
    message = bridged("Object Deleted", **{"deletion-type": deletion})
    del message["detail"]["object"]["size"]

    [event] = parsed(message).tasks

    assert isinstance(event, ObjectEvent)
    assert event.change is change


def test_the_key_of_a_restored_object_is_looked_at() -> None:
    message = bridged("Object Restore Completed")
    del message["detail"]["object"]["sequencer"]

    assert parsed(message).tasks == (Reconciliation("a b+ü.jpg"),)


def test_without_a_sequencer_the_bucket_decides() -> None:
    message = bridged("Object Deleted", **{"deletion-type": "Delete Marker Created"})
    del message["detail"]["object"]["sequencer"]

    [event] = parsed(message).tasks

    assert isinstance(event, ObjectEvent)
    assert event.sequencer == ""


@pytest.mark.parametrize(
    "message",
    [
        bridged("Object Tags Added"),
        bridged("Object Deleted"),
        bridged(bucket={"name": "another"}),
        bridged(object={}),
        {"source": "aws.s3"},
    ],
)
def test_any_other_message_of_eventbridge_is_a_fault(message: dict[str, Any]) -> None:
    found = parsed(message)

    assert found.tasks == ()
    assert len(found.faults) == 1


def test_an_event_of_an_ignored_key_is_no_task() -> None:
    keys = KeyFilter("b/")

    found = parse_message(json.dumps(bridged()), "photos", keys.accepts)

    assert found == Message()


def test_a_listed_object_with_an_ignored_key_is_no_task() -> None:
    listed = {"Key": "a.xmp", "Size": 1, "Etag": "e", "LastModified": 1} | concern_fields(
        [Concern.MISSING]
    )

    assert parse_message(json.dumps(listed), "photos", KeyFilter().accepts).tasks == ()
    assert len(parse_message(json.dumps(listed), "photos").tasks) == 1


def test_a_look_that_no_listing_has_asked_for_is_never_ignored() -> None:
    look = Reconciliation("a.xmp", frozenset({Concern.MISSING}))

    assert parse_message(to_message(look), "photos", KeyFilter().accepts).tasks == (look,)
