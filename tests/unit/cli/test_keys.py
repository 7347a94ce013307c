"""`imagemill keys`."""

from pathlib import Path

from fakes.terminal import Terminal, rows

from imagemill.local.signing_keys import FileKeys


def test_without_keys_the_command_that_makes_them_is_named(
    terminal: Terminal, tmp_path: Path
) -> None:
    result = terminal.run("keys", "show", "--data-dir", str(tmp_path))

    assert result.exit_code == 1
    assert "imagemill keys rotate" in result.stderr


def test_a_rotation_shows_the_new_key_and_the_previous_one(
    terminal: Terminal, tmp_path: Path
) -> None:
    where = ("--data-dir", str(tmp_path), "--json")
    [first] = rows(terminal.run("keys", "rotate", *where))

    [second] = rows(terminal.run("keys", "rotate", *where))

    assert first.keys() == {"present"}
    assert second["previous"] == first["present"]
    assert rows(terminal.run("keys", "show", *where)) == [second]
    present, _ = FileKeys(tmp_path).read()
    assert second["present"] == {"key": present.key.hex(), "salt": present.salt.hex()}


def test_the_keys_are_a_table(terminal: Terminal, tmp_path: Path) -> None:
    terminal.run("keys", "rotate", "--data-dir", str(tmp_path))

    result = terminal.run("keys", "show", "--data-dir", str(tmp_path))

    [present] = FileKeys(tmp_path).read()
    assert result.stdout.split()[:2] == ["key", "salt"]
    assert present.key.hex() in result.stdout


def test_a_profile_needs_a_stack(terminal: Terminal, tmp_path: Path) -> None:
    result = terminal.run("keys", "show", "--profile", "p", "--data-dir", str(tmp_path))

    assert result.exit_code == 2
    assert "--stack" in result.stderr


def test_keys_of_two_kinds_at_once_are_refused(terminal: Terminal, tmp_path: Path) -> None:
    for command in ("show", "rotate"):
        result = terminal.run(
            "keys", command, "--private", "--webhook", "--data-dir", str(tmp_path)
        )

        assert result.exit_code == 2
        assert "cannot be used together" in result.stderr
