"""Events, and their notifications in the format of S3."""

import json
from urllib.parse import quote_plus

from imagemill.domain.event import Change, ObjectEvent


def created(key: str = "a.jpg", sequencer: str = "01", version_id: str = "v1") -> ObjectEvent:
    """Return the event of a created object."""
    return ObjectEvent(
        change=Change.CREATED,
        key=key,
        sequencer=sequencer,
        happened_at="2026-05-04T10:20:29.000Z",
        version_id=version_id,
        etag="e",
        bytes=1,
    )


def removed(
    key: str = "a.jpg", sequencer: str = "02", change: Change = Change.HIDDEN
) -> ObjectEvent:
    """Return the event of a deleted object."""
    return ObjectEvent(change, key, sequencer, "2026-05-04T10:20:31.000Z")


def notification(
    name: str, *keys: str, sequencer: str = "0055AED6DCD90281E500", bucket: str = "originals"
) -> str:
    """Return the body of a queue message from S3, with one record per key."""
    return json.dumps({"Records": [_record(name, key, sequencer, bucket) for key in keys]})


def _record(name: str, key: str, sequencer: str, bucket: str) -> dict[str, object]:
    return {
        "eventVersion": "2.3",
        "eventSource": "aws:s3",
        "eventTime": "2026-05-04T10:20:29.123Z",
        "eventName": name,
        "s3": {
            "bucket": {"name": bucket},
            "object": {
                "key": quote_plus(key, safe="/"),
                "size": 12,
                "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                "versionId": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
                "sequencer": sequencer,
            },
        },
    }
