"""Messages of the queue: parsed from JSON into events and reconciliations."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote_plus

from imagemill.dataclass import dataclass
from imagemill.domain import checks
from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.keys import Accepts, accept_every, is_folder_marker
from imagemill.domain.quoting import quoted
from imagemill.domain.reconciliation import MARK, Concern, Reconciliation, from_message
from imagemill.domain.sequencer import OLDEST, canonical

# The error code of a message, or of a record in it, that has no known form.
UNREADABLE = "malformed_notification"
_VERSION_DELETED = {"ObjectRemoved:Delete", "LifecycleExpiration:Delete"}
# An archived object can be read again. It is the only event of a restore that the template orders.
_RESTORED = "ObjectRestore:Completed"
# Most characters of a malformed message that its error quotes.
_MAX_QUOTED = 200


# The content of a message.
Task = ObjectEvent | Reconciliation


class MalformedNotification(ValueError):
    """The message, or a record in it, has no known form."""


@dataclass(frozen=True, slots=True)
class Message:
    """One queue message: its tasks, and the faults of its malformed records."""

    tasks: tuple[Task, ...] = ()
    faults: tuple[str, ...] = ()


def parse_message(body: str, bucket: str = "", accepts: Accepts = accept_every) -> Message:
    """Return the content of one queue message: a reconciliation, or events of S3.

    Each record of a notification is checked separately, so that a malformed one does not affect the
    others. A record about another bucket than `bucket` is malformed, too: any bucket of the account
    may send to the queue, and a deletion there deletes nothing here. The test message of a new
    bucket has no tasks, nor have events and listed objects with a key that `accepts` refuses.
    Raises MalformedNotification for a message that is no JSON object of a known form. Source:
    "Event message structure" in the Amazon S3 User Guide.
    """
    try:
        message = json.loads(body)
        if not isinstance(message, dict):
            raise ValueError("expected a JSON object")  # noqa: TRY004, TRY301  # caught below
        if MARK in message:
            look = from_message(message)
            return Message(() if look.listed and not accepts(look.key) else (look,))
        if message.get("Event") == "s3:TestEvent":
            return Message()
        if message.get("source") == "aws.s3":
            # Only a stack whose events arrive by EventBridge needs it.
            from imagemill.domain.bridged import bridged_task  # noqa: PLC0415

            return _of_records([message], bucket, accepts, bridged_task)
        records = checks.field(message, "Records")
        if not isinstance(records, list):
            raise ValueError("expected a list of Records")  # noqa: TRY004, TRY301  # as above
    except (ValueError, KeyError, TypeError, RecursionError) as fault:
        why = f"expected a notification of S3 or a message of ours: {fault}"
        raise MalformedNotification(f"{why}; got {quoted(body, _MAX_QUOTED)}") from fault
    return _of_records(records, bucket, accepts, _task)


def _of_records(
    records: list[Any], bucket: str, accepts: Accepts, read: Callable[[object, str], Task]
) -> Message:
    tasks: list[Task] = []
    faults: list[str] = []
    for number, record in enumerate(records, 1):
        try:
            task = read(record, bucket)
            if accepts(task.key):
                tasks.append(_unless_marker(task))
        except ValueError as fault:
            faults.append(f"record {number}: {fault}")
    return Message(tuple(tasks), tuple(faults))


def _unless_marker(task: Task) -> Task:
    """Return the task; for the marker of a folder, which is no image, a look at its key.

    The marker may have replaced an image.
    """
    if isinstance(task, Reconciliation) or task.change is not Change.CREATED:
        return task
    if is_folder_marker(task.key, task.bytes):
        return Reconciliation(task.key, frozenset({Concern.MISSING}))
    return task


def _task(record: object, bucket: str) -> Task:
    """Return the task of one record: an event, or a look at its key.

    The bytes of a restored object were announced when it was stored, and S3 gives the restore no
    sequencer.
    """
    s3 = checks.field(record, "s3")
    bucket_name = checks.field(checks.field(s3, "bucket"), "name")
    if bucket and bucket_name != bucket:
        raise ValueError(f"expected the bucket {bucket}, got {quoted(bucket_name)}")
    described = checks.field(s3, "object")
    name = str(checks.field(record, "eventName")).removeprefix("s3:")
    if name == _RESTORED:
        return Reconciliation(_key(checks.field(described, "key")))
    return _event(name, checks.field(record, "eventTime"), described)


def _event(name: str, happened_at: object, described: Mapping[str, Any]) -> ObjectEvent:
    """Return the event of one record.

    Its key is URL-encoded, with `+` for a space.
    """
    return ObjectEvent(
        change=_change(name, described),
        key=_key(checks.field(described, "key")),
        sequencer=_sequencer(name, described),
        happened_at=checks.utc_time(happened_at),
        version_id=checks.version_id(described.get("versionId")),
        etag=checks.etag(described.get("eTag")),
        bytes=checks.byte_count(described.get("size", 0)),
    )


def _key(encoded: object) -> str:
    if not isinstance(encoded, str):
        raise ValueError(f"expected a key, got {quoted(encoded)}")  # noqa: TRY004  # callers catch one type
    return checks.object_key(unquote_plus(encoded, errors="strict"))


def _sequencer(name: str, described: Mapping[str, Any]) -> str:
    """Return the sequencer; OLDEST for an event of a lifecycle rule, which has none."""
    if name.startswith("LifecycleExpiration:") and "sequencer" not in described:
        return OLDEST
    return canonical(checks.sequencer(checks.field(described, "sequencer")))


def _change(name: str, described: Mapping[str, Any]) -> Change:
    """Return the kind of change; a removal without a version id leaves no current object."""
    if name.startswith("ObjectCreated:"):
        return Change.CREATED
    if name in _VERSION_DELETED and described.get("versionId"):
        return Change.VERSION_DELETED
    if name.startswith(("ObjectRemoved:", "LifecycleExpiration:")):
        return Change.HIDDEN
    raise ValueError(f"expected an event of a created or removed object, got {quoted(name)}")
