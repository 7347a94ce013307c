from dataclasses import replace

from fakes.cloud import ready_record, rejected_record
from fakes.terminal import Terminal, rows


def lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines()]


def test_an_image_is_shown_with_all_facts(terminal: Terminal) -> None:
    record = terminal.cloud.add(replace(ready_record(), warnings=("truncated",)))

    result = terminal.run("show", record.id)

    assert lines(result.stdout) == [
        "key            a.jpg",
        f"id             {record.id}",
        "status         ready",
        "uploaded       2026-05-04 12:00:00 UTC",
        "processed      2026-05-04 12:00:00 UTC in 42 ms",
        "original       1200×800 300.0 kB jpeg",
        "rendition 500  500×333 20.0 kB jpeg",
        "colour         #aabbcc",
        "warnings       truncated",
    ]


def test_a_rejected_image_is_shown_with_the_reason(terminal: Terminal) -> None:
    terminal.cloud.add(rejected_record("a.txt"))

    result = terminal.run("show", "a.txt")

    assert "error      not_an_image: the bytes are no image" in lines(result.stdout)


def test_json_is_the_record(terminal: Terminal) -> None:
    record = terminal.cloud.add(ready_record())

    result = terminal.run("show", "a.jpg", "--json")

    assert rows(result)[0]["id"] == record.id
    assert rows(result)[0]["error"] is None


def test_an_unknown_image_is_one_line_and_exit_code_1(terminal: Terminal) -> None:
    result = terminal.run("show", "nope.jpg")

    assert result.exit_code == 1
    assert (result.stdout, result.stderr) == ("", "imagemill: there is no image 'nope.jpg'\n")
