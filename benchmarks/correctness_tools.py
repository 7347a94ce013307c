"""The tools under test: installed into a temporary folder, run on one file at a time."""

import json
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.correctness_case import Case, Outcome

_HERE = Path(__file__).parent
_TIMEOUT_S = 60
_VERSION = "import importlib.metadata as m; print(m.version('{}'))"


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its name with version, and the command that starts its worker."""

    name: str
    command: tuple[str, ...]


def ours() -> list[Tool]:
    """Return imagemill, and the code of Pillow tutorials with the same Pillow."""
    worker = str(_HERE / "correctness_worker.py")
    return [
        Tool(
            f"imagemill {_version(sys.executable, 'imagemill')}",
            (sys.executable, worker, "imagemill"),
        ),
        Tool(
            f"Pillow {_version(sys.executable, 'pillow')}, naive",
            (sys.executable, worker, "pillow"),
        ),
    ]


def peers(scratch: Path) -> tuple[list[Tool], list[str]]:
    """Install the other tools; returns those that work, and the names of the rest."""
    found, absent = [], []
    for name, install in (("pyvips", _install_pyvips), ("sharp", _install_sharp)):
        try:
            found.append(install(scratch))
        except (OSError, subprocess.SubprocessError):
            absent.append(name)
    return found, absent


def run(tool: Tool, cases: Sequence[Case], scratch: Path) -> list[Outcome]:
    """Run a tool on every case; restarts it for the remaining cases after a crash or timeout."""
    outcomes: list[Outcome] = []
    while len(outcomes) < len(cases):
        outcomes += _run_one(tool, cases[len(outcomes) :], scratch)
    return outcomes


def _run_one(tool: Tool, cases: Sequence[Case], scratch: Path) -> Iterator[Outcome]:
    """Run one process of a tool on the cases, up to the one that ends it."""
    with _worker(tool) as worker:
        for case in cases:
            outcome = _ask(worker, case, scratch)
            yield outcome
            if worker.poll() is not None or outcome.error == "timed out":
                return


@contextmanager
def _worker(tool: Tool) -> Iterator["subprocess.Popen[str]"]:
    worker = subprocess.Popen(  # noqa: S603 - our own workers
        tool.command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield worker
    finally:
        worker.kill()
        worker.wait()


def _ask(worker: "subprocess.Popen[str]", case: Case, scratch: Path) -> Outcome:
    source, target = scratch / "in", scratch / "out"
    source.write_bytes(case.data)
    target.unlink(missing_ok=True)
    assert worker.stdin is not None  # noqa: S101 - both are pipes
    assert worker.stdout is not None  # noqa: S101
    request = {"in": str(source), "out": str(target), "recipe": case.recipe}
    worker.stdin.write(json.dumps(request) + "\n")
    worker.stdin.flush()
    if not select.select([worker.stdout], [], [], _TIMEOUT_S)[0]:
        return Outcome(None, "timed out", is_crash=True)
    line = worker.stdout.readline()
    if not line:
        worker.wait()
        return Outcome(None, "died", is_crash=True)
    answer = json.loads(line)
    if "error" not in answer and target.exists():
        return Outcome(target.read_bytes())
    return Outcome(None, "unhandled error", is_crash=answer.get("kind") == "raised")


def _install_pyvips(scratch: Path) -> Tool:
    folder = scratch / "python"
    _run(sys.executable, "-m", "venv", str(folder))
    python = str(folder / "bin" / "python")
    _run(python, "-m", "pip", "install", "--quiet", "pyvips[binary]")
    version = _version(python, "pyvips-binary")
    return Tool(
        f"pyvips-binary {version}", (python, str(_HERE / "correctness_worker.py"), "pyvips")
    )


def _install_sharp(scratch: Path) -> Tool:
    folder = scratch / "node"
    folder.mkdir()
    (folder / "package.json").write_text("{}")
    _run("npm", "install", "--silent", "--prefix", str(folder), "sharp")
    script = shutil.copy(_HERE / "correctness_sharp.mjs", folder)
    package = folder / "node_modules" / "sharp" / "package.json"
    version = json.loads(package.read_text())["version"]
    return Tool(f"sharp {version}", ("node", str(script)))


def _version(python: str, package: str) -> str:
    return _run(python, "-c", _VERSION.format(package)).strip()


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)  # noqa: S603
    return done.stdout
