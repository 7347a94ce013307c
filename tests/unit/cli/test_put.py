from pathlib import Path

import pytest
from fakes.terminal import Terminal, rows

from imagemill.domain.event import UploadChoices
from imagemill.domain.ignored import KeyFilter
from imagemill.domain.key_rules import KeyRules
from imagemill.recipe_rules import RecipeRules


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "[red]x.jpg"
    path.write_bytes(b"image")
    return path


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_bytes(b"hello")
    return path


def test_a_file_is_uploaded_under_its_name(terminal: Terminal, photo: Path) -> None:
    result = terminal.run("put", str(photo))

    assert result.exit_code == 0
    assert terminal.cloud.originals.objects == {"[red]x.jpg": b"image"}
    assert result.stdout.split() == ["uploaded", "[red]x.jpg"]


def test_a_folder_is_uploaded_with_its_name_under_the_prefix(
    terminal: Terminal, tmp_path: Path, photo: Path
) -> None:
    result = terminal.run("put", str(tmp_path), "--recursive", "--prefix", "trip")

    assert result.exit_code == 0
    assert list(terminal.cloud.originals.objects) == [f"trip/{tmp_path.name}/{photo.name}"]


def test_a_folder_without_recursive_is_refused_before_anything_is_sent(
    terminal: Terminal, tmp_path: Path, photo: Path
) -> None:
    result = terminal.run("put", str(photo), str(tmp_path))

    assert result.exit_code == 2
    assert result.stderr == (
        f"imagemill: {tmp_path} is a folder: add --recursive to include its files\n"
    )
    assert terminal.cloud.originals.objects == {}


def test_waiting_shows_the_sizes_before_and_after(terminal: Terminal, photo: Path) -> None:
    result = terminal.run("put", str(photo), "--wait")

    assert result.exit_code == 0
    assert result.stdout == (
        "ready       [red]x.jpg  1200×800 300.0 kB   → 500×333 20.0 kB       42 ms\n"
    )
    assert result.stderr.endswith(" s: 1 ready\n")


def test_a_rejected_file_is_shown_with_its_reason_and_exit_code_1(
    terminal: Terminal, photo: Path, notes: Path
) -> None:
    result = terminal.run("put", str(notes), str(photo), "--wait")

    assert result.exit_code == 1
    assert "rejected    notes.txt   not_an_image: the bytes are no image\n" in result.stdout
    assert result.stderr.startswith("2 images in ")


def test_json_is_one_record_a_line(terminal: Terminal, photo: Path, notes: Path) -> None:
    result = terminal.run("put", str(photo), str(notes), "--wait", "--json")

    assert {row["key"]: row["status"] for row in rows(result)} == {
        "[red]x.jpg": "ready",
        "notes.txt": "rejected",
    }
    assert result.stderr == ""


def test_json_without_waiting_lists_the_stored_files(terminal: Terminal, photo: Path) -> None:
    result = terminal.run("put", str(photo), "--json")

    [row] = rows(result)
    assert (row["status"], row["version_id"], row["error"]) == ("uploaded", "v2", None)


def test_a_missing_file_fails_alone(terminal: Terminal, photo: Path) -> None:
    result = terminal.run("put", "nope.jpg", str(photo), "--json")

    assert result.exit_code == 1
    assert {row["key"]: row["error"] and row["error"]["code"] for row in rows(result)} == {
        "nope.jpg": "unreadable",
        "[red]x.jpg": None,
    }


def test_an_upload_without_a_result_times_out(terminal: Terminal, photo: Path) -> None:
    terminal.cloud.originals.is_idle = True

    result = terminal.run("put", str(photo), "--wait", "--timeout", "0")

    assert result.exit_code == 1
    assert result.stdout == "timed_out   [red]x.jpg  timed_out: no result within 0 s\n"


@pytest.mark.parametrize(
    "rules",
    [
        KeyRules(RecipeRules.parse("raw/ -> ignore; * -> 500")),
        KeyRules(RecipeRules.parse("500"), KeyFilter("in/")),
        KeyRules(RecipeRules.parse("500"), KeyFilter("", (".png",))),
    ],
)
def test_a_key_that_the_stack_ignores_is_not_waited_for(
    terminal: Terminal, photo: Path, rules: KeyRules
) -> None:
    terminal.cloud.rules = rules
    terminal.cloud.originals.is_idle = True

    result = terminal.run("put", str(photo), "--prefix", "raw", "--wait", "--timeout", "600")

    assert result.exit_code == 0
    assert result.stdout.startswith("ignored     raw/[red]x.jpg  ignored: a rule of the recipe or")
    assert terminal.cloud.originals.objects == {"raw/[red]x.jpg": b"image"}


def test_an_empty_folder_has_no_files_to_upload(terminal: Terminal, tmp_path: Path) -> None:
    result = terminal.run("put", str(tmp_path), "--recursive")

    assert result.exit_code == 1
    assert result.stderr == "imagemill: there is nothing to upload: the folders contain no files\n"


def test_a_rule_of_the_stack_is_chosen_for_every_file(terminal: Terminal, photo: Path) -> None:
    terminal.cloud.rules = KeyRules(RecipeRules.parse("[hero] -> 9; * -> 8"))

    result = terminal.run("put", str(photo), "--recipe", "hero")

    assert result.exit_code == 0
    assert terminal.cloud.originals.choices == {"[red]x.jpg": UploadChoices("hero")}


@pytest.mark.parametrize(
    ("recipe", "complaint"),
    [
        ("[hero] -> 9; [b] -> 9; * -> 8", "expected one of hero, b for --recipe, got 'zero'"),
        ("500", "expected none, since no rule has a name, for --recipe, got 'zero'"),
    ],
)
def test_an_unknown_rule_is_refused_before_anything_is_sent(
    terminal: Terminal, photo: Path, recipe: str, complaint: str
) -> None:
    terminal.cloud.rules = KeyRules(RecipeRules.parse(recipe))

    result = terminal.run("put", str(photo), "--recipe", "zero")

    assert (result.exit_code, result.stderr) == (2, f"imagemill: {complaint}\n")
    assert terminal.cloud.originals.objects == {}


def test_a_prefix_has_no_effect_with_the_api_and_a_note_says_so(
    terminal: Terminal, photo: Path
) -> None:
    result = terminal.run("put", str(photo), "--prefix", "trip", "--api", "https://api")

    assert result.exit_code == 0
    assert result.stderr.startswith("the API chooses the keys, so --prefix has no effect\n")


def test_the_api_decides_about_a_rule_itself(terminal: Terminal, photo: Path) -> None:
    result = terminal.run("put", str(photo), "--recipe", "hero", "--api", "https://api")

    assert result.exit_code == 0
    assert terminal.cloud.originals.choices == {"[red]x.jpg": UploadChoices("hero")}
