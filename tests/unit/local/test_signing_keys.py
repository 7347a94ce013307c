"""The keys of signed image URLs on the laptop."""

import stat
from pathlib import Path

import pytest

from imagemill.errors import SetupFailed
from imagemill.local.signing_keys import FileKeys


def test_a_data_folder_gets_one_pair_and_keeps_it(tmp_path: Path) -> None:
    keys = FileKeys(tmp_path)

    keys.ensure()
    first = keys.read()
    keys.ensure()

    assert len(first) == 1
    assert FileKeys(tmp_path).read() == first


def test_only_its_owner_may_read_the_file(tmp_path: Path) -> None:
    FileKeys(tmp_path).ensure()

    [file] = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_rotation_is_stored(tmp_path: Path) -> None:
    keys = FileKeys(tmp_path)
    first = keys.rotate()

    second = keys.rotate()

    assert keys.read() == second
    assert second[1:] == first


def test_a_damaged_file_is_reported(tmp_path: Path) -> None:
    FileKeys(tmp_path).ensure()
    [file] = tmp_path.iterdir()
    file.write_text("{")

    with pytest.raises(SetupFailed, match="malformed"):
        FileKeys(tmp_path).read()
