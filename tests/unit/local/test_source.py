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


def test_a_changed_source_changes_the_key(tmp_path: Path) -> None:
    package = tmp_path / "pkg"
    package.mkdir()
    (package / "a.py").write_text("x = 1")
    first = archive_key(archive(package), "f")

    (package / "a.py").write_text("x = 2")

    assert archive_key(archive(package), "f") != first
