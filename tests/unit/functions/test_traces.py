"""Traces: stages in any thread are subsegments of the invocation."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from imagemill.functions.traces import Subsegment, subsegments
from imagemill.pipeline.telemetry import Stage

ROOT, PARENT = "1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8"
SAMPLED = f"Root={ROOT};Parent={PARENT};Sampled=1;Lineage=a87bd80c:1"


@pytest.fixture
def daemon() -> Iterator[socket.socket]:
    """Listen like the X-Ray daemon of Lambda."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0)  # what was sent on loopback is there by the time it is read
        yield listening


def environment(daemon: socket.socket, header: str = SAMPLED) -> dict[str, str]:
    address = f"127.0.0.1:{daemon.getsockname()[1]}"
    return {"AWS_XRAY_DAEMON_ADDRESS": address, "_X_AMZN_TRACE_ID": header}


def work(subsegment: Subsegment) -> None:
    for stage in Stage:
        with subsegment(stage):
            pass


def told(daemon: socket.socket) -> list[dict[str, Any]]:
    """Return the documents that the daemon has received."""
    documents: list[dict[str, Any]] = []
    while True:
        try:
            header, _, document = daemon.recv(65_536).partition(b"\n")
        except BlockingIOError:
            return documents
        assert json.loads(header) == {"format": "json", "version": 1}
        documents.append(json.loads(document))


def test_every_stage_of_every_thread_is_a_subsegment_of_the_invocation(
    daemon: socket.socket,
) -> None:
    subsegment = subsegments(environment(daemon))

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, [subsegment] * 2))

    documents = told(daemon)
    assert sorted(one["name"] for one in documents) == sorted(list(Stage) * 2)
    assert {
        (one["type"], one["trace_id"], one["parent_id"], one["fault"]) for one in documents
    } == {("subsegment", ROOT, PARENT, False)}
    assert len({one["id"] for one in documents}) == len(documents)
    assert all(len(one["id"]) == 16 for one in documents)
    assert all(one["end_time"] >= one["start_time"] for one in documents)


@pytest.mark.parametrize(("tracing", "names"), [("true", ["render"]), ("false", [])])
def test_stages_are_traced_if_tracing_is_on(
    daemon: socket.socket, tracing: str, names: list[str]
) -> None:
    program = (
        "from imagemill.functions.observer import observer\nwith observer().stage('render'): pass"
    )
    places = {
        f"IMAGEMILL_{name}": "x" for name in ("ORIGINALS_BUCKET", "PROCESSED_BUCKET", "TABLE")
    }
    settings = places | {"IMAGEMILL_TRACING": tracing, "PATH": os.environ["PATH"]}

    subprocess.run([sys.executable, "-c", program], check=True, env=environment(daemon) | settings)

    assert [one["name"] for one in told(daemon)] == names


def test_a_failing_stage_is_marked_as_a_fault(daemon: socket.socket) -> None:
    with pytest.raises(ZeroDivisionError), subsegments(environment(daemon))("render"):
        raise ZeroDivisionError

    [document] = told(daemon)
    assert (document["name"], document["fault"]) == ("render", True)


def test_each_invocation_has_its_own_trace(daemon: socket.socket) -> None:
    environ = environment(daemon)
    subsegment = subsegments(environ)

    work(subsegment)
    environ["_X_AMZN_TRACE_ID"] = SAMPLED.replace(ROOT, "1-67891233-abcdef012345678912345678")
    work(subsegment)

    assert len({one["trace_id"] for one in told(daemon)}) == 2


@pytest.mark.parametrize("header", [SAMPLED.replace("Sampled=1", "Sampled=0"), f"Root={ROOT}", ""])
def test_unsampled_invocations_send_nothing(daemon: socket.socket, header: str) -> None:
    work(subsegments(environment(daemon, header)))

    assert told(daemon) == []


def test_an_unreachable_daemon_does_not_stop_the_work() -> None:
    unreachable = {"AWS_XRAY_DAEMON_ADDRESS": "127.0.0.1:0", "_X_AMZN_TRACE_ID": SAMPLED}

    work(subsegments(unreachable))
