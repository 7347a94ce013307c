"""The machine code in the repository is compiled and checked if the processor can be emulated."""

import sys
from pathlib import Path

import pytest
from aot import check, kept_as, make

from imagemill.imaging.fastjpeg import machine_code, sandbox, wasmtime
from imagemill.imaging.fastpng import sandbox as png_sandbox

SOURCES = {"decoder": sandbox.source(), "png": png_sandbox.source()}
CODE = b"machine code"
HERE = kept_as(wasmtime.machine())
OTHER = "x86_64" if wasmtime.machine() == "aarch64" else "aarch64"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs Linux")


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a compiler that always prints CODE, without any emulator."""
    program = tmp_path / "tools" / wasmtime.machine() / "aot"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\nprintf '{CODE.decode()}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", "")
    return tmp_path / "tools"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in (wasmtime.machine(), OTHER):
        for module, source in SOURCES.items():
            old = machine_code.sealed(source, b"old")
            (tmp_path / kept_as(name, module)).write_bytes(old)
    return tmp_path


def test_machine_code_that_cannot_be_compiled_here_is_not_changed(
    tools: Path, folder: Path
) -> None:
    before = (folder / kept_as(OTHER)).read_bytes()

    faults = make(tools, folder)

    assert [fault.partition("; on Debian")[0] for fault in faults] == [
        f"{kept_as(OTHER, module)} is not changed: qemu-{OTHER} is missing" for module in SOURCES
    ]
    assert (folder / kept_as(OTHER)).read_bytes() == before
    assert machine_code.unsealed(sandbox.source(), (folder / HERE).read_bytes()) == CODE


def test_machine_code_that_differs_from_the_compiled_one_is_a_fault(
    tools: Path, folder: Path
) -> None:
    found = check(tools, folder)

    assert f"{HERE} differs from what wasmtime compiles of decoder.wasm: run make wasm" in found


@pytest.mark.parametrize("module", SOURCES)
def test_machine_code_with_another_result_is_a_fault(
    tools: Path, folder: Path, module: str
) -> None:
    make(tools, folder)

    found = check(tools, folder)

    name = kept_as(wasmtime.machine(), module)
    assert f"{name} gives other pixels than this machine for image 0" in found


def test_machine_code_that_cannot_be_checked_is_a_fault(tools: Path, folder: Path) -> None:
    make(tools, folder)

    found = check(tools, folder)

    assert any(fault.startswith(f"{kept_as(OTHER)} cannot be checked") for fault in found)
