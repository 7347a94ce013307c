from fakes.cloud import ready_record
from fakes.terminal import Terminal


def test_the_originals_are_deleted(terminal: Terminal) -> None:
    one, other = terminal.cloud.add(ready_record("a.jpg")), ready_record("b.jpg")
    terminal.cloud.add(other)

    result = terminal.run("rm", one.id, "b.jpg", "--yes")

    assert result.exit_code == 0
    assert terminal.cloud.originals.objects == {}
    assert result.stdout == "deleted     a.jpg\ndeleted     b.jpg\n"


def test_without_a_terminal_there_is_no_question(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))

    result = terminal.run("rm", "a.jpg")

    assert (result.exit_code, result.stderr) == (0, "")
    assert terminal.cloud.originals.objects == {}


def test_an_unknown_image_does_not_stop_the_other_deletions(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))

    result = terminal.run("rm", "nope.jpg", "a.jpg", "--yes")

    assert result.exit_code == 1
    assert result.stderr == "imagemill: there is no image 'nope.jpg'\n"
    assert terminal.cloud.originals.objects == {}


def test_waiting_ends_when_the_record_is_deleted(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))

    result = terminal.run("rm", "a.jpg", "--yes", "--wait")

    assert (result.exit_code, result.stdout) == (0, "deleted     a.jpg\n")


def test_a_deletion_that_does_not_finish_times_out(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    terminal.cloud.originals.is_idle = True

    result = terminal.run("rm", "a.jpg", "--yes", "--wait", "--timeout", "0")

    assert (result.exit_code, result.stdout) == (1, "timed_out   a.jpg\n")
