"""The tools under test: installed into a temporary folder, run on one file at a time."""

import json
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.correctness_case import Case, Outcome
from benchmarks.peers import node_packages, python_with

_HERE = Path(__file__).parent
_WORKER = ("-m", "benchmarks.correctness_worker")
_TIMEOUT_S = 60
_VERSION = "import importlib.metadata as m; print(m.version('{}'))"


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool: its name with version, and the command that starts its worker."""

    name: str
    command: tuple[str, ...]


def ours() -> list[Tool]:
    """Return imagemill, and the code of Pillow tutorials with the same Pillow."""
    return [
        Tool(
            f"imagemill {_version(sys.executable, 'imagemill')}",
            (sys.executable, *_WORKER, "imagemill"),
        ),
        Tool(
            f"Pillow {_version(sys.executable, 'pillow')}, naive",
            (sys.executable, *_WORKER, "pillow"),
        ),
    ]


def peers() -> tuple[list[Tool], list[str]]:
    """Install the other tools once; returns those that work, and the names of the rest."""
    found, absent = [], []
    for name, install in (("pyvips", _pyvips), ("sharp", _sharp), ("thumbor", _thumbor)):
        try:
            found.append(install())
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
        cwd=_HERE.parent,
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
    request = {"in": str(source), "out": str(target), "recipe": case.words} | asdict(case.asked)
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
    kind = answer.get("kind")
    return Outcome(None, "unhandled error", kind == "raised", is_beyond=kind == "beyond")


def _pyvips() -> Tool:
    python = python_with("pyvips", "pyvips[binary]")
    return _python_tool(python, "pyvips", "pyvips-binary")


def _thumbor() -> Tool:
    return _python_tool(python_with("thumbor", "thumbor"), "thumbor", "thumbor")


def _python_tool(python: str, name: str, package: str) -> Tool:
    return Tool(f"{package} {_version(python, package)}", (python, *_WORKER, name))


def _sharp() -> Tool:
    folder = node_packages("sharp", "sharp")
    script = shutil.copy(_HERE / "correctness_sharp.mjs", folder)
    package = folder / "node_modules" / "sharp" / "package.json"
    version = json.loads(package.read_text())["version"]
    return Tool(f"sharp {version}", ("node", str(script)))


def _version(python: str, package: str) -> str:
    return _run(python, "-c", _VERSION.format(package)).strip()


def _run(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)  # noqa: S603
    return done.stdout
