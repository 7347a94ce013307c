import json

from fakes.dead_letters import FakeDeadLetterQueue
from fakes.events import created, notification
from fakes.stores import FakeRecords

from imagemill.domain.dead_letter import DeadLetter
from imagemill.domain.record import Fault
from imagemill.domain.sequencer import canonical
from imagemill.domain.transitions import AttemptTimes, failed
from imagemill.operations.dead_letters import failures, named, redrive

SEQUENCER = "0055AED6DCD90281E500"
A = DeadLetter("1", "receipt 1", notification("ObjectCreated:Put", "a.jpg"))
B = DeadLetter("2", "receipt 2", notification("ObjectCreated:Put", "b.jpg"))
NONSENSE = DeadLetter("3", "receipt 3", "words")


def records() -> FakeRecords:
    work = AttemptTimes("r1", 4, "2026-05-04T10:20:30.123Z", 0)
    event = created("a.jpg", canonical(SEQUENCER))
    record = failed(event, work, Fault("timed_out", "not done within 11 s"))
    return FakeRecords({record.id: record})


def test_dead_letters_are_listed_with_their_errors_and_stay_in_the_queue() -> None:
    queue = FakeDeadLetterQueue(A, B, NONSENSE)

    found = failures(queue, records())

    shown = sorted((failure.key, failure.code, failure.attempts) for failure in found)
    assert shown == [
        ("", "malformed_notification", 0),
        ("a.jpg", "timed_out", 4),
        ("b.jpg", "unknown", 0),
    ]
    assert sorted(dead_letter.message_id for dead_letter in queue.waiting) == ["1", "2", "3"]


def test_only_the_named_messages_are_redriven() -> None:
    queue = FakeDeadLetterQueue(A, B, NONSENSE)

    sent = list(redrive(queue, records(), named(["a.jpg"])))

    assert [failure.key for failure in sent] == ["a.jpg"]
    assert queue.sent == [A]
    assert sorted(dead_letter.message_id for dead_letter in queue.waiting) == ["2", "3"]


def test_a_message_with_a_malformed_record_lists_all_its_records() -> None:
    message = json.loads(notification("ObjectCreated:Put", "a.jpg", "b.jpg"))
    message["Records"][1]["eventTime"] = "never"
    queue = FakeDeadLetterQueue(DeadLetter("4", "receipt 4", json.dumps(message)))

    found = failures(queue, records())

    assert [(failure.key, failure.code) for failure in found] == [
        ("a.jpg", "timed_out"),
        ("", "malformed_notification"),
    ]


def test_a_message_without_an_event_is_malformed() -> None:
    queue = FakeDeadLetterQueue(DeadLetter("5", "receipt 5", '{"Records": []}'))

    assert [failure.code for failure in failures(queue, records())] == ["malformed_notification"]


def test_an_image_can_be_named_by_its_id() -> None:
    queue = FakeDeadLetterQueue(A, B)

    list(redrive(queue, records(), named([created("b.jpg").id])))

    assert queue.sent == [B]


def test_an_empty_name_selects_no_message() -> None:
    queue = FakeDeadLetterQueue(NONSENSE)

    sent = list(redrive(queue, records(), named([""])))

    assert (sent, queue.waiting) == ([], [NONSENSE])


def test_all_messages_can_be_redriven() -> None:
    queue = FakeDeadLetterQueue(A, B, NONSENSE)

    sent = list(redrive(queue, records(), lambda _: True))

    assert len(sent) == 3
    assert queue.waiting == []
