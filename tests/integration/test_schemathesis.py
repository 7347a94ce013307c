"""Schemathesis sends valid and invalid requests to the deployed API and checks the responses.

IMAGEMILL_SCHEMATHESIS_EXAMPLES (5) is the number of examples per route,
IMAGEMILL_SCHEMATHESIS_SEED (1) their random seed.
"""

import os
import subprocess
import sys
from pathlib import Path

from imagemill.local.address import Address

ROOT = Path(__file__).parents[2]
EXAMPLES = os.environ.get("IMAGEMILL_SCHEMATHESIS_EXAMPLES", "5")
SEED = os.environ.get("IMAGEMILL_SCHEMATHESIS_SEED", "1")


def test_no_request_breaks_the_contract(address: Address, tmp_path: Path) -> None:
    command = [
        *(sys.executable, "-m", "schemathesis.cli"),
        *("--config-file", str(ROOT / "schemathesis.toml")),
        *("run", f"{address.api_url}/openapi.json"),
        *("--header", f"x-api-key: {address.api_key}"),
        *("--checks", "all", "--mode", "all", "--phases", "examples,coverage,fuzzing,stateful"),
        *("--max-examples", EXAMPLES, "--seed", SEED, "--rate-limit", "40/s", "--no-color"),
    ]

    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)

    assert run.returncode == 0, run.stdout + run.stderr
    assert "Tested: 24" in run.stdout
