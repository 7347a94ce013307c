"""Makes images with one Python tool: one JSON request per line on stdin, answers on stdout.

    python -m benchmarks.tools.serve tutorial
    {"path": "in.jpg", "targets": [{"width": 500, …}]}  → {"cpu_ms": 81.2, "bytes": [31234]}
    {…, "outs": ["small.jpg"]}                          → the same, and writes the images
    {…, "peak": true}                                   → the same, and "peak_bytes"

CPU time is that of the process and all of its descendants, user and system, from bytes in memory to
bytes in memory.
"""

import json
import re
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.targets import Target
from benchmarks.tools.cpu import cpu_s

# Makes all targets from the bytes of a file.
Make = Callable[[bytes, Sequence[Target]], list[bytes]]

# Module of each tool; the function that prepares the tool has the tool's name.
TOOLS = {
    "imagemill": "ours",
    "deployed": "ours",
    "libraries": "ours",
    "forgetful": "ours",
    "tutorial": "tutorials",
    "thumbnail": "tutorials",
    "pyvips": "vips",
    "thumbor": "thumbors",
    "opencv": "opencv",
    "simplejpeg": "turbo",
}


def prepare(name: str) -> Make:
    """Import a tool and return the function that makes images with it."""
    make: Make = getattr(import_module(f"benchmarks.tools.{TOOLS[name]}"), name)()
    return make


def _resident_bytes(name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0


def _answer(make: Make, request: dict[str, Any]) -> dict[str, Any]:
    data = Path(request["path"]).read_bytes()
    targets = [Target(**each) for each in request["targets"]]
    if request.get("peak"):
        Path("/proc/self/clear_refs").write_text("5")
    resident, before = _resident_bytes("VmRSS"), cpu_s()
    try:
        made = make(data, targets)
    except Exception as error:  # noqa: BLE001 - the error is the answer
        return {"error": str(error)[:200] or type(error).__name__}
    answer = {"cpu_ms": (cpu_s() - before) * 1000, "bytes": [len(each) for each in made]}
    if request.get("peak"):
        answer["peak_bytes"] = _resident_bytes("VmHWM") - resident
    for path, each in zip(request.get("outs") or (), made, strict=False):
        Path(path).write_bytes(each)
    return answer


def main() -> None:
    """Answer requests until stdin ends."""
    answers, sys.stdout = sys.stdout, sys.stderr
    make = prepare(sys.argv[1])
    for line in sys.stdin:
        answers.write(json.dumps(_answer(make, json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
