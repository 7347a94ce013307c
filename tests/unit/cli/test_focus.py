import json
from pathlib import Path

import pytest
from fakes.cloud import ready_record, rejected_record
from fakes.terminal import Terminal

from imagemill.domain.event import Focus, UploadChoices


def test_the_focal_point_of_an_image_is_set(terminal: Terminal) -> None:
    image = terminal.cloud.add(ready_record("a.jpg"))

    result = terminal.run("focus", "a.jpg", "0.3,0.7")

    assert (result.exit_code, result.stdout) == (0, "pending     a.jpg  0.3,0.7\n")
    assert terminal.cloud.records.items[image.id].wanted_focus == Focus(0.3, 0.7)


def test_waiting_ends_when_the_renditions_show_the_point(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))

    result = terminal.run("focus", "a.jpg", "0.3,0.7", "--wait", "--json")

    shown = json.loads(result.stdout)
    assert (result.exit_code, shown["focus_applied"]) == (0, True)
    assert shown["focus"] == {"x": 0.3, "y": 0.7}


def test_a_change_that_is_not_applied_times_out(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    terminal.cloud.originals.is_idle = True

    result = terminal.run("focus", "a.jpg", "0.3,0.7", "--wait", "--timeout", "0")

    assert (result.exit_code, result.stdout) == (1, "timed_out   a.jpg\n")


def test_the_focal_point_is_removed(terminal: Terminal) -> None:
    image = terminal.cloud.add(ready_record("a.jpg"))
    terminal.run("focus", "a.jpg", "0.3,0.7")

    result = terminal.run("focus", image.id, "--clear")

    assert (result.exit_code, result.stdout) == (0, "pending     a.jpg  no focal point\n")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a.jpg", "left"], "expected the point to be two numbers from 0 to 1"),
        (["a.jpg", "0.3,1.7"], "expected the point to be two numbers from 0 to 1"),
        (["a.jpg"], "expected either a point, such as 0.3,0.7, or --clear"),
        (["a.jpg", "0,0", "--clear"], "expected either a point, such as 0.3,0.7, or --clear"),
        (["nope.jpg", "0,0"], "there is no image 'nope.jpg'"),
        (["a.txt", "0,0"], "the bytes are no image"),
    ],
)
def test_a_wrong_point_or_image_is_told(
    terminal: Terminal, arguments: list[str], message: str
) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    terminal.cloud.add(rejected_record("a.txt"))

    result = terminal.run("focus", *arguments)

    assert result.exit_code != 0
    assert message in result.stderr


def test_an_upload_names_its_focal_point(terminal: Terminal, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"x")

    assert terminal.run("put", str(photo), "--focus", "0.3,0.7").exit_code == 0
    assert terminal.run("put", str(photo), "--focus", "left").exit_code != 0

    assert terminal.cloud.originals.choices == {"a.jpg": UploadChoices("", Focus(0.3, 0.7))}
