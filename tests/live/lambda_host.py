"""Built archives, run by the client of Lambda's runtime in an environment like Lambda's."""

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path
from typing import Any

from imagemill.config import DEFAULT_MEMORY_MB
from live.runtime_api import RuntimeApi, runtime_api

_SCRIPT = Path(__file__).with_name("lambda_root.sh")
_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")
# "nobody" of Linux. Lambda has a user of its own for functions.
_USER = "65534"
_AS_ROOT = os.geteuid() == 0
_UNSHARE = ("unshare", "--mount") if _AS_ROOT else ("unshare", "--map-root-user", "--mount")
_TIMEOUT_S, _INTERVAL_S = 120, 0.05
_KIB = 1024
# Bytes before the text of a frame of the telemetry file, and the position of its length in them.
_FRAME_BYTES, _LENGTH = 16, slice(4, 8)


@dataclass(frozen=True)
class LambdaRun:
    """The end of a run: results of the invocations, errors, log lines and memory.

    `peak_bytes` is the most memory that the function's process and its workers had, added up.
    """

    results: list[Any]
    errors: list[str]
    lines: list[str]
    peak_bytes: int


def can_isolate() -> bool:
    """Return whether this machine lets a test make a mount namespace."""
    done = subprocess.run([*_UNSHARE, "true"], check=False, capture_output=True)
    return done.returncode == 0


def unpacked(archive: Path, folder: Path) -> Path:
    """Copy a built function as a program unpacks it that has no umask.

    The archives of the SAM CLI have no entries for folders, whose mode it then chooses.
    """
    shutil.copytree(archive, folder, copy_function=os.link)
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o777)
    return folder


def run(
    task: Path,
    handler: str,
    events: Sequence[dict[str, Any]],
    environment: Mapping[str, str],
    folder: Path,
) -> LambdaRun:
    """Start a function once, hand it the events, and end it; `folder` is for files of the run."""
    root, client, output, telemetry = (folder / name for name in ("root", "client", "out", "log"))
    root.mkdir(parents=True)
    _copy_client(client)
    user = _USER if _AS_ROOT else ""
    python = f"/python/bin/python{sys.version_info.major}.{sys.version_info.minor}"
    with runtime_api(events) as api, output.open("wb") as out, telemetry.open("wb") as log:
        place = (*_UNSHARE, "sh", _SCRIPT, root, task, sys.base_prefix, client, user)
        process = subprocess.Popen(
            [*place, python, "-m", "awslambdaric", handler],
            env=_environment(api.address, log.fileno()) | dict(environment),
            stdout=out,
            stderr=subprocess.STDOUT,
            pass_fds=(log.fileno(),),
        )
        _wait(api, process)
        peak_bytes = _peak_bytes(process.pid)
        process.kill()
        process.wait()
    lines = [*output.read_text().splitlines(), *_frames(telemetry.read_bytes())]
    return LambdaRun(api.results, api.errors, lines, peak_bytes)


def _copy_client(folder: Path) -> None:
    """Copy the client of Lambda's runtime, and nothing else of the tests' packages."""
    for package in _CLIENT:
        for file in files(package) or ():
            target = folder / file
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file.locate(), target)


def _environment(runtime_api: str, telemetry: int) -> dict[str, str]:
    """Return the variables that Lambda sets for each function of the template."""
    return {
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_LAMBDA_FUNCTION_NAME": "function",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(DEFAULT_MEMORY_MB),
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
        "AWS_REGION": "us-east-1",
        "LAMBDA_TASK_ROOT": "/var/task",
        "LANG": "en_US.UTF-8",
        "LD_LIBRARY_PATH": "/python/lib",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": "/var/task:/client",
        "TZ": ":UTC",
        "_LAMBDA_TELEMETRY_LOG_FD": str(telemetry),
    }


def _wait(api: RuntimeApi, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the function has handled all events, or ended before."""
    deadline_s = time.monotonic() + _TIMEOUT_S
    while not api.wait(_INTERVAL_S) and process.poll() is None:
        if time.monotonic() > deadline_s:
            return


def _peak_bytes(pid: int) -> int:
    """Return the most memory that a process and its children have had, added up."""
    process = Path(f"/proc/{pid}")
    if not process.exists():
        return 0
    children = (process / f"task/{pid}/children").read_text().split()
    own = re.search(r"VmHWM:\s*(\d+) kB", (process / "status").read_text())
    return (int(own[1]) * _KIB if own else 0) + sum(map(_peak_bytes, map(int, children)))


def _frames(data: bytes) -> Iterator[str]:
    """Yield the lines of a telemetry file; source: FramedTelemetryLogSink of awslambdaric."""
    while data:
        end = _FRAME_BYTES + int.from_bytes(data[_LENGTH], "big")
        yield data[_FRAME_BYTES:end].decode()
        data = data[end:]
