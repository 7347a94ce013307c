"""What is said where the kept machine code is not what is compiled, or another is not to be had."""

import sys
from pathlib import Path

import pytest
from aot import check, kept_as, make

from imagemill.imaging.fastjpeg import machine_code, sandbox, wasmtime

CODE = b"machine code"
HERE = kept_as(wasmtime.machine())
OTHER = "x86_64" if wasmtime.machine() == "aarch64" else "aarch64"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="it takes Linux")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return tools that say the same of everything, and no emulator."""
    program = tmp_path / "tools" / wasmtime.machine() / "aot"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\nprintf '{CODE.decode()}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", "")
    return tmp_path / "tools"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (HERE, kept_as(OTHER)):
        (tmp_path / name).write_bytes(machine_code.sealed(sandbox.source(), b"as it was"))
    return tmp_path


def test_what_cannot_be_compiled_here_is_left_as_it_was(tools: Path, folder: Path) -> None:
    before = (folder / kept_as(OTHER)).read_bytes()

    [fault] = make(tools, folder)

    assert fault.startswith(f"{kept_as(OTHER)} is left as it was: it takes qemu-{OTHER}; in Debian")
    assert (folder / kept_as(OTHER)).read_bytes() == before
    assert machine_code.unsealed(sandbox.source(), (folder / HERE).read_bytes()) == CODE


def test_another_machine_code_than_is_compiled_is_a_fault(tools: Path, folder: Path) -> None:
    found = check(tools, folder)

    assert f"{HERE} is not what decoder.wasm and wasmtime give: make wasm" in found


def test_machine_code_that_draws_something_else_is_a_fault(tools: Path, folder: Path) -> None:
    make(tools, folder)

    found = check(tools, folder)

    assert f"{HERE} draws image 0 otherwise than this machine" in found


def test_what_cannot_be_checked_is_a_fault(tools: Path, folder: Path) -> None:
    make(tools, folder)

    found = check(tools, folder)

    assert any(fault.startswith(f"{kept_as(OTHER)} cannot be checked") for fault in found)
