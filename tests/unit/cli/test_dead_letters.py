"""`imagemill failed` and `imagemill redrive`."""

import json
from dataclasses import replace

import pytest
from fakes.cloud import ready_record
from fakes.events import notification
from fakes.terminal import Terminal

from imagemill.domain.dead_letter import DeadLetter
from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.sequencer import canonical

SEQUENCER = "0055AED6DCD90281E500"
A = DeadLetter(
    "1", "receipt 1", notification("ObjectCreated:Put", "[red]a.jpg", sequencer=SEQUENCER)
)
NONSENSE = DeadLetter("2", "receipt 2", "words")


@pytest.fixture
def failed(terminal: Terminal) -> ImageRecord:
    """Store a failed record with its dead letter, and one that is not an S3 notification."""
    record = replace(
        ready_record("[red]a.jpg"),
        status="failed",
        sequencer=canonical(SEQUENCER),
        renditions={},
        attempts=4,
        error=Fault("timed_out", "not done within 11 s"),
    )
    terminal.cloud.dead_letters.waiting = [A, NONSENSE]
    terminal.cloud.dead_letters.when_sent = lambda _: terminal.cloud.records.add(
        replace(record, status="ready", error=None, revision=2)
    )
    return terminal.cloud.records.add(record)


def test_dead_letters_are_listed_with_their_reasons(
    terminal: Terminal, failed: ImageRecord
) -> None:
    result = terminal.run("failed")

    assert result.exit_code == 0
    assert failed.key in result.stdout
    assert "timed_out" in result.stdout
    assert "malformed_notification" in result.stdout
    assert "2 dead letters" in result.stderr


def test_without_dead_letters_one_message_is_printed(terminal: Terminal) -> None:
    result = terminal.run("failed")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no dead letters\n")


def test_dead_letters_are_printed_as_json(terminal: Terminal, failed: ImageRecord) -> None:
    result = terminal.run("failed", "--json")

    found = {line["message_id"]: line for line in map(json.loads, result.stdout.splitlines())}
    assert found["1"] == {
        "id": failed.id,
        "key": "[red]a.jpg",
        "change": "created",
        "code": "timed_out",
        "message": "not done within 11 s",
        "attempts": 4,
        "message_id": "1",
    }


def test_a_named_image_is_redriven_and_its_result_is_shown(
    terminal: Terminal, failed: ImageRecord
) -> None:
    result = terminal.run("redrive", failed.key, "--wait")

    assert result.exit_code == 0
    assert terminal.cloud.dead_letters.sent == [A]
    assert "ready       [red]a.jpg" in result.stdout
    assert "1 event sent to the queue again: 1 ready" in result.stderr


def test_all_dead_letters_are_redriven(terminal: Terminal, failed: ImageRecord) -> None:
    result = terminal.run("redrive", "--all")

    assert result.exit_code == 0
    assert len(terminal.cloud.dead_letters.sent) == 2
    assert failed.key in result.stdout


def test_a_message_that_is_no_notification_is_a_failure_to_wait_for(
    terminal: Terminal, failed: ImageRecord
) -> None:
    # The queue returns the last one first.
    terminal.cloud.dead_letters.waiting = [NONSENSE, A]

    result = terminal.run("redrive", "--all", "--wait", "--timeout", "5")

    assert result.exit_code == 1
    assert f"ready       {failed.key}" in result.stdout
    assert "failed      message 2  malformed_notification: " in result.stdout
    assert "2 events sent to the queue again: 1 failed, 1 ready" in result.stderr


def test_a_name_without_a_dead_letter_gives_exit_code_1(terminal: Terminal) -> None:
    result = terminal.run("redrive", "nope.jpg")

    assert result.exit_code == 1


@pytest.mark.parametrize("words", [["redrive"], ["redrive", "a.jpg", "--all"]])
def test_redrive_needs_either_names_or_all(terminal: Terminal, words: list[str]) -> None:
    result = terminal.run(*words)

    assert result.exit_code == 2
    assert "--all" in result.stderr


def webhook(message_id: str, key: str) -> DeadLetter:
    event = {
        "detail-type": "Image ready",
        "time": f"2026-05-04T10:20:3{message_id}Z",
        "detail": {"image": {"id": f"id of {key}", "key": key}},
    }
    return DeadLetter(message_id, f"receipt {message_id}", json.dumps(event))


def test_webhooks_that_were_not_accepted_are_listed_and_stay_in_the_queue(
    terminal: Terminal,
) -> None:
    waiting = [webhook("2", "b.jpg"), webhook("1", "[red]a.jpg"), replace(NONSENSE, message_id="3")]
    terminal.cloud.webhooks.waiting = waiting

    table = terminal.run("failed", "--webhook")
    lines = terminal.run("failed", "--webhook", "--json").stdout.splitlines()

    assert (table.exit_code, table.stderr) == (0, "3 webhooks not accepted\n")
    assert "2026-05-04T10:20:31Z  Image ready  [red]a.jpg" in table.stdout
    assert "message 3" in table.stdout
    assert [json.loads(line) for line in lines] == [
        {"id": None, "key": None, "event": None, "time": None, "message_id": "3"},
        {
            "id": "id of [red]a.jpg",
            "key": "[red]a.jpg",
            "event": "Image ready",
            "time": "2026-05-04T10:20:31Z",
            "message_id": "1",
        },
        {
            "id": "id of b.jpg",
            "key": "b.jpg",
            "event": "Image ready",
            "time": "2026-05-04T10:20:32Z",
            "message_id": "2",
        },
    ]
    assert len(terminal.cloud.webhooks.waiting) == 3


def test_only_the_webhooks_of_the_named_image_are_sent_again(terminal: Terminal) -> None:
    a, b = webhook("1", "a.jpg"), webhook("2", "b.jpg")
    terminal.cloud.webhooks.waiting = [a, b]
    terminal.cloud.dead_letters.waiting = [A]

    result = terminal.run("redrive", "--webhook", "id of b.jpg")

    assert (result.exit_code, result.stderr) == (0, "1 webhook sent to the queue again\n")
    assert result.stdout == "sent        Image ready  b.jpg\n"
    assert (terminal.cloud.webhooks.sent, terminal.cloud.webhooks.waiting) == ([b], [a])
    assert terminal.cloud.dead_letters.waiting == [A]


def test_all_webhooks_are_sent_again(terminal: Terminal) -> None:
    terminal.cloud.webhooks.waiting = [webhook("1", "a.jpg"), NONSENSE]

    result = terminal.run("redrive", "--webhook", "--all", "--json")

    sent = [json.loads(line)["message_id"] for line in result.stdout.splitlines()]
    assert (result.exit_code, sorted(sent)) == (0, ["1", "2"])
    assert terminal.cloud.webhooks.waiting == []


def test_a_name_without_a_webhook_gives_exit_code_1(terminal: Terminal) -> None:
    terminal.cloud.webhooks.waiting = [webhook("1", "a.jpg")]

    assert terminal.run("redrive", "--webhook", "nope.jpg").exit_code == 1


def test_a_webhook_has_no_result_to_wait_for(terminal: Terminal) -> None:
    terminal.cloud.webhooks.waiting = [webhook("1", "a.jpg")]

    result = terminal.run("redrive", "--webhook", "--all", "--wait")

    assert result.exit_code == 2
    assert len(terminal.cloud.webhooks.waiting) == 1
