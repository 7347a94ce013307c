"""Events of S3 that arrive through EventBridge.

They say the same as a notification in other words: the key is not encoded, and the kind of change
is in two fields. Source: "EventBridge event message structure" in the Amazon S3 User Guide.
"""

from collections.abc import Mapping
from typing import Any

from imagemill.domain import checks
from imagemill.domain.event import Change, ObjectEvent
from imagemill.domain.quoting import quoted
from imagemill.domain.reconciliation import Reconciliation
from imagemill.domain.sequencer import OLDEST, canonical

_RESTORED = "Object Restore Completed"


def bridged_task(message: object, bucket: str) -> ObjectEvent | Reconciliation:
    """Return the event of a message of EventBridge about an object of this bucket.

    A restored object leads to a look at its key: its bytes were announced when it was stored.
    Raises ValueError for another bucket, and for a message of another form.
    """
    detail = checks.field(message, "detail")
    name = checks.field(checks.field(detail, "bucket"), "name")
    if bucket and name != bucket:
        raise ValueError(f"expected the bucket {bucket}, got {quoted(name)}")
    described = checks.field(detail, "object")
    key = checks.object_key(checks.field(described, "key"))
    kind = checks.field(message, "detail-type")
    if kind == _RESTORED:
        return Reconciliation(key)
    return ObjectEvent(
        change=_change(kind, detail),
        key=key,
        sequencer=_sequencer(described),
        happened_at=checks.utc_time(checks.field(message, "time")),
        version_id=checks.version_id(described.get("version-id")),
        etag=checks.etag(described.get("etag")),
        bytes=checks.byte_count(described.get("size", 0)),
    )


def _change(kind: object, detail: Mapping[str, Any]) -> Change:
    """Return the kind of change.

    An object of a bucket without versions is deleted permanently, and so is one version of many.
    The bucket can tell whether there is another object under the key now.
    """
    match kind, detail.get("deletion-type"):
        case "Object Created", _:
            return Change.CREATED
        case "Object Deleted", "Delete Marker Created":
            return Change.HIDDEN
        case "Object Deleted", "Permanently Deleted":
            return Change.VERSION_DELETED
    raise ValueError(
        f"expected an event of a created, restored or deleted object, got {quoted(kind)}"
    )


def _sequencer(described: Mapping[str, Any]) -> str:
    """Return the sequencer; OLDEST if there is none, so that the bucket decides."""
    if "sequencer" not in described:
        return OLDEST
    return canonical(checks.sequencer(described["sequencer"]))
