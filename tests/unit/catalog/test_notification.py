import json

import pytest
from fakes.events import notification

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.notification import MalformedNotification, parse_notification


def test_a_notification_becomes_an_event() -> None:
    events = parse_notification(notification("ObjectCreated:Put", "a.jpg"))

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
    events = parse_notification(notification("ObjectCreated:Put", key))

    assert [event.key for event in events] == [key]


def test_one_message_may_hold_several_records() -> None:
    events = parse_notification(notification("ObjectCreated:Put", "a.jpg", "b.jpg"))

    assert [event.key for event in events] == ["a.jpg", "b.jpg"]


def test_the_test_message_of_a_new_bucket_holds_no_event() -> None:
    body = json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "originals"})

    assert parse_notification(body) == []


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
def test_the_event_name_says_what_was_done(name: str, change: Change) -> None:
    assert parse_notification(notification(name, "a.jpg"))[0].change is change


def test_a_removal_in_a_bucket_without_versions_leaves_nothing() -> None:
    message = json.loads(notification("ObjectRemoved:Delete", "a.jpg"))
    del message["Records"][0]["s3"]["object"]["versionId"]

    assert parse_notification(json.dumps(message))[0].change is Change.HIDDEN


def test_what_a_lifecycle_rule_did_has_no_place_in_the_order() -> None:
    message = json.loads(notification("LifecycleExpiration:DeleteMarkerCreated", "a.jpg"))
    del message["Records"][0]["s3"]["object"]["sequencer"]

    assert parse_notification(json.dumps(message))[0].sequencer == ""


def test_what_somebody_did_must_have_a_place_in_the_order() -> None:
    message = json.loads(notification("ObjectCreated:Put", "a.jpg"))
    del message["Records"][0]["s3"]["object"]["sequencer"]

    with pytest.raises(MalformedNotification):
        parse_notification(json.dumps(message))


@pytest.mark.parametrize(
    "body",
    [
        "",
        "words",
        "[]",
        "null",
        "{}",
        '{"Records": [{}]}',
        notification("ReducedRedundancy:X", "a"),
    ],
)
def test_what_s3_never_sends_is_refused(body: str) -> None:
    with pytest.raises(MalformedNotification):
        parse_notification(body)
