"""The queue's messages: JSON in, our events and reconciliations out."""

import json
from typing import Any
from urllib.parse import unquote_plus

from imagemill.catalog.event import Change, ObjectEvent
from imagemill.catalog.reconciliation import MARK, Reconciliation, from_message
from imagemill.catalog.sequence import OLDEST, canonical

UNREADABLE = "malformed_notification"
"""The code of a message that nobody can read."""
_VERSION_DELETED = {"ObjectRemoved:Delete", "LifecycleExpiration:Delete"}


Task = ObjectEvent | Reconciliation
"""What a message may ask for."""


class MalformedNotification(ValueError):
    """The message is neither one that S3 sends nor one of ours."""


def parse_message(body: str, bucket: str = "") -> "list[Task]":
    """Return what one queue message asks for: a reconciliation, or S3's events.

    Raises MalformedNotification, also for events of another bucket than the one named: the queue
    takes what any bucket of the account sends, and a deletion there is none here.
    """
    try:
        message = json.loads(body)
        if isinstance(message, dict) and MARK in message:
            return [from_message(message)]
    except (ValueError, KeyError, TypeError) as fault:
        raise MalformedNotification(f"expected a message of ours, got {body[:200]!r}") from fault
    return list(parse_notification(body, bucket))


def parse_notification(body: str, bucket: str = "") -> list[ObjectEvent]:
    """Return the events of one queue message; none for the test message of a new bucket.

    Keys arrive URL-encoded, with `+` for a space. Raises MalformedNotification. Source: "Event
    message structure" in the Amazon S3 User Guide.
    """
    try:
        message = json.loads(body)
        if message.get("Event") == "s3:TestEvent":
            return []
        return [_event(_of(bucket, record)) for record in message["Records"]]
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise MalformedNotification(f"expected an S3 notification, got {body[:200]!r}") from fault


def _of(bucket: str, record: dict[str, Any]) -> dict[str, Any]:
    """Return the record if it is about the bucket, whatever it is about if none is named."""
    if bucket and record["s3"]["bucket"]["name"] != bucket:
        raise ValueError(record["s3"]["bucket"]["name"])
    return record


def _event(record: dict[str, Any]) -> ObjectEvent:
    described = record["s3"]["object"]
    return ObjectEvent(
        change=_change(record["eventName"], described),
        key=unquote_plus(described["key"]),
        sequencer=canonical(_sequencer(record["eventName"], described)),
        happened_at=record["eventTime"],
        version_id=described.get("versionId", ""),
        etag=described.get("eTag", ""),
        bytes=described.get("size", 0),
    )


def _sequencer(name: str, described: dict[str, Any]) -> str:
    """Read the sequencer; what a lifecycle rule did has none."""
    if name.removeprefix("s3:").startswith("LifecycleExpiration:"):
        return str(described.get("sequencer", OLDEST))
    return str(described["sequencer"])


def _change(name: str, described: dict[str, Any]) -> Change:
    """Read the event's name; a removal without a version leaves nothing under the key."""
    name = name.removeprefix("s3:")
    if name.startswith("ObjectCreated:"):
        return Change.CREATED
    if name in _VERSION_DELETED and described.get("versionId"):
        return Change.VERSION_DELETED
    if name.startswith(("ObjectRemoved:", "LifecycleExpiration:")):
        return Change.HIDDEN
    raise ValueError(name)
