"""The REST API: CPU time of a cold start and of warm requests."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from benchmarks.cold import ENVIRONMENT
from benchmarks.page import Section, figure, table
from benchmarks.peers import python_with

_HERE = Path(__file__).parent
_CONTENDERS = ("imagemill", "usual")
# Requests of one kind in a process; the first is not counted.
_REQUESTS = 15
_HOW = """\
CPU time of a new process until its first answer (`GET /images/{{id}}`), and then of each kind of
request; medians of {rounds} processes each, in turns, with {requests} requests of a kind in each.
DynamoDB and S3 are fakes in another process, with records of one rendition. `usual` is a handler
as the documentation of Powertools and boto3 shows it: a resolver with validation, pydantic models,
one query for a page, the same signed URLs."""


def run(rounds: int) -> Iterator[Section]:
    """Start the processes in turns, and yield the section of the page."""
    usual = python_with("usual-api", "boto3", "aws-lambda-powertools[validation]", "pydantic")
    pythons = dict(zip(_CONTENDERS, (sys.executable, usual), strict=True))
    taken: dict[str, list[dict[str, float]]] = {name: [] for name in _CONTENDERS}
    # The first round warms up the machine.
    turns = [
        (at, name) for at in range(2 * rounds + 1) for name in _CONTENDERS[:: 1 if at % 2 else -1]
    ]
    with _fake_aws() as endpoint:
        for at, name in turns:
            once = _measure(pythons[name], name, endpoint)
            if at:
                taken[name].append(once)
    text = f"{_HOW.format(rounds=2 * rounds, requests=_REQUESTS)}\n\n{_table(taken)}"
    yield Section("REST API", text)


def _table(taken: dict[str, list[dict[str, float]]]) -> str:
    rows = []
    for title in taken["imagemill"][0]:
        digits = 0 if title in {"start", "modules"} else 1
        unit = "" if title == "modules" else ", ms"
        medians = (median(once[title] for once in taken[name]) for name in _CONTENDERS)
        rows.append([f"{title}{unit}", *(figure(value, digits) for value in medians)])
    return table(["", *_CONTENDERS], rows)


def _measure(python: str, name: str, endpoint: str) -> dict[str, float]:
    done = subprocess.run(  # noqa: S603 - our own script
        [python, str(_HERE / "api_worker.py"), name, str(_REQUESTS)],
        check=True,
        capture_output=True,
        text=True,
        env=ENVIRONMENT | {"AWS_ENDPOINT_URL": endpoint, "PATH": os.environ["PATH"]},
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


@contextmanager
def _fake_aws() -> Iterator[str]:
    with subprocess.Popen(  # noqa: S603 - our own script
        [sys.executable, str(_HERE / "api_aws.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        if server.stdout and server.stdin:
            yield f"http://127.0.0.1:{server.stdout.readline().strip()}"
            server.stdin.close()


if __name__ == "__main__":
    for section in run(int(sys.argv[1]) if sys.argv[1:] else 3):
        print(f"## {section.title}\n\n{section.text}")  # noqa: T201 - the output of a command
