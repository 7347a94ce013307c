from pathlib import Path

import pytest

from imagemill.operations.write_file import write_file


def test_a_file_is_written_with_its_folders(tmp_path: Path) -> None:
    write_file(tmp_path / "a" / "b.jpg", b"image")

    assert (tmp_path / "a" / "b.jpg").read_bytes() == b"image"


def test_a_file_that_is_there_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "b.jpg"
    path.write_bytes(b"former")

    write_file(path, b"image")

    assert path.read_bytes() == b"image"


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    taken = tmp_path / "folder.jpg"
    taken.mkdir()

    with pytest.raises(IsADirectoryError):
        write_file(taken, b"image")

    assert list(tmp_path.iterdir()) == [taken]
