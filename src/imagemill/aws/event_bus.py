"""The EventBridge bus that completion events are published to."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from imagemill.aws.errors import translated
from imagemill.aws.light.errors import InvalidResponse
from imagemill.config import StackNames
from imagemill.domain.completion_event import SOURCE, detail, title
from imagemill.domain.record import ImageRecord

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

    from imagemill.aws.message_clients import EventClient

# Entries and bytes of one request; the quota is 256 KB, and the rest is a margin.
# Source: "PutEvents" in the EventBridge User Guide.
_MAX_ENTRIES = 10
_MAX_BYTES = 240_000


class EventBus:
    """Implements `pipeline.batch.Bus`."""

    def __init__(self, client: "EventClient", name: str, names: StackNames) -> None:
        self._client = client
        self._name = name
        self._names = names

    def announce(self, records: Sequence[ImageRecord]) -> frozenset[str]:
        """Publish an event for each record; return the ids of those that were not accepted."""
        requests = _split((record.id, self._entry(record)) for record in records)
        return frozenset(image for entries in requests for image in self._send(entries))

    def _send(self, entries: "list[tuple[str, PutEventsRequestEntryTypeDef]]") -> list[str]:
        """Send one request; return the ids of the records that the bus did not accept."""
        with translated("EventBridge"):
            answer = self._client.put_events(Entries=[entry for _, entry in entries])
            results = answer.get("Entries", [])
            if len(results) != len(entries):
                raise InvalidResponse("the answer is not about every event")
        pairs = zip(entries, results, strict=True)
        return [image for (image, _), result in pairs if not result.get("EventId")]

    def _entry(self, record: ImageRecord) -> "PutEventsRequestEntryTypeDef":
        names = self._names
        facts = detail(record, names.originals_bucket, names.processed_bucket)
        return {
            "EventBusName": self._name,
            "Source": SOURCE,
            "DetailType": title(record),
            "Detail": json.dumps(facts, ensure_ascii=False, separators=(",", ":")),
        }


class NoBus:
    """Publishes nothing, for a stack without a bus."""

    def announce(self, records: Sequence[ImageRecord]) -> frozenset[str]:
        """Do nothing."""
        del records
        return frozenset()


def _split(
    entries: "Iterable[tuple[str, PutEventsRequestEntryTypeDef]]",
) -> "Iterator[list[tuple[str, PutEventsRequestEntryTypeDef]]]":
    """Yield the entries in lists that fit into one request."""
    part: list[tuple[str, PutEventsRequestEntryTypeDef]] = []
    filled = 0
    for image, entry in entries:
        size = _size(entry)
        if part and (len(part) == _MAX_ENTRIES or filled + size > _MAX_BYTES):
            yield part
            part, filled = [], 0
        part.append((image, entry))
        filled += size
    if part:
        yield part


def _size(entry: "PutEventsRequestEntryTypeDef") -> int:
    texts = (entry["Source"], entry["DetailType"], entry["Detail"])
    return sum(len(text.encode()) for text in texts)
