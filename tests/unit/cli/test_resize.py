import stat
from pathlib import Path

import pytest
from fakes import raw_files
from fakes.images import jpeg, png
from fakes.terminal import Terminal, rows

ROW_NAMES = [
    "input",
    "status",
    "code",
    "message",
    "preset",
    "output",
    "width",
    "height",
    "format",
    "bytes",
    "milliseconds",
    "warnings",
]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    (folder / "2026").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(jpeg(1200, 800))
    (folder / "2026" / "été+sun (1).png").write_bytes(png(60, 40))
    return folder


def test_a_photo_is_resized_to_500_px(terminal: Terminal, photos: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"

    result = terminal.run("resize", str(photos / "a.jpg"), "-o", str(out), "--json")

    [row] = rows(result)
    assert result.exit_code == 0
    assert list(row) == ROW_NAMES
    assert (row["status"], row["output"]) == ("ready", str(out / "a-500.jpg"))
    assert (row["preset"], row["width"], row["height"]) == ("500", 500, 333)
    assert row["bytes"] == (out / "a-500.jpg").stat().st_size


def test_camera_raw_files_are_resized_if_asked_for(terminal: Terminal, tmp_path: Path) -> None:
    photo = tmp_path / "a.cr2"
    photo.write_bytes(raw_files.cr2(jpeg(1200, 800), jpeg(160, 120), {}))
    arguments = ["resize", str(photo), "-o", str(tmp_path / "out"), "--json"]

    [refused], [made] = (rows(terminal.run(*arguments, *more)) for more in ([], ["--camera-raw"]))

    assert (refused["status"], refused["code"]) == ("rejected", "unsupported_format")
    assert (made["status"], made["format"], made["width"]) == ("ready", "jpeg", 500)


def test_resizing_needs_no_stack(terminal: Terminal, photos: Path, tmp_path: Path) -> None:
    terminal.run("resize", str(photos / "a.jpg"), "-o", str(tmp_path / "out"))

    assert terminal.asked == []


def test_files_in_a_folder_keep_their_paths(
    terminal: Terminal, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"

    result = terminal.run("resize", str(photos), "--recursive", "-o", str(out))

    assert result.exit_code == 0
    assert (out / "photos" / "a-500.jpg").exists()
    assert (out / "photos" / "2026" / "été+sun (1)-500.png").exists()


def test_a_folder_inside_the_input_is_not_resized_again(terminal: Terminal, photos: Path) -> None:
    words = ("resize", str(photos), "-r", "-o", str(photos / "small"), "--json")
    first = terminal.run(*words)

    second = terminal.run(*words)

    assert len(rows(first)) == len(rows(second)) == 2


def test_a_rejected_file_is_printed_and_the_others_are_resized(
    terminal: Terminal, photos: Path, tmp_path: Path
) -> None:
    (photos / "notes.txt").write_bytes(b"hello")
    out = tmp_path / "out"

    result = terminal.run(
        "resize", str(photos / "notes.txt"), str(photos / "a.jpg"), "-o", str(out), "--json"
    )

    by_status = {row["status"]: row for row in rows(result)}
    assert result.exit_code == 1
    assert by_status["rejected"]["code"] == "not_an_image"
    assert by_status["rejected"]["output"] is None
    assert by_status["rejected"]["warnings"] == []
    assert by_status["ready"]["preset"] == "500"


def test_a_missing_file_failed_as_unreadable(terminal: Terminal, tmp_path: Path) -> None:
    result = terminal.run("resize", "nope.jpg", "-o", str(tmp_path), "--json")

    [row] = rows(result)
    assert result.exit_code == 1
    assert (row["status"], row["code"]) == ("failed", "unreadable")


def test_the_text_output_is_one_line_per_rendition_and_a_summary(
    terminal: Terminal, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"

    result = terminal.run(
        "resize", str(photos / "a.jpg"), "-o", str(out), "--recipe", "t=10x10:cover, 500"
    )

    assert [line.split()[:4] for line in result.stdout.splitlines()] == [
        ["ready", str(photos / "a.jpg"), "→", str(out / "a-t.jpg")],
        ["ready", str(photos / "a.jpg"), "→", str(out / "a-500.jpg")],
    ]
    assert result.stderr == "1 image: 1 ready\n"


def test_an_invalid_recipe_is_one_line(terminal: Terminal, photos: Path, tmp_path: Path) -> None:
    result = terminal.run(
        "resize", str(photos / "a.jpg"), "-o", str(tmp_path), "--recipe", "0, 5x5:blue"
    )

    assert result.exit_code == 2
    assert result.stderr.startswith("imagemill: recipe: expected sides from 1 to 16383 px")
    assert result.stderr.count("\n") == 1


def test_an_output_folder_that_is_a_file_is_one_line(terminal: Terminal, photos: Path) -> None:
    taken = photos / "a.jpg"

    result = terminal.run("resize", str(taken), "-o", str(taken))

    assert result.exit_code == 1
    assert result.stderr == f"imagemill: the folder {taken} cannot be created: File exists\n"


def test_output_files_have_the_usual_permissions(
    terminal: Terminal, photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    (tmp_path / "plain").touch()

    terminal.run("resize", str(photos / "a.jpg"), "-o", str(out))

    plain = stat.S_IMODE((tmp_path / "plain").stat().st_mode)
    assert stat.S_IMODE((out / "a-500.jpg").stat().st_mode) == plain


def test_files_that_the_recipe_ignores_are_left_out(terminal: Terminal, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(jpeg())
    files, out = [str(tmp_path / name) for name in ("a.jpg", "b.jpg")], str(tmp_path / "out")

    some = terminal.run("resize", *files, "-o", out, "--recipe", "a -> ignore; * -> 9")
    none = terminal.run("resize", files[0], "-o", out, "--recipe", "a -> ignore; * -> 9")

    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b-9.jpg"]
    assert some.exit_code == 0
    assert none.stderr == "imagemill: there is nothing to resize: the recipe ignores all files\n"
