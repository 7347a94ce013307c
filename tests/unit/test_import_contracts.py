"""Each import contract of pyproject.toml is broken by an import that it forbids."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINTER = Path(sys.executable).with_name("lint-imports")
CYCLES = "Packages and modules import each other without cycles"
PURE = "Imaging, domain and use cases know neither AWS nor a terminal"
PILLOW = "Only imaging imports Pillow"
BOTO3 = "Only aws, local and wiring import boto3"
STORES = "Commands, functions and the laptop get their stores from wiring"
SIBLINGS = "Commands and functions do not import each other"
PRICES = "The event pipeline imports no prices"
FUNCTIONS = "The functions import no package of the commands"
LIGHT = "The light AWS clients stand alone"
DECODER = "The JPEG decoder stands alone"
# The package that gets a new module, the import in this module, and the contract that it breaks.
PLANTS = [
    ("domain", "imagemill.pipeline", "Everything flows one way"),
    ("api", "imagemill.operations", "Everything flows one way"),
    ("imaging", "boto3", PURE),
    ("pipeline", "typer", PURE),
    ("backfill", "aws_lambda_powertools", PURE),
    ("domain", "PIL", PILLOW),
    ("functions", "PIL.Image", PILLOW),
    ("functions", "boto3", BOTO3),
    ("cli", "botocore.session", BOTO3),
    ("operations", "httpx", "Only the REST client imports httpx"),
    ("aws", "httpx", "Only the REST client imports httpx"),
    (
        "functions",
        "aws_lambda_powertools",
        "Only the page of the API's document imports Powertools",
    ),
    ("functions", "jwt", "Only the verifier of tokens imports PyJWT"),
    ("functions", "cryptography", "Only the keys of private images import cryptography"),
    ("private", "botocore", PURE),
    ("oidc", "boto3", PURE),
    ("cli", "imagemill.aws.buckets", STORES),
    ("functions", "imagemill.aws.buckets", STORES),
    ("local", "imagemill.aws.site_bucket", STORES),
    ("cli", "imagemill.rest.client", STORES),
    ("cli", "imagemill.client", STORES),
    ("cli", "imagemill.functions", SIBLINGS),
    ("functions", "imagemill.cli", SIBLINGS),
    ("pipeline", "imagemill.costs.prices", PRICES),
    ("functions", "imagemill.costs.bill", FUNCTIONS),
    ("functions", "imagemill.wiring.stack", FUNCTIONS),
    ("cli", "django.http", "Only the Django app imports Django"),
    ("functions", "imagemill.contrib.django.state", FUNCTIONS),
    ("functions", "yaml", "The functions read no YAML"),
    ("aws/light", "imagemill.errors", LIGHT),
    ("aws/light", "imagemill.aws.buckets", LIGHT),
    ("aws/light", "botocore", LIGHT),
    ("imaging/fastjpeg", "imagemill.imaging.plan", DECODER),
    ("imaging/fastjpeg", "imagemill.errors", DECODER),
    ("imaging/fastjpeg", "PIL", DECODER),
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a copy of the source and of pyproject.toml."""
    folder = tmp_path_factory.mktemp("copy")
    shutil.copy(ROOT / "pyproject.toml", folder)
    python_only = shutil.ignore_patterns("__pycache__", "*.so", "*.wasm", "*.json")
    shutil.copytree(ROOT / "src", folder / "src", ignore=python_only)
    return folder


def report(copy: Path) -> dict[str, str]:
    """Return what is wrong with each broken contract, by its name."""
    done = subprocess.run(  # our own interpreter and words
        [LINTER, "--no-cache"],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    names = re.findall(r"^(.+) BROKEN$", done.stdout, flags=re.MULTILINE)
    _, _, details = done.stdout.partition("\nBroken contracts\n")
    headings = "|".join(re.escape(name) for name in names)
    _, *parts = re.split(rf"^({headings})\n-+\n", details, flags=re.MULTILINE) if names else [""]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.fixture(scope="module")
def planted(copy: Path) -> dict[str, str]:
    """Return the report about a copy with all forbidden imports, each in a module of its own."""
    places = [
        copy / "src/imagemill" / package / f"planted_{number}.py"
        for number, (package, _, _) in enumerate(PLANTS)
    ]
    for place, (_, module, _) in zip(places, PLANTS, strict=True):
        place.write_text(f"import {module}\n")
    found = report(copy)
    for place in places:
        place.unlink()
    return found


@pytest.mark.parametrize("number", range(len(PLANTS)))
def test_a_forbidden_import_breaks_its_contract(planted: dict[str, str], number: int) -> None:
    package, _, contract = PLANTS[number]

    assert f"imagemill.{package.replace('/', '.')}.planted_{number} -> " in planted[contract]


def test_an_import_of_a_parent_package_breaks_its_contract(copy: Path) -> None:
    planted = copy / "src/imagemill/imaging/formats/planted.py"
    planted.write_text("import imagemill.imaging.decode\n")

    found = report(copy)
    planted.unlink()

    assert list(found) == [CYCLES]


def test_the_copy_without_a_forbidden_import_breaks_no_contract(copy: Path) -> None:
    assert report(copy) == {}


def test_every_contract_has_a_forbidden_import() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contracts = {one["name"] for one in settings["tool"]["importlinter"]["contracts"]}

    assert {CYCLES, *(contract for _, _, contract in PLANTS)} == contracts
