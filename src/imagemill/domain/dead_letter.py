"""A dead letter: a queue message that failed in every attempt."""

from imagemill.dataclass import dataclass
from imagemill.domain.notification import MalformedNotification, Message, parse_message


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """One message of the dead-letter queue, and the receipt handle by which it may be moved."""

    message_id: str
    receipt: str
    body: str

    @property
    def message(self) -> Message:
        """The content of the message; a single fault if it is of no known form."""
        try:
            return parse_message(self.body)
        except MalformedNotification as fault:
            return Message(faults=(str(fault),))
