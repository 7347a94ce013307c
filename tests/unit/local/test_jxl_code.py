"""The machine code of libjxl is put where worker processes find it."""

import sys
from pathlib import Path

import pytest

from imagemill.imaging.fastjpeg import is_available, machine_code
from imagemill.imaging.jxl import sandbox
from imagemill.local import jxl_code
from imagemill.local.jxl_code import prepare_jxl

pytestmark = pytest.mark.skipif(not is_available(), reason="needs wasmtime")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only path at which machine code is looked for; there is none."""
    path = machine_code.path_of(tmp_path, name="jxl")
    monkeypatch.setattr(sandbox, "paths", lambda: (path,))
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="for Linux alone it is shipped")
def test_shipped_machine_code_is_unpacked(path: Path) -> None:
    said: list[str] = []

    prepare_jxl(said.append)

    assert machine_code.read(sandbox.source(), path) is not None
    assert said == []


def test_without_shipped_machine_code_it_is_compiled(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(jxl_code, "shipped_path", lambda *_: tmp_path)
    # Compiling takes a minute.
    monkeypatch.setattr(
        sandbox, "prepare", lambda: machine_code.write(sandbox.source(), b"code", path)
    )

    prepare_jxl(said.append)
    prepare_jxl(said.append)

    assert sandbox.is_prepared()
    assert said == ["compiling the decoder of JPEG XL, once …"]
