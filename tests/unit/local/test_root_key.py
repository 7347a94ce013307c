import stat
from pathlib import Path

import pytest

from imagemill.errors import SetupFailed
from imagemill.local.root_key import new_root_key, root_key


def test_each_data_folder_has_its_own_permanent_key(tmp_path: Path) -> None:
    first, again, other = (root_key(tmp_path / name) for name in ("a", "a", "b"))

    assert first == again
    assert len({first.access_key_id, other.access_key_id, "test"}) == 3
    assert len({first.secret_access_key, other.secret_access_key, "test"}) == 3


def test_a_key_looks_like_one_of_aws_and_cannot_be_guessed() -> None:
    key = new_root_key()

    assert (len(key.access_key_id), key.access_key_id[:4]) == (20, "LKIA")
    assert len(key.secret_access_key) == 40


def test_only_its_owner_may_read_the_key_and_its_folder(tmp_path: Path) -> None:
    root_key(tmp_path / "data")

    [file] = (tmp_path / "data").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", '{"access_key_id": "a", "secret_access_key": "b"}']
)
def test_a_malformed_key_file_is_replaced(tmp_path: Path, text: str) -> None:
    root_key(tmp_path)
    (tmp_path / "root-key.json").write_text(text)

    key = root_key(tmp_path)

    assert key == root_key(tmp_path)
    assert len(key.secret_access_key) == 40


def test_a_key_that_others_may_have_read_is_replaced(tmp_path: Path) -> None:
    read = root_key(tmp_path)
    (tmp_path / "root-key.json").chmod(0o644)

    assert root_key(tmp_path) != read


def test_a_link_to_a_key_is_not_followed(tmp_path: Path) -> None:
    foreign = root_key(tmp_path / "foreign")
    (tmp_path / "root-key.json").symlink_to(tmp_path / "foreign" / "root-key.json")

    assert root_key(tmp_path) != foreign
    assert root_key(tmp_path / "foreign") == foreign


def test_a_folder_that_cannot_be_written_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(SetupFailed, match=r"root-key\.json cannot be written: "):
        root_key(tmp_path / "file")


def test_derived_digits_differ_by_purpose_and_by_key() -> None:
    key, other = new_root_key(), new_root_key()

    assert key.derive("a") == key.derive("a")
    assert len({key.derive("a"), key.derive("b"), other.derive("a")}) == 3
