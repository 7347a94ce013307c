from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from fakes.cloud import archived_record, ready_record, rejected_record
from fakes.jpegs import save, scene
from fakes.terminal import Terminal

from imagemill.imaging.jxl.transcoding import pack_jpeg


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_rendition_is_saved_under_the_originals_name(terminal: Terminal, tmp_path: Path) -> None:
    terminal.cloud.add(ready_record("holiday/a.HEIC"))

    result = terminal.run("get", "holiday/a.HEIC")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "wrote a.jpg\n")
    assert (tmp_path / "a.jpg").read_bytes() == b"rendition 500/holiday/a.HEIC"


def test_the_original_is_saved_to_the_output_path(terminal: Terminal, tmp_path: Path) -> None:
    terminal.cloud.add(ready_record("a.jpg"))

    terminal.run("get", "a.jpg", "--original", "-o", "new/b.jpg")

    assert (tmp_path / "new" / "b.jpg").read_bytes() == b"original"


def test_an_output_folder_gets_the_default_file_name(terminal: Terminal, tmp_path: Path) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    (tmp_path / "out").mkdir()

    terminal.run("get", "a.jpg", "-o", "out")

    assert (tmp_path / "out" / "a.jpg").exists()


def test_a_key_with_parent_segments_is_saved_inside_the_folder(
    terminal: Terminal, tmp_path: Path
) -> None:
    key = r"a/..\..\evil.jpg"
    terminal.cloud.add(ready_record(key))

    terminal.run("get", key)

    assert [path.name for path in tmp_path.rglob("*.jpg")] == ["evil.jpg"]


def test_stdout_gets_the_bytes_and_nothing_else(terminal: Terminal) -> None:
    terminal.cloud.add(ready_record("a.jpg"))

    result = terminal.run("get", "a.jpg", "-o", "-")

    assert result.stdout_bytes == b"rendition 500/a.jpg"
    assert result.stderr == ""


def test_an_existing_file_is_not_overwritten(terminal: Terminal, tmp_path: Path) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    (tmp_path / "a.jpg").write_bytes(b"mine")

    result = terminal.run("get", "a.jpg")

    assert result.exit_code == 1
    assert result.stderr == "imagemill: a.jpg exists: use --force to overwrite it\n"
    assert (tmp_path / "a.jpg").read_bytes() == b"mine"


def test_force_overwrites_an_existing_file(terminal: Terminal, tmp_path: Path) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    (tmp_path / "a.jpg").write_bytes(b"mine")

    result = terminal.run("get", "a.jpg", "--force")

    assert result.exit_code == 0
    assert (tmp_path / "a.jpg").read_bytes() == b"rendition 500/a.jpg"


def test_the_error_for_an_image_without_renditions_has_the_reason(terminal: Terminal) -> None:
    terminal.cloud.add(rejected_record("a.txt"))

    result = terminal.run("get", "a.txt")

    assert result.exit_code == 1
    assert "not_an_image" in result.stderr


def test_a_preset_of_the_original_is_a_usage_error(terminal: Terminal) -> None:
    result = terminal.run("get", "a.jpg", "--original", "--preset", "500")

    assert result.exit_code == 2


def test_an_unwritable_path_is_one_line(terminal: Terminal, tmp_path: Path) -> None:
    terminal.cloud.add(ready_record("a.jpg"))
    (tmp_path / "file").write_bytes(b"")

    result = terminal.run("get", "a.jpg", "-o", "file/a.jpg")

    assert result.exit_code == 1
    assert result.stderr.count("\n") == 1


def test_an_archived_original_is_unpacked(terminal: Terminal, tmp_path: Path) -> None:
    jpeg = save(scene(200, 120))
    packed = pack_jpeg(jpeg, seconds=60)
    assert packed is not None
    record = archived_record()
    assert record.archived is not None
    held = replace(record.archived, sha256=sha256(jpeg).hexdigest())
    terminal.cloud.add(replace(record, archived=held))
    terminal.cloud.originals.objects["a.jpg"] = packed

    terminal.run("get", "a.jpg", "--original")

    assert (tmp_path / "a.jpg").read_bytes() == jpeg


def test_an_original_that_the_api_has_unpacked_is_saved_as_it_is(
    terminal: Terminal, tmp_path: Path
) -> None:
    terminal.cloud.add(archived_record())

    terminal.run("get", "a.jpg", "--original")

    assert (tmp_path / "a.jpg").read_bytes() == b"original"
