import json
import stat
from dataclasses import asdict
from pathlib import Path

import pytest

from imagemill.errors import SetupFailed
from imagemill.local.address import Address, claimed, published, running

ADDRESS = Address(
    endpoint="http://127.0.0.1:1",
    region="us-east-1",
    stack="imagemill",
    originals_bucket="o",
    processed_bucket="p",
    table="t",
    queue_url="q",
    dead_letter_queue_url="d",
    api_url="a",
    api_key="secret",
    site_bucket="site",
    gallery_url="http://d1.cloudfront.localhost:9/",
    images_url="http://d1.cloudfront.localhost:9",
    aws_access_key_id="i",
    aws_secret_access_key="s",
)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path / "imagemill"


def test_a_running_stack_is_found_by_default_and_by_its_folder(tmp_path: Path) -> None:
    with published(ADDRESS, tmp_path / "data"):
        found = running(), running(tmp_path / "data")

    assert found == (ADDRESS, ADDRESS)
    assert (running(), running(tmp_path / "data")) == (None, None)


def test_only_its_owner_may_read_the_address(tmp_path: Path) -> None:
    with published(ADDRESS, tmp_path / "data"):
        mode = (tmp_path / "data" / "up.json").stat().st_mode

    assert stat.S_IMODE(mode) == 0o600


def test_a_stop_does_not_remove_the_address_of_a_later_start(home: Path, tmp_path: Path) -> None:
    later = json.dumps(asdict(ADDRESS) | {"endpoint": "http://127.0.0.1:2"})

    with published(ADDRESS, tmp_path / "data"):
        (home / "running.json").write_text(later)

    found = running()
    assert found is not None
    assert found.endpoint == "http://127.0.0.1:2"


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"endpoint": 1'])
def test_a_malformed_address_file_is_ignored(home: Path, text: str) -> None:
    home.mkdir()
    (home / "running.json").write_text(text)

    assert running() is None


def test_a_data_folder_is_locked_while_in_use(tmp_path: Path) -> None:
    with claimed(tmp_path), pytest.raises(SetupFailed, match="another `imagemill up` uses"):
        claimed(tmp_path).__enter__()


def test_a_data_folder_is_unlocked_afterwards(tmp_path: Path) -> None:
    with claimed(tmp_path):
        pass

    with claimed(tmp_path):
        assert (tmp_path / "lock").exists()
