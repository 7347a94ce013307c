"""The modules that a function loads at a cold start: counts are the same on every machine."""

import json
import os
import subprocess
import sys

import pytest

ENVIRONMENT = {
    "IMAGEMILL_ORIGINALS_BUCKET": "o",
    "IMAGEMILL_PROCESSED_BUCKET": "p",
    "IMAGEMILL_TABLE": "t",
    "IMAGEMILL_EVENT_BUS": "default",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "k",
    "AWS_SECRET_ACCESS_KEY": "s",
}
START = {
    "resize": "import imagemill.functions.resize as f; "
    "import imagemill.wiring.resize_function as w; "
    "w.resize_deps(); w.event_bus(); w.memory_budget(); f.observer(); "
    "import imagemill.functions.logs as l; l.logger()",
    "api": "import imagemill.functions.api as f; "
    "import imagemill.wiring.api_function as w; w.api_deps()",
}
NEVER = {
    "resize": {
        "boto3",
        "botocore.session",
        "urllib3",
        "s3transfer",
        "pydantic",
        "httpx",
        "typer",
        "rich",
        "pillow_heif",
        "ministack",
    },
    "api": {"boto3", "s3transfer", "PIL", "pillow_heif", "httpx", "typer", "rich", "ministack"},
}
# Limits on loaded modules, slightly above the present counts: each of ours takes about 1 ms.
MOST = {"resize": 400, "api": 620}


def loaded(function: str) -> set[str]:
    """Start a function in a new process up to its first event, and return the loaded modules."""
    told = "; import sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", START[function] + told],
        check=True,
        capture_output=True,
        text=True,
        env=ENVIRONMENT | {"PATH": os.environ["PATH"]},
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize("function", START)
def test_a_function_loads_few_modules_and_no_unneeded_ones(function: str) -> None:
    modules = loaded(function)

    assert modules & NEVER[function] == set()
    assert len(modules) <= MOST[function]
