import io
import zipfile
from pathlib import Path

from imagemill.local.source import archive, archive_key


def test_the_same_source_gives_the_same_archive(tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    (package / "__pycache__").mkdir(parents=True)
    (package / "a.py").write_text("x = 1")
    first = archive(package)
    (package / "__pycache__" / "a.pyc").write_bytes(b"compiled")

    second = archive(package)

    assert first == second
    assert zipfile.ZipFile(io.BytesIO(first)).namelist() == ["pkg/a.py"]


def test_a_file_from_elsewhere_is_added_once(tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "a.py").write_text("x = 1")
    (tmp_path / "b.json").write_text("{}")
    outside = archive(package, tmp_path / "b.json")
    (tmp_path / "b.json").rename(package / "b.json")

    inside = archive(package, package / "b.json")

    assert inside == outside
    assert zipfile.ZipFile(io.BytesIO(inside)).namelist() == ["pkg/a.py", "pkg/b.json"]


def test_a_changed_source_changes_the_key(tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "a.py").write_text("x = 1")
    first = archive_key(archive(package), "f")

    (package / "a.py").write_text("x = 2")

    assert archive_key(archive(package), "f") != first
