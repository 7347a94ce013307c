import io
import re
from dataclasses import replace

import pytest
from fakes.cloud import ready_record, rejected_record
from fakes.terminal import Terminal, rows
from rich.cells import cell_len
from rich.console import Console

from imagemill.cli.image_table import image_table

LONG_KEY = "uploads/0123456789abcdef/holiday in the mountains/IMG_20260504_102030.jpg"


def test_images_are_listed_with_their_sizes_before_and_after(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("holiday/a.jpg"))

    result = terminal.run("ls")

    assert result.exit_code == 0
    assert result.stdout.splitlines()[1].rstrip() == (
        "2026-05-04 12:00:00  ready   1200×800 300.0 kB  500×333 20.0 kB  holiday/a.jpg"
    )


def test_a_rejected_image_is_listed_with_its_code(terminal: Terminal) -> None:
    terminal.cloud.add(rejected_record("a.txt"))

    result = terminal.run("ls")

    assert "not_an_image" in result.stdout


def test_a_key_that_looks_like_markup_or_commands_is_text(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("[red]x:smile:\x1b[31m\n.jpg"))

    result = terminal.run("ls")

    assert r"[red]x:smile:\x1b[31m\n.jpg" in result.stdout


def test_a_long_key_stays_on_one_line_of_a_pipe(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("k" * 1000))

    result = terminal.run("ls")

    assert "k" * 1000 in result.stdout


def test_json_is_one_record_a_line(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    terminal.cloud.add(ready_record("b\u2028.jpg"))

    result = terminal.run("ls", "--json")

    assert [row["key"] for row in rows(result)] == ["a.jpg", "b\u2028.jpg"]
    assert rows(result)[0]["renditions"]["500"]["width"] == 500


def test_a_status_and_a_limit_narrow_the_list(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    terminal.cloud.add(ready_record("b.jpg"))
    terminal.cloud.add(rejected_record("c.txt"))

    result = terminal.run("ls", "--status", "ready", "--limit", "1", "--json")

    assert [row["key"] for row in rows(result)] == ["a.jpg"]


def test_an_empty_list_prints_nothing_to_stdout(terminal: Terminal) -> None:
    result = terminal.run("ls")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "no images yet\n")


def test_deleted_images_are_not_listed_and_the_reason_is_given(terminal: Terminal) -> None:
    result = terminal.run("ls", "--status", "deleted")

    assert result.exit_code == 2
    assert "`imagemill show KEY`" in result.stderr


def test_filters_and_an_order_apply_to_all_folders(terminal: Terminal) -> None:
    for number in range(120):
        moment = f"2026-05-{number // 24 + 1:02}T{number % 24:02}:00:00.000Z"
        terminal.cloud.add(replace(ready_record(f"{number}.jpg"), uploaded_at=moment))
    terminal.cloud.add(rejected_record("x/n.txt"))

    named = terminal.run("ls", "--search", "N.T", "--json")
    dated = terminal.run("ls", "--since", "2026-05-02", "--until", "2026-05-02T03Z", "--json")
    oldest = terminal.run("ls", "--sort", "oldest", "--min-bytes", "9", "-n", "110", "--json")

    assert [row["key"] for row in rows(named)] == ["x/n.txt"]
    assert [row["key"] for row in rows(dated)] == ["26.jpg", "25.jpg", "24.jpg"]
    # The rejected file is the smallest.
    assert [row["key"] for row in rows(oldest)] == [f"{number}.jpg" for number in range(110)]


def test_a_folder_is_listed_with_its_folders_first(terminal: Terminal) -> None:
    for key in ("a.jpg", "trip/b.jpg", "trip/2026/c.jpg", "trip/z.txt"):
        terminal.cloud.add(rejected_record(key) if key.endswith("txt") else ready_record(key))

    lines = terminal.run("ls", "trip/").stdout.splitlines()
    everything = rows(terminal.run("ls", "/", "--json"))
    below = rows(terminal.run("ls", "trip/", "-r", "--status", "ready", "--json"))

    assert lines[0] == "trip/2026/"
    assert [line.split()[-1] for line in lines[2:]] == ["trip/b.jpg", "trip/z.txt"]
    assert everything[0] == {"folder": "trip/"}
    assert [row["key"] for row in everything[1:]] == ["a.jpg"]
    assert [row["key"] for row in below] == ["trip/2026/c.jpg", "trip/b.jpg"]


def test_a_folder_is_listed_up_to_the_limit_over_many_pages(terminal: Terminal) -> None:
    keys = [f"trip/{number:03}.jpg" for number in range(150)]
    for key in keys:
        terminal.cloud.add(ready_record(key))

    found = rows(terminal.run("ls", "trip/", "--limit", "130", "--json"))

    assert [row["key"] for row in found] == keys[:130]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["/", "--since", "yesterday"], "--since"),
        (["--search", ""], "--search"),
        (["/", "--sort", "oldest"], "PREFIX"),
        (["-r"], "PREFIX"),
    ],
)
def test_wrong_filters_are_usage_errors(terminal: Terminal, words: list[str], message: str) -> None:
    result = terminal.run("ls", *words)

    assert result.exit_code == 2
    assert message in result.stderr


def test_an_empty_folder_is_told(terminal: Terminal) -> None:
    result = terminal.run("ls", "nope/")

    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "nothing found below 'nope/'\n"


def test_an_unknown_status_is_a_usage_error(terminal: Terminal) -> None:
    result = terminal.run("ls", "--status", "lost")

    assert result.exit_code == 2


def shown(key: str, width: int) -> str:
    """Return the line of one image on a terminal, with two spaces between columns."""
    console = Console(file=io.StringIO(), width=width)
    with console.capture() as capture:
        console.print(image_table([ready_record(key)], width))
    _, line = capture.get().splitlines()
    assert cell_len(line) <= width
    return re.sub("  +", "  ", line.rstrip())


@pytest.mark.parametrize(
    ("width", "facts"),
    [
        (60, "ready"),
        (80, "2026-05-04 12:00:00  ready"),
        (90, "2026-05-04 12:00:00  ready  500×333 20.0 kB"),
        (120, "2026-05-04 12:00:00  ready  1200×800 300.0 kB  500×333 20.0 kB"),
    ],
)
def test_a_narrow_terminal_shows_fewer_facts_and_the_whole_key(width: int, facts: str) -> None:
    key = "holiday/2026/in the mountains/IMG_1.jpg"

    assert shown(key, width) == f"{facts}  {key}"


@pytest.mark.parametrize("width", [20, 40, 60, 80])
def test_a_key_is_shortened_in_the_middle_after_all_that_can_be_left_out(width: int) -> None:
    status, _, key = shown(LONG_KEY, width).partition("  ")

    head, tail = key.split("…")
    assert status == "ready"
    assert LONG_KEY.startswith(head)
    assert LONG_KEY.endswith(tail)
    assert cell_len(key) == width - len("status  ")


def test_the_wide_list_has_ids_and_whole_keys(terminal: Terminal) -> None:
    record = terminal.cloud.add(ready_record(LONG_KEY))

    result = terminal.run("ls", "--wide")

    assert result.stdout.splitlines()[1].startswith(f"{record.id}  2026-05-04 12:00:00  ready")
    assert result.stdout.rstrip().endswith(LONG_KEY)
