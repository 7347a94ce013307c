import json
from typing import Any

import pytest
from fakes.events import notification

from imagemill.domain.cursor import cursor_at, position_of
from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.notification import MalformedNotification, parse_message
from imagemill.domain.reconciliation import Concern, Reconciliation


def parsed(body: str) -> list[ObjectEvent]:
    """Return the events of a message that must have no faults."""
    message = parse_message(body)
    assert message.faults == ()
    return [task for task in message.tasks if isinstance(task, ObjectEvent)]


def changed(part: str, name: str, value: object) -> str:
    """Return a notification of two events, the first with another value in one field."""
    message: dict[str, Any] = json.loads(notification("ObjectCreated:Put", "a.jpg", "b.jpg"))
    record = message["Records"][0]
    place = {"record": record, "object": record["s3"]["object"], "bucket": record["s3"]["bucket"]}
    place[part][name] = value
    return json.dumps(message)


def test_a_notification_becomes_an_event() -> None:
    events = parsed(notification("ObjectCreated:Put", "a.jpg"))

    assert events == [
        ObjectEvent(
            change=Change.CREATED,
            key="a.jpg",
            sequencer="0055AED6DCD90281E5",
            happened_at="2026-05-04T10:20:29.123Z",
            version_id="096fKKXTRTtl3on89fVO.nfljtsv6qko",
            etag="d41d8cd98f00b204e9800998ecf8427e",
            bytes=12,
        )
    ]


@pytest.mark.parametrize(
    "key", ["holiday 2026/été+sun (1).JPG", "a%2Fb+c d.png", "x&y=z?.gif", "日本/🦊.webp", " .jpg"]
)
def test_keys_are_decoded_exactly_once(key: str) -> None:
    events = parsed(notification("ObjectCreated:Put", key))

    assert [event.key for event in events] == [key]


def test_one_message_may_hold_several_records() -> None:
    events = parsed(notification("ObjectCreated:Put", "a.jpg", "b.jpg"))

    assert [event.key for event in events] == ["a.jpg", "b.jpg"]


def test_the_test_message_of_a_new_bucket_holds_no_event() -> None:
    body = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "originals"})

    assert parsed(body) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("ObjectCreated:Put", Change.CREATED),
        ("ObjectCreated:CompleteMultipartUpload", Change.CREATED),
        ("s3:ObjectCreated:Copy", Change.CREATED),
        ("ObjectRemoved:DeleteMarkerCreated", Change.HIDDEN),
        ("ObjectRemoved:Delete", Change.VERSION_DELETED),
        ("LifecycleExpiration:DeleteMarkerCreated", Change.HIDDEN),
        ("LifecycleExpiration:Delete", Change.VERSION_DELETED),
    ],
)
def test_the_event_name_gives_the_kind_of_change(name: str, change: Change) -> None:
    assert parsed(notification(name, "a.jpg"))[0].change is change


def test_a_removal_in_a_bucket_without_versions_leaves_nothing() -> None:
    message = json.loads(notification("ObjectRemoved:Delete", "a.jpg"))
    del message["Records"][0]["s3"]["object"]["versionId"]

    assert parsed(json.dumps(message))[0].change is Change.HIDDEN


def test_an_event_of_a_lifecycle_rule_has_no_sequencer() -> None:
    message = json.loads(notification("LifecycleExpiration:DeleteMarkerCreated", "a.jpg"))
    del message["Records"][0]["s3"]["object"]["sequencer"]

    assert parsed(json.dumps(message))[0].sequencer == ""


def test_a_restored_object_is_looked_at() -> None:
    message = json.loads(notification("ObjectRestore:Completed", "a b.jpg"))
    del message["Records"][0]["s3"]["object"]["sequencer"]

    assert parse_message(json.dumps(message)).tasks == (Reconciliation("a b.jpg"),)


@pytest.mark.parametrize("name", ["ObjectRestore:Post", "ObjectRestore:Delete"])
def test_other_events_of_a_restore_are_refused(name: str) -> None:
    assert parse_message(notification(name, "a.jpg")).tasks == ()


def test_any_other_event_needs_a_sequencer() -> None:
    message = json.loads(notification("ObjectCreated:Put", "a.jpg"))
    del message["Records"][0]["s3"]["object"]["sequencer"]

    assert parse_message(json.dumps(message)).tasks == ()
    assert "sequencer" in parse_message(json.dumps(message)).faults[0]


@pytest.mark.parametrize(
    "body",
    ["", "words", "[]", "null", "{}", '{"Records": {}}', '{"Event": "other"}', "[" * 100_000],
)
def test_a_notification_that_s3_never_sends_is_refused(body: str) -> None:
    with pytest.raises(MalformedNotification) as fault:
        parse_message(body)

    assert len(str(fault.value)) < 500


@pytest.mark.parametrize(
    ("part", "name", "value"),
    [
        ("record", "eventName", "ReducedRedundancy:X"),
        ("record", "eventName", None),
        ("record", "eventTime", "9" * 3_000),
        ("record", "eventTime", "2026-05-04T10:20:29.123"),
        ("record", "eventTime", "yesterday"),
        ("record", "eventTime", "0001-01-01T00:00:00+23:00"),
        ("record", "eventTime", 1777890000),
        ("record", "s3", None),
        ("bucket", "name", "another"),
        ("object", "key", ""),
        ("object", "key", None),
        ("object", "key", "a" * 1_025),
        ("object", "key", "%C3%A9" * 513),
        ("object", "key", "%FF.jpg"),
        ("object", "key", "\ud800.jpg"),
        ("object", "sequencer", ""),
        ("object", "sequencer", "0055AED6.D"),
        ("object", "sequencer", "00XY"),
        ("object", "sequencer", "A" * 65),
        ("object", "sequencer", 7),
        ("object", "size", -1),
        ("object", "size", 1.5),
        ("object", "size", True),
        ("object", "size", "12"),
        ("object", "size", 10**30),
        ("object", "versionId", "v" * 1_025),
        ("object", "versionId", "v 1"),
        ("object", "versionId", 1),
        ("object", "eTag", "e" * 257),
        ("object", "eTag", "e\r\nx: y"),
        ("object", "eTag", ["e"]),
    ],
)
def test_a_record_with_an_invalid_field_is_refused_and_the_other_record_is_parsed(
    part: str, name: str, value: object
) -> None:
    message = parse_message(changed(part, name, value), "originals")

    assert [task.key for task in message.tasks] == ["b.jpg"]
    assert len(message.faults) == 1
    assert len(message.faults[0]) < 200


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2026-05-04T10:20:29.123Z", "2026-05-04T10:20:29.123Z"),
        ("2026-05-04T10:20:29Z", "2026-05-04T10:20:29.000Z"),
        ("2026-05-04T12:20:29.123456+02:00", "2026-05-04T10:20:29.123Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"),
    ],
)
def test_a_time_is_stored_in_utc_with_milliseconds(sent: str, kept: str) -> None:
    event = parsed(changed("record", "eventTime", sent))[0]

    assert event.happened_at == kept
    assert position_of(cursor_at(f"{kept}#{event.id}", None), None) == f"{kept}#{event.id}"


def test_a_quoted_etag_is_kept_without_its_quotes() -> None:
    assert parsed(changed("object", "eTag", '"d41d"'))[0].etag == "d41d"


@pytest.mark.parametrize("key", ["k" * 1_024, "é" * 512])
def test_a_key_of_1024_bytes_is_accepted(key: str) -> None:
    assert parsed(notification("ObjectCreated:Put", key))[0].key == key


def test_the_marker_of_a_folder_is_no_event_of_an_image() -> None:
    body = json.loads(notification("ObjectCreated:Put", "albums/summer/"))
    body["Records"][0]["s3"]["object"]["size"] = 0

    look = Reconciliation("albums/summer/", frozenset({Concern.MISSING}))
    assert parse_message(json.dumps(body)).tasks == (look,)


@pytest.mark.parametrize(
    ("name", "key", "size"),
    [
        ("ObjectCreated:Put", "albums/summer/", 1),
        ("ObjectCreated:Put", "albums/summer", 0),
        ("ObjectRemoved:DeleteMarkerCreated", "albums/summer/", 0),
    ],
)
def test_only_a_created_object_without_bytes_marks_a_folder(name: str, key: str, size: int) -> None:
    body = json.loads(notification(name, key))
    body["Records"][0]["s3"]["object"]["size"] = size

    assert [event.key for event in parsed(json.dumps(body))] == [key]
