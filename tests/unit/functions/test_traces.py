"""Traces: stages as subsegments of the invocation, whatever thread they are worked in."""

import json
import os
import socket
import subprocess
import sys
from typing import Any

import pytest

ROOT, PARENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
PROGRAM = """
from concurrent.futures import ThreadPoolExecutor
from imagemill.functions.observer import observer
from imagemill.workflows.observe import Stage

def work(picture):
    for stage in Stage:
        with observer().stage(stage):
            pass

with ThreadPoolExecutor(2) as pool:
    list(pool.map(work, range(2)))
"""
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "IMAGEMILL_ORIGINALS_BUCKET": "o",
    "IMAGEMILL_PROCESSED_BUCKET": "p",
    "IMAGEMILL_TABLE": "t",
    "POWERTOOLS_SERVICE_NAME": "mill",
    "LAMBDA_TASK_ROOT": "/var/task",
    "_X_AMZN_TRACE_ID": f"Root={ROOT};Parent={PARENT};Sampled=1",
}


def told(tracing: str) -> list[dict[str, Any]]:
    """Work on two pictures in two threads, and return what reaches Lambda's daemon."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{daemon.getsockname()[1]}"
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            check=True,
            env=ENVIRONMENT | {"AWS_XRAY_DAEMON_ADDRESS": address, "IMAGEMILL_TRACING": tracing},
        )
        daemon.settimeout(0)  # whatever was sent on loopback is there by now
        return list(_received(daemon))


def _received(daemon: socket.socket) -> Any:  # noqa: ANN401  # documents of X-Ray's
    while True:
        try:
            _, _, document = daemon.recv(65_536).partition(b"\n")
        except BlockingIOError:
            return
        yield json.loads(document)


def test_every_stage_of_every_thread_is_a_subsegment_of_the_invocation() -> None:
    documents = told("true")

    assert sorted(one["name"] for one in documents) == sorted(
        ["download", "render", "upload", "record"] * 2
    )
    assert {(one["type"], one["trace_id"], one["parent_id"]) for one in documents} == {
        ("subsegment", ROOT, PARENT)
    }
    assert all(one["end_time"] >= one["start_time"] for one in documents)


def test_nothing_is_traced_unless_it_is_asked_for() -> None:
    assert told("false") == []


@pytest.mark.parametrize(("tracing", "loaded"), [("true", True), ("false", False)])
def test_what_traces_is_only_loaded_for_it(tracing: str, loaded: bool) -> None:
    program = (
        "import sys; from imagemill.functions.observer import observer; observer(); "
        "sys.exit('aws_xray_sdk' not in sys.modules)"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        env=ENVIRONMENT | {"IMAGEMILL_TRACING": tracing},
    )

    assert (done.returncode == 0) is loaded
