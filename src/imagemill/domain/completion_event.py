"""The completion event of an image on EventBridge, published once its state is final."""

from typing import Any

from imagemill.domain.record import ImageRecord, Status
from imagemill.domain.record_json import report

SOURCE = "imagemill"
_TITLES: dict[Status, str] = {
    "ready": "Image ready",
    "rejected": "Image rejected",
    "failed": "Image failed",
    "deleted": "Image deleted",
}


def title(record: ImageRecord) -> str:
    """Return the event's detail type, which EventBridge rules match."""
    return _TITLES[record.status]


def detail(record: ImageRecord, originals_bucket: str, processed_bucket: str) -> dict[str, Any]:
    """Return the event's detail, as docs/image-event.schema.json describes it.

    `revision` grows with every change of a record: of two events of one image, the one with the
    greater revision is the newer.
    """
    return {
        "originals_bucket": originals_bucket,
        "processed_bucket": processed_bucket,
        "image": report(record) | {"revision": record.revision},
    }
