"""Run CloudFront Functions with the JavaScript engines of this machine."""

import json
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
# njs has the dialect of CloudFront's engine.
ENGINES = ("node", "njs")
# What replaces the module `cloudfront`; `get` is called only with the format JSON.
_STORE = """const STORE = {};
const %s = { kvs: () => ({
    exists: async (key) => STORE[key] !== null,
    get: async (key) => STORE[key],
}) };"""


def require(engine: str) -> None:
    """Skip the test if the engine is not installed."""
    if shutil.which(engine) is None:
        pytest.skip(f"{engine} is not installed")


def run(
    engine: str, code: str, events: Sequence[Mapping[str, Any]], folder: Path
) -> list[dict[str, Any]]:
    """Return the answers of a function to events; see run.js for their fields."""
    head, _, rest = code.partition(";")
    imports = head.startswith("import ")
    name = head.split("from")[0].split()[1] if imports else "cf"
    script = folder / "function.js"
    script.write_text(
        "\n".join(
            [
                f"const EVENTS = {json.dumps(events)}; const SETTINGS = {{}};",
                _STORE % name,
                rest if imports else code,
                (ROOT / "tests/unit/edge/run.js").read_text(),
            ]
        )
    )
    done = subprocess.run([engine, script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr[-500:]
    return [json.loads(line) for line in done.stdout.splitlines()]
