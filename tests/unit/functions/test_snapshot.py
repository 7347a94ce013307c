"""The content of a snapshot of ResizeImageFunction, and the state that its copies do not share.

Each runs in a process of its own, with Lambda's own list of what to call before and after.
"""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

FROM_SNAPSHOT = {
    "IMAGEMILL_ORIGINALS_BUCKET": "o",
    "IMAGEMILL_PROCESSED_BUCKET": "p",
    "IMAGEMILL_TABLE": "t",
    "IMAGEMILL_EVENT_BUS": "default",
    "IMAGEMILL_SNAPSHOT_OF": "build 1769 500",
    "AWS_REGION": "us-east-1",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1/nobody-is-there",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "sesame",
}
PUBLISH = """
import gc, json, random, socket, ssl, sys, threading
import imagemill.functions.resize
import imagemill.wiring.resize_function as wiring
import snapshot_restore_py as lambda_runtime

made_by_importing = wiring.resize_deps.cache_info().currsize
for act, given, named in reversed(lambda_runtime.get_before_snapshot()):
    act(*given, **named)
"""


def told(program: str, environ: dict[str, str]) -> Any:  # noqa: ANN401  # JSON
    """Run a program in a new process, and return the JSON that it prints."""
    done = subprocess.run(
        [sys.executable, "-c", PUBLISH + program],
        check=True,
        capture_output=True,
        text=True,
        env=environ | {"PATH": os.environ["PATH"]},
    )
    return json.loads(done.stdout)


def test_a_snapshot_holds_what_a_first_image_needs() -> None:
    found = told(
        """
from imagemill.imaging.fastjpeg import sandbox
from imagemill.imaging.preload import _warm_up
from imagemill.aws.light import tls_context
made = [wiring.resize_workshop, wiring.event_bus, wiring.memory_budget]
made += [sandbox.prepare, tls_context]
print(json.dumps([made_by_importing, [one.cache_info().currsize for one in made],
                  _warm_up.cache_info().currsize, "PIL.WebPImagePlugin" in sys.modules]))
""",
        FROM_SNAPSHOT,
    )

    assert found == [0, [1, 1, 1, 1, 1], 10, True]


def test_a_snapshot_holds_no_connections_or_credentials() -> None:
    found = told(
        """
from imagemill.aws.light.credentials import Credentials
things = gc.get_objects()
print(json.dumps({
    "sockets": sum(isinstance(one, socket.socket) for one in things),
    "keys": [one.key_id for one in things if isinstance(one, Credentials) and one.key_id],
    "threads": threading.active_count(),
}))
""",
        FROM_SNAPSHOT,
    )

    assert found == {"sockets": 0, "keys": [], "threads": 1}


def test_copies_of_one_snapshot_draw_different_numbers() -> None:
    first, second = told(
        """
drawn = []
snapshot = random.getstate()
for copy in range(2):
    random.setstate(snapshot)
    for act, given, named in lambda_runtime.get_after_restore():
        act(*given, **named)
    drawn.append(random.random())
print(json.dumps(drawn))
""",
        FROM_SNAPSHOT,
    )

    assert first != second


def test_an_invalid_setting_fails_before_the_snapshot() -> None:
    with pytest.raises(subprocess.CalledProcessError) as caught:
        told("", FROM_SNAPSHOT | {"IMAGEMILL_RECIPE": "nonsense"})

    assert "ConfigurationInvalid: IMAGEMILL_RECIPE" in caught.value.stderr


def test_without_a_snapshot_no_hooks_are_registered() -> None:
    usual = {
        name: value for name, value in FROM_SNAPSHOT.items() if name != "IMAGEMILL_SNAPSHOT_OF"
    }
    found = told(
        """
print(json.dumps([len(lambda_runtime.get_before_snapshot()),
                  len(lambda_runtime.get_after_restore()),
                  wiring.resize_deps.cache_info().currsize]))
""",
        usual,
    )

    assert found == [0, 0, 0]
