import pytest
from fakes.cloud import ready_record
from fakes.terminal import Terminal


def test_images_move_to_a_folder(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    other = terminal.cloud.add(ready_record("x/b.jpg"))

    result = terminal.run("mv", "a.jpg", other.id, "holiday/")

    assert (result.exit_code, result.stdout) == (
        0,
        "pending     holiday/a.jpg\npending     holiday/b.jpg\n",
    )
    assert sorted(terminal.cloud.originals.objects) == ["holiday/a.jpg", "holiday/b.jpg"]


def test_waiting_ends_when_the_image_is_ready(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("x/a.jpg"))

    result = terminal.run("mv", "x/a.jpg", "/", "--wait")

    assert (result.exit_code, result.stdout) == (0, "ready       a.jpg\n")


def test_one_image_that_cannot_move_does_not_stop_the_others(terminal: Terminal) -> None:
    for key in ("a.jpg", "b.jpg", "c/b.jpg"):
        terminal.cloud.add(ready_record(key))

    result = terminal.run("mv", "b.jpg", "nope.jpg", "a.jpg", "c/")

    assert (result.exit_code, result.stdout) == (1, "pending     c/a.jpg\n")
    assert result.stderr == (
        "imagemill: b.jpg: there is an original with the key 'c/b.jpg' already\n"
        "imagemill: nope.jpg: there is no image 'nope.jpg'\n"
    )


@pytest.mark.parametrize("folder", ["holiday", "a//b/", "../"])
def test_a_folder_that_cannot_be_is_a_usage_error(terminal: Terminal, folder: str) -> None:
    terminal.cloud.add(ready_record("a.jpg"))

    assert terminal.run("mv", "a.jpg", folder).exit_code == 2
