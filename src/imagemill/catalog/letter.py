"""A dead letter: a queue message that was tried in vain."""

from dataclasses import dataclass

from imagemill.catalog.event import ObjectEvent
from imagemill.catalog.notification import MalformedNotification, parse_notification


@dataclass(frozen=True, slots=True)
class Letter:
    """One message of the dead-letter queue, and the receipt by which it may be moved."""

    message_id: str
    receipt: str
    body: str

    @property
    def events(self) -> list[ObjectEvent]:
        """What the letter tells; nothing if it is no notification of S3's."""
        try:
            return parse_notification(self.body)
        except MalformedNotification:
            return []
