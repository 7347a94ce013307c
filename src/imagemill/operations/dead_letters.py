"""List the dead letters, and send them to the queue again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Protocol, TypeVar

from imagemill.dataclass import dataclass
from imagemill.domain.dead_letter import DeadLetter
from imagemill.domain.event import ObjectEvent
from imagemill.domain.notification import UNREADABLE, Task
from imagemill.domain.reconciliation import KIND
from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.stores import RecordReader

UNKNOWN = "unknown"
_EMPTY = "the message holds no event"
_T = TypeVar("_T")


class DeadLetterQueue(Protocol):
    """The dead-letter queue."""

    def dead_letters(self) -> Iterator[DeadLetter]:
        """Yield every message once."""

    def put_back(self, dead_letter: DeadLetter) -> None:
        """Make a message visible to other consumers again at once."""

    def redrive(self, dead_letter: DeadLetter) -> None:
        """Send a message to the queue again, and delete it here."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One event of a dead letter, and the error in the record of its image.

    `id` and `key` are empty for a message of no known form; `revision` is that of the record, and
    a higher one later shows that another attempt has ended.
    """

    dead_letter: DeadLetter
    id: str = ""
    key: str = ""
    change: str | None = None
    code: str = UNKNOWN
    message: str = ""
    attempts: int = 0
    revision: int = 0


class AboutImage(Protocol):
    """An event of an image; id and key are empty if they are unknown."""

    @property
    def id(self) -> str:
        """The id of the image."""

    @property
    def key(self) -> str:
        """The key of the original."""


def failures(queue: DeadLetterQueue, records: RecordReader) -> list[Failure]:
    """Return every event of the dead letters, which stay in the queue."""
    return events_in(queue, partial(_failures, records=records))


def redrive(
    queue: DeadLetterQueue, records: RecordReader, is_selected: Callable[[Failure], bool]
) -> Iterator[Failure]:
    """Redrive every message with a selected event, and yield its events.

    The other messages are put back.
    """
    return redrive_events(queue, partial(_failures, records=records), is_selected)


def events_in(queue: DeadLetterQueue, read: Callable[[DeadLetter], Sequence[_T]]) -> list[_T]:
    """Return every event of the dead letters, which stay in the queue; `read` returns those of one.

    All are hidden until the last one is read, so that none is received twice.
    """
    dead_letters = list(queue.dead_letters())
    found = [event for dead_letter in dead_letters for event in read(dead_letter)]
    for dead_letter in dead_letters:
        queue.put_back(dead_letter)
    return found


def redrive_events(
    queue: DeadLetterQueue,
    read: Callable[[DeadLetter], Sequence[_T]],
    is_selected: Callable[[_T], bool],
) -> Iterator[_T]:
    """Redrive every message with a selected event, and yield its events, as `redrive`."""
    for dead_letter in list(queue.dead_letters()):
        found = read(dead_letter)
        if any(map(is_selected, found)):
            queue.redrive(dead_letter)
            yield from found
        else:
            queue.put_back(dead_letter)


def named(names: Iterable[str]) -> Callable[[AboutImage], bool]:
    """Return a predicate: the event's image has one of these ids or keys."""
    known = set(names)
    return lambda event: bool({event.id, event.key} & known - {""})


def _failures(dead_letter: DeadLetter, records: RecordReader) -> list[Failure]:
    message = dead_letter.message
    faults = message.faults if message.tasks or message.faults else (_EMPTY,)
    unreadable = [Failure(dead_letter, code=UNREADABLE, message=why) for why in faults]
    return [
        *(_failure(dead_letter, task, records.get(task.id)) for task in message.tasks),
        *unreadable,
    ]


def _failure(dead_letter: DeadLetter, task: Task, record: ImageRecord | None) -> Failure:
    error = _error_of(task, record)
    return Failure(
        dead_letter=dead_letter,
        id=task.id,
        key=task.key,
        change=task.change if isinstance(task, ObjectEvent) else KIND,
        code=error.code if error else UNKNOWN,
        message=error.message if error else "",
        attempts=record.attempts if record else 0,
        revision=record.revision if record else 0,
    )


def _error_of(task: Task, record: ImageRecord | None) -> Fault | None:
    """Return the error of this task from the record; None if the record is of another event."""
    if record is None or (isinstance(task, ObjectEvent) and record.sequencer != task.sequencer):
        return None
    return record.error
