import os
from pathlib import Path, PurePosixPath

import pytest

from imagemill.errors import SetupFailed
from imagemill.operations.find_files import FoundFile, find_files


@pytest.fixture
def holiday(tmp_path: Path) -> Path:
    folder = tmp_path / "holiday"
    for name in ("b.jpg", "2026/a.jpg", ".DS_Store", ".cache/c.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def names(found: list[FoundFile]) -> list[str]:
    return [str(file.name) for file in found]


def test_a_file_keeps_its_name_only(holiday: Path) -> None:
    found = find_files([holiday / "2026" / "a.jpg"], recursive=False)

    assert found == [FoundFile(holiday / "2026" / "a.jpg", PurePosixPath("a.jpg"))]


def test_a_file_in_a_folder_keeps_its_path_with_the_name_of_the_folder(holiday: Path) -> None:
    found = find_files([holiday], recursive=True)

    assert names(found) == ["holiday/b.jpg", "holiday/2026/a.jpg"]


def test_the_current_folder_has_its_real_name(
    holiday: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(holiday)

    found = find_files([Path()], recursive=True)

    assert names(found) == ["holiday/b.jpg", "holiday/2026/a.jpg"]


def test_a_hidden_file_is_included_if_it_is_named(holiday: Path) -> None:
    found = find_files([holiday / ".DS_Store"], recursive=False)

    assert names(found) == [".DS_Store"]


def test_a_file_named_twice_is_included_once(holiday: Path) -> None:
    found = find_files([holiday / "b.jpg", holiday], recursive=True)

    assert names(found) == ["b.jpg", "holiday/2026/a.jpg"]


def test_every_folder_without_recursive_is_named(holiday: Path) -> None:
    with pytest.raises(SetupFailed) as caught:
        find_files([holiday, holiday / "2026"], recursive=False)

    assert str(caught.value) == (
        f"{holiday} is a folder: add --recursive to include its files; "
        f"{holiday / '2026'} is a folder: add --recursive to include its files"
    )


def test_a_missing_file_is_no_error_here(tmp_path: Path) -> None:
    found = find_files([tmp_path / "nope.jpg"], recursive=False)

    assert names(found) == ["nope.jpg"]


def test_the_folder_to_leave_out_is_not_entered(holiday: Path) -> None:
    found = find_files([holiday], recursive=True, leave_out=holiday / "2026")

    assert names(found) == ["holiday/b.jpg"]


def test_a_pipe_in_a_folder_is_skipped(holiday: Path) -> None:
    os.mkfifo(holiday / "pipe.jpg")

    found = find_files([holiday], recursive=True)

    assert names(found) == ["holiday/b.jpg", "holiday/2026/a.jpg"]
