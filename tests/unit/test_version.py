"""The version is that of the git tag, which the build writes into the package."""

from pathlib import Path

from imagemill.version import UNKNOWN, read_version


def test_the_version_is_read_from_the_file_of_the_build(tmp_path: Path) -> None:
    (tmp_path / "version.txt").write_text("1.2.3.dev4\n")

    assert read_version(tmp_path) == "1.2.3.dev4"


def test_a_source_tree_that_was_never_built_has_no_version(tmp_path: Path) -> None:
    assert read_version(tmp_path) == UNKNOWN
