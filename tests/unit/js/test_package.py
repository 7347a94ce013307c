"""The JavaScript package: its own tests in Node, and its types against the OpenAPI document."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "js"
MANIFEST = json.loads((PACKAGE / "package.json").read_text())
DOCUMENT = json.loads((ROOT / "openapi.json").read_text())
TYPES = (PACKAGE / "types/schema.d.ts").read_text()


def test_the_package_passes_its_tests() -> None:
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    files = sorted(PACKAGE.glob("test/*.test.js"))

    done = subprocess.run(  # the test runner of Node, which prints TAP
        ["node", "--test", *files],  # noqa: S607
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-5000:]
    assert "# fail 0\n" in done.stdout


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
