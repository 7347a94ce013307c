"""Run CloudFront Functions with the JavaScript engines here, and their table of cases."""

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
TABLE = json.loads((ROOT / "tests/cases/requests.json").read_text())
GRAMMARS = {"/~/": "imgix", "/~p/": "imgproxy", "/iiif/": "iiif"}
# CloudFront calls a function for the paths of its grammar only.
CASES = [case for case in TABLE["cases"] if case["path"].startswith(tuple(GRAMMARS))]
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
    answers = [""]
    for line in done.stdout.splitlines():
        answers[-1] += line[1:]
        answers += [""] if line.startswith(".") else []
    return [json.loads(answer) for answer in answers[:-1]]


def event(case: dict[str, Any]) -> dict[str, Any]:
    """Return the event of a case of the table."""
    settings = TABLE["settings"][case.get("settings", "default")]
    pairs = [{"key": key, "salt": salt} for key, salt in settings["keys"]]
    return {
        "path": case["path"],
        "query": case.get("query", ""),
        "accept": case.get("accept", ""),
        "now": settings["now"],
        "keys": pairs or None,
        "settings": {
            "widths": settings["widths"],
            "qualities": settings["qualities"],
            "iiif": settings["iiif_profile"],
            "private": settings["private"],
            "signatureBytes": settings["signature_bytes"],
        },
    }


def as_expected(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer of a function in the form of the table."""
    if answer.get("statusCode") == 303:
        return {"redirect": answer["headers"]["location"]["value"]}
    if "statusCode" in answer:
        body = json.loads(answer["body"])
        assert body["status"] == answer["statusCode"]
        return {name: body[name] for name in ("status", "code", "option") if name in body}
    if "uri" in answer:
        query = {name: one["value"] for name, one in answer["querystring"].items()}
        fields = {"version": query.get("v"), "placeholder": query.get("placeholder") == "1" or None}
        return {"path": answer["uri"]} | {n: one for n, one in fields.items() if one is not None}
    return answer
