"""The JavaScript package: its own tests in Node, and its types against the OpenAPI document."""

import hmac
import json
import os
import re
import shutil
import subprocess
import tarfile
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "js"
MANIFEST = json.loads((PACKAGE / "package.json").read_text())
DOCUMENT = json.loads((ROOT / "openapi.json").read_text())
PAGE = (ROOT / "docs/javascript.md").read_text()
JS_BLOCK = re.compile(r"^```js\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TYPES = (PACKAGE / "types/schema.d.ts").read_text()
# Sends a body with each header to the documented receiver, and prints the answers.
CALL_RECEIVER = """
const [, body, ...signatures] = process.argv;
for (const signature of signatures) {
  const headers = { "Imagemill-Signature": signature };
  const answer = await POST(new Request("http://localhost", { method: "POST", body, headers }));
  console.log(answer.status, await answer.text());
}"""


def node(*arguments: str | Path) -> str:
    """Run Node in the package's folder, and return its output."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    done = subprocess.run(
        ["node", *arguments],  # noqa: S607 - any node on the path
        cwd=PACKAGE,
        env=os.environ | {"WEBHOOK_SECRET": "secret"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr
    return done.stdout


def test_the_package_passes_its_tests() -> None:
    assert "# fail 0\n" in node("--test", *sorted(PACKAGE.glob("test/*.test.js")))


def test_the_documented_receiver_answers_by_the_signature() -> None:
    [receiver] = JS_BLOCK.findall(PAGE.partition("## Webhooks")[2])
    event = {"id": "1", "detail-type": "Image ready", "time": "", "detail": {"image": {"key": "a"}}}
    body, now = json.dumps(event), int(time.time())
    digest = hmac.digest(b"secret", f"{now}.{body}".encode(), "sha256").hex()
    headers = [f"t={now},v1={digest}", f"t={now},v1={digest[::-1]}"]

    said = node("--input-type=module", "-e", receiver + CALL_RECEIVER, body, *headers)

    assert said.splitlines() == ["a", "204 ", "400 signature_mismatch"]


# `make js` generates the types, and `make check` compares them where npm is installed.
@pytest.mark.parametrize("name", DOCUMENT["components"]["schemas"])
def test_the_types_have_every_field_of_the_api(name: str) -> None:
    block = re.search(
        rf"^        {name}: \{{\n(.*?)^        \}};$", TYPES, re.MULTILINE | re.DOTALL
    )

    assert block is not None
    fields = re.findall(r"^            (\w+)\??: ", block[1], re.MULTILINE)
    assert fields == list(DOCUMENT["components"]["schemas"][name]["properties"])


def test_the_types_have_every_route_of_the_api() -> None:
    operations = {
        method["operationId"] for path in DOCUMENT["paths"].values() for method in path.values()
    }

    assert {one for one in operations if f"    {one}: {{" not in TYPES} == set()


@pytest.mark.parametrize("entry", MANIFEST["exports"].values(), ids=list(MANIFEST["exports"]))
def test_every_entry_of_the_package_has_its_module_and_its_types(entry: dict[str, str]) -> None:
    assert {kind: (PACKAGE / path).is_file() for kind, path in entry.items()} == {
        "types": True,
        "default": True,
    }


def test_the_package_has_no_dependencies_when_it_runs() -> None:
    assert {"dependencies", "peerDependencies", "optionalDependencies"} & set(MANIFEST) == set()


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.2.3", "1.2.3"), ("0.1.dev300", "0.1.0-dev.300")],
)
def test_a_release_has_the_package_as_one_file(version: str, expected: str, tmp_path: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")

    subprocess.run(
        ["/bin/sh", "deploy/js.sh", "pack", tmp_path, version],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        check=True,
    )

    with tarfile.open(tmp_path / f"imagemill-{expected}.tgz") as packed:
        names = {name.removeprefix("package/") for name in packed.getnames()}
    sources = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.glob("src/*.js")}
    types = {path.relative_to(PACKAGE).as_posix() for path in PACKAGE.glob("types/*.d.ts")}
    assert names == {"package.json", "README.md", "LICENSE"} | sources | types
