import json

from fakes.cloud import ready_record, rejected_record
from fakes.terminal import Terminal


def test_images_are_sent_to_the_queue(terminal: Terminal) -> None:
    image = terminal.cloud.add(ready_record("a.jpg"))
    terminal.cloud.add(rejected_record("a.txt"))

    result = terminal.run("reprocess", image.id, "a.txt")

    assert (result.exit_code, result.stdout) == (0, "sent        a.jpg\nsent        a.txt\n")


def test_the_results_are_printed_when_they_are_there(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    terminal.cloud.add(rejected_record("a.txt"))

    result = terminal.run("reprocess", "a.jpg", "a.txt", "--wait")

    assert result.exit_code == 1
    assert sorted(result.stdout.splitlines()) == [
        "ready       a.jpg",
        "rejected    a.txt  not_an_image: the bytes are no image",
    ]


def test_a_result_in_json_has_the_history(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))

    result = terminal.run("reprocess", "a.jpg", "--wait", "--json")

    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["processed_at"]) == (0, "2026-05-04T13:00:00.000Z")
    assert shown["history"]


def test_an_image_that_is_not_made_in_time_is_told(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    terminal.cloud.originals.is_idle = True

    result = terminal.run("reprocess", "a.jpg", "--wait", "--timeout", "0")

    assert (result.exit_code, result.stdout) == (1, "timed_out   a.jpg\n")


def test_an_unknown_image_does_not_stop_the_others(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))

    result = terminal.run("reprocess", "nope.jpg", "a.jpg")

    assert (result.exit_code, result.stdout) == (1, "sent        a.jpg\n")
    assert "there is no image 'nope.jpg'" in result.stderr
