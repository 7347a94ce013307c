"""The bus that final states are announced on."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from imagemill.aws.errors import ResponseInvalid, translated
from imagemill.config import Places
from imagemill.domain.completion_event import SOURCE, detail, title
from imagemill.domain.record import ImageRecord

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

_MOST_ENTRIES = 10
_MOST_BYTES = 240_000
"""What one request may carry, with some room; source: "PutEvents" in the EventBridge User Guide."""


class EventBus:
    """Implements `workflows.batch.Bus`."""

    def __init__(self, client: "EventBridgeClient", name: str, places: Places) -> None:
        self._client = client
        self._name = name
        self._places = places

    def announce(self, records: Sequence[ImageRecord]) -> frozenset[str]:
        """Tell of these records, and return the ids of those that the bus did not take."""
        parts = _parted((record.id, self._entry(record)) for record in records)
        return frozenset(image for part in parts for image in self._refused(part))

    def _refused(self, part: "list[tuple[str, PutEventsRequestEntryTypeDef]]") -> list[str]:
        with translated("EventBridge"):
            answer = self._client.put_events(Entries=[entry for _, entry in part])
            if len(answer.get("Entries", [])) != len(part):
                raise ResponseInvalid("the answer is not about every event")
        results = zip(part, answer["Entries"], strict=True)
        return [image for (image, _), result in results if not result.get("EventId")]

    def _entry(self, record: ImageRecord) -> "PutEventsRequestEntryTypeDef":
        places = self._places
        told = detail(record, places.originals_bucket, places.processed_bucket)
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": title(record),
            "Detail": json.dumps(told, ensure_ascii=False, separators=(",", ":")),
        }


class NoBus:
    """Stands where nobody wants to be told."""

    def announce(self, records: Sequence[ImageRecord]) -> frozenset[str]:
        """Tell nobody."""
        del records
        return frozenset()


def _parted(
    entries: "Iterable[tuple[str, PutEventsRequestEntryTypeDef]]",
) -> "Iterator[list[tuple[str, PutEventsRequestEntryTypeDef]]]":
    """Yield the entries in parts that one request can carry."""
    part: list[tuple[str, PutEventsRequestEntryTypeDef]] = []
    filled = 0
    for image, entry in entries:
        size = _size(entry)
        if part and (len(part) == _MOST_ENTRIES or filled + size > _MOST_BYTES):
            yield part
            part, filled = [], 0
        part.append((image, entry))
        filled += size
    if part:
        yield part


def _size(entry: "PutEventsRequestEntryTypeDef") -> int:
    texts = (entry["Source"], entry["DetailType"], entry["Detail"])
    return sum(len(text.encode()) for text in texts)
