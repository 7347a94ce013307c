from dataclasses import replace

from fakes.cloud import archived_record, ready_record, rejected_record
from fakes.terminal import Terminal, rows

from imagemill.domain.record import Original, StateChange


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
        "history        2026-05-04 12:00:00 UTC  ready",
    ]


def test_a_rejected_image_is_shown_with_the_reason(terminal: Terminal) -> None:
    terminal.cloud.add(rejected_record("a.txt"))

    result = terminal.run("show", "a.txt")

    assert "error      not_an_image: the bytes are no image" in lines(result.stdout)


def test_a_photo_is_shown_with_its_camera_and_exposure(terminal: Terminal) -> None:
    photo = Original(
        9,
        captured_at="2026-05-04T03:02:01",
        camera="Leica Q2",
        lens="Summilux 1:1.7/28",
        exposure_time_s=0.004,
        f_number=1.7,
        iso=100,
        focal_length_mm=28.0,
    )
    terminal.cloud.add(replace(ready_record(), original=photo))

    result = terminal.run("show", "a.jpg")

    assert lines(result.stdout)[6:10] == [
        "taken          2026-05-04 03:02:01",
        "camera         Leica Q2",
        "lens           Summilux 1:1.7/28",
        "exposure       1/250 s, f/1.7, ISO 100, 28 mm",
    ]


def test_the_history_says_when_and_why(terminal: Terminal) -> None:
    states = (
        StateChange("failed", "2026-05-04T10:20:30.123Z", 4, "timed_out"),
        StateChange("ready", "2026-05-04T12:00:00.000Z", 1),
    )
    terminal.cloud.add(replace(ready_record(), history=states))

    result = terminal.run("show", "a.jpg")

    assert lines(result.stdout)[-2:] == [
        "history        2026-05-04 10:20:30 UTC  failed      timed_out, attempt 4",
        "               2026-05-04 12:00:00 UTC  ready",
    ]


def test_json_is_the_record(terminal: Terminal) -> None:
    record = terminal.cloud.add(ready_record())

    result = terminal.run("show", "a.jpg", "--json")

    assert rows(result)[0]["id"] == record.id
    assert rows(result)[0]["error"] is None
    assert [state["status"] for state in rows(result)[0]["history"]] == ["ready"]


def test_an_unknown_image_is_one_line_and_exit_code_1(terminal: Terminal) -> None:
    result = terminal.run("show", "nope.jpg")

    assert result.exit_code == 1
    assert (result.stdout, result.stderr) == ("", "imagemill: there is no image 'nope.jpg'\n")


def test_an_archived_original_is_shown_with_its_bytes(terminal: Terminal) -> None:
    terminal.cloud.add(archived_record())

    result = terminal.run("show", "a.jpg")

    assert "archived       240.0 kB as JPEG XL, 20% saved" in lines(result.stdout)
