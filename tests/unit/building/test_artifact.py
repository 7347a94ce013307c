"""A function's folder is pruned, made reproducible and checked before it is uploaded."""

import os
import platform
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from imagemill.building.artifact import (
    LEFT_OUT,
    add_machine_code,
    digest,
    faults,
    normalize,
    prune,
)
from imagemill.imaging.fastjpeg import sandbox, wasmtime
from imagemill.imaging.fastpng import sandbox as png_sandbox

ROOT = Path(__file__).parents[3]
CONTRACT = "The functions import no package of the commands"
ARM64, X86_64 = 183, 62
HERE = {"aarch64": "arm64", "x86_64": "x86_64"}.get(platform.machine(), "")
DECODER, PNG = "imagemill/imaging/fastjpeg", "imagemill/imaging/fastpng"
MODULES = (sandbox.source(), png_sandbox.source())
KEPT = {
    "PIL/Image.py",
    "pillow_avif/__init__.py",
    "pillow_avif_plugin.libs/libavif-1.so.16.4.2",
    "multipart-1.2.3.dist-info/licenses/LICENSE",
    "multipart-1.2.3.dist-info/METADATA",
    "imagemill/functions/api/docs.py",
    "imagemill/openapi.json",
    "imagemill/wiring/api_function.py",
}
UNUSED = {
    "PIL/Image.pyi",
    "PIL/__pycache__/Image.cpython-311.pyc",
    "bin/jp.py",
    "multipart-1.2.3.dist-info/RECORD",
    "six/tests/test_six.py",
    "pillow_avif/AvifImagePlugin.py",
    "pillow_avif/_avif.cpython-313-aarch64-linux-gnu.so",
    "imagemill/building/locks/api.lock",
    "imagemill/cli/app.py",
    "imagemill/costs/durations.json",
    "imagemill/functions/api/__main__.py",
    "imagemill/functions/api/openapi/document.py",
    "imagemill/imaging/fastjpeg/jpeg.h",
    "imagemill/imaging/fastjpeg/README.md",
}


def placed(folder: Path, name: str, data: bytes = b"") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def elf(machine: int, *, text: bytes = b"") -> bytes:
    return b"\x7fELF" + bytes(14) + machine.to_bytes(2, "little") + bytes(44) + text


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in KEPT | UNUSED:
        placed(tmp_path, name)
    return tmp_path


def names(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def test_unused_files_are_removed_and_all_others_stay(folder: Path) -> None:
    prune(folder)

    assert names(folder) == KEPT


@pytest.mark.parametrize("module", ["fastjpeg/decoder", "fastpng/png", "jxl/jxl"])
def test_the_modules_of_decoders_stay_only_beside_what_runs_them(folder: Path, module: str) -> None:
    path = placed(folder, f"imagemill/imaging/{module}.wasm")
    runtime = placed(folder, "wasmtime/linux-x86_64/_libwasmtime.so")

    prune(folder)
    assert path.exists()

    shutil.rmtree(runtime.parents[1])
    prune(folder)
    assert not path.exists()


def test_the_packages_left_out_are_those_of_the_import_contract() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = settings["tool"]["importlinter"]["contracts"]
    [contract] = [one for one in contracts if one["name"] == CONTRACT]

    assert contract["forbidden_modules"] == [f"imagemill.{package}" for package in LEFT_OUT]


@pytest.mark.parametrize(
    ("name", "data", "fault"),
    [
        ("a.cpython-313-aarch64-linux-gnu.so", elf(X86_64), "machine 62, expected 183"),
        ("libs/libb-1.so.2", elf(X86_64), "machine 62, expected 183"),
        ("a.cpython-311-aarch64-linux-gnu.so", elf(ARM64), "for Python 311, expected 313"),
        ("a.abi3.so", elf(ARM64, text=b"GLIBC_2.17\0GLIBC_2.38\0"), "glibc (2, 38)"),
        ("a.cp313-win_amd64.pyd", b"MZ", "not for Linux"),
        ("a.txt", bytes(2 << 20), "2.0 MiB unzipped, 1 MiB allowed"),
    ],
)
def test_a_file_that_would_fail_on_lambda_is_reported(
    tmp_path: Path, name: str, data: bytes, fault: str
) -> None:
    placed(tmp_path, name, data)

    [found] = faults(tmp_path, "arm64", "3.13", 1)

    assert fault in found


def test_an_incomplete_sandbox_is_reported(tmp_path: Path) -> None:
    placed(tmp_path, "wasmtime/__init__.py")
    placed(tmp_path, f"{DECODER}/decoder.wasm")
    placed(tmp_path, f"{PNG}/png.wasm")

    found = faults(tmp_path, "arm64", "3.13", 1)

    assert found == ["wasmtime/linux-*/_libwasmtime.so is missing"]


def test_a_folder_without_faults_passes(tmp_path: Path) -> None:
    placed(tmp_path, "a.cpython-313-aarch64-linux-gnu.so", elf(ARM64, text=b"GLIBC_2.28\0"))
    placed(tmp_path, "b.abi3.so", elf(ARM64))
    placed(tmp_path, "c.py")

    assert faults(tmp_path, "arm64", "3.13", 1) == []


def test_equal_contents_have_the_same_hash(tmp_path: Path) -> None:
    first, second = (placed(tmp_path / name, "a/b.py", b"x").parents[1] for name in "pq")
    os.utime(second / "a/b.py", (1, 1))
    (second / "a/b.py").chmod(0o600)

    normalize(first)
    normalize(second)

    assert digest(first) == digest(second)


def test_different_contents_have_different_hashes(tmp_path: Path) -> None:
    first = placed(tmp_path / "p", "a.py", b"x").parent
    second = placed(tmp_path / "q", "a.py", b"y").parent
    normalize(first)
    normalize(second)

    assert digest(first) != digest(second)


@pytest.fixture
def sandboxed(tmp_path: Path) -> Path:
    placed(tmp_path, "wasmtime/linux-any/_libwasmtime.so")
    placed(tmp_path, f"{DECODER}/decoder.wasm", MODULES[0])
    placed(tmp_path, f"{PNG}/png.wasm", MODULES[1])
    return tmp_path


@pytest.mark.parametrize("architecture", ["arm64", "x86_64"])
def test_there_is_machine_code_of_this_decoder_for_each_architecture(
    sandboxed: Path, architecture: str
) -> None:
    add_machine_code(sandboxed, ROOT / "deploy", architecture)

    assert faults(sandboxed, architecture, "3.13", 1) == []


@pytest.mark.skipif(sys.platform != "linux" or not HERE, reason="Lambda runs on Linux only")
@pytest.mark.parametrize("module", [0, 1])
def test_the_machine_code_runs_on_this_machine(sandboxed: Path, module: int) -> None:
    path, code = add_machine_code(sandboxed, ROOT / "deploy", HERE)[module], MODULES[module]
    normalize(sandboxed)
    before = path.read_bytes()
    library = wasmtime.load()
    assert library is not None

    revived = sandbox.Module(library, code, path)

    assert revived.is_revived
    assert path.read_bytes() == before


def test_missing_machine_code_is_reported(sandboxed: Path) -> None:
    assert faults(sandboxed, "arm64", "3.13", 1) == [
        f"{DECODER}/__pycache__/decoder.linux-aarch64.cwasm is missing",
        f"{PNG}/__pycache__/png.linux-aarch64.cwasm is missing",
    ]


def test_machine_code_of_another_decoder_is_reported(sandboxed: Path) -> None:
    add_machine_code(sandboxed, ROOT / "deploy", "arm64")
    placed(sandboxed, f"{DECODER}/decoder.wasm", b"another")

    [found] = faults(sandboxed, "arm64", "3.13", 1)

    assert (
        found
        == "decoder.linux-aarch64.cwasm was not compiled from this decoder.wasm: run make wasm"
    )


def test_machine_code_for_another_processor_is_reported(sandboxed: Path) -> None:
    for other in add_machine_code(sandboxed, ROOT / "deploy", "x86_64"):
        other.rename(other.with_name(other.name.replace("x86_64", "aarch64")))

    assert faults(sandboxed, "arm64", "3.13", 1) == [
        f"{name}.linux-aarch64.cwasm: is for machine 62, expected 183 (arm64)"
        for name in ("decoder", "png")
    ]
