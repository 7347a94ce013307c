"""A function on the embedded AWS loads only its own modules, and shares its code."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from zipfile import ZipFile

import pytest
from ministack.core import lambda_runtime

from imagemill.local.function_start import share_code, start_without_botocore

# Unpacks a program for the process with this name, and returns the folder of its code.
Unpack = Callable[[str, str], Path]
FUNCTION = "import sys\ndef handler(event, context): return 'botocore' in sys.modules\n"


def test_a_function_starts_without_botocore(tmp_path: Path) -> None:
    module = SimpleNamespace(_PYTHON_WORKER_SCRIPT=lambda_runtime._PYTHON_WORKER_SCRIPT)
    start_without_botocore(module)
    (tmp_path / "function.py").write_text(FUNCTION)
    code = {"code_dir": str(tmp_path), "module": "function", "handler": "handler"}

    ran = subprocess.run(
        [sys.executable, "-c", module._PYTHON_WORKER_SCRIPT],
        input=f"{json.dumps(code)}\n{json.dumps({'event': {}})}\n",
        capture_output=True,
        text=True,
        check=True,
    )

    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert answers == [{"status": "ready", "cold": True}, {"status": "ok", "result": False}]


@pytest.fixture
def unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Unpack:
    """Return a function that unpacks a function's code for a process, as MiniStack does."""
    (tmp_path / "tmp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    module = SimpleNamespace()
    share_code(module)

    def unpack(process: str, program: str) -> Path:
        folder = tmp_path / process
        (folder / "code").mkdir(parents=True)
        with ZipFile(folder / "code.zip", "w") as written:
            written.writestr("package/inner/module.py", program)
            written.writestr("function.py", "")
        with module.zipfile.ZipFile(str(folder / "code.zip")) as archive:
            archive.extractall(str(folder / "code"))
        return folder / "code"

    return unpack


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_processes_with_the_same_code_share_one_copy(unpack: Unpack) -> None:
    with ThreadPoolExecutor(4) as threads:
        first, *others = threads.map(unpack, "abcd", ["same"] * 4)

    copies = {(code / "package/inner/module.py").resolve() for code in (first, *others)}
    assert len(copies) == 1
    assert [one.read_text() for one in copies] == ["same"]
    assert sorted(entry.name for entry in first.iterdir()) == ["function.py", "package"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_other_code_has_a_copy_of_its_own(unpack: Unpack) -> None:
    old, new = unpack("a", "old"), unpack("b", "new")

    read = [(code / "package/inner/module.py").read_text() for code in (old, new)]
    assert read == ["old", "new"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege")
def test_the_code_stays_when_a_process_ends(unpack: Unpack) -> None:
    first, second = unpack("a", "same"), unpack("b", "same")

    shutil.rmtree(first)

    assert (second / "package/inner/module.py").read_text() == "same"
