"""The packages of a function are installed with uv or pip, and compiled with Lambda's Python."""

import subprocess
import sys
from pathlib import Path

import pytest

from imagemill.building import packages
from imagemill.building.packages import find_python, install_command, run
from imagemill.building.targets import Target
from imagemill.errors import SetupFailed

ARM64 = Target("arm64", "3.13")
HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


@pytest.mark.parametrize("uv", [None, "/bin/uv"])
def test_only_wheels_of_the_lock_are_installed(uv: str | None) -> None:
    command = install_command(Path("out"), Path("resize.lock"), ARM64, uv)

    words = " ".join(command)
    assert "--only-binary :all: --no-deps --require-hashes -r resize.lock" in words
    assert "--target out" in words
    assert "--python-version 3.13" in words


def test_uv_and_pip_install_for_the_processor_of_lambda() -> None:
    uv = install_command(Path("out"), Path("a.lock"), Target("x86_64", "3.13"), "/bin/uv")
    pip = install_command(Path("out"), Path("a.lock"), ARM64, None)

    assert uv[uv.index("--python-platform") + 1] == "x86_64-manylinux_2_28"
    platforms = [pip[at + 1] for at, word in enumerate(pip) if word == "--platform"]
    assert platforms[0] == "manylinux_2_28_aarch64"
    assert platforms[-1] == "manylinux2014_aarch64"


def test_without_uv_and_pip_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "find_spec", lambda _: None)

    with pytest.raises(SetupFailed, match="pip install uv"):
        install_command(Path("out"), Path("a.lock"), ARM64, None)


def test_a_failed_command_is_one_line_with_the_end_of_its_output() -> None:
    script = "import sys; print('one'); print(); sys.exit('no such package')"

    with pytest.raises(SetupFailed, match=r"failed: one no such package$"):
        run([sys.executable, "-c", script])


def test_bytecode_is_compiled_by_this_python_if_lambda_has_the_same() -> None:
    assert find_python(HERE, None) == sys.executable


def test_without_the_python_of_lambda_there_is_no_bytecode() -> None:
    assert find_python("3.999", None) is None


def test_bytecode_has_no_times_and_no_build_folder(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("def where() -> None: ...")

    subprocess.run(packages.compile_command(tmp_path, sys.executable), check=True)

    [compiled] = tmp_path.rglob("*.pyc")
    data = compiled.read_bytes()
    # PEP 552: the flags of an unchecked hash.
    assert data[4:8] == b"\x01\0\0\0"
    assert b"/var/task/a.py" in data
    assert str(tmp_path).encode() not in data
