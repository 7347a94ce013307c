"""The examples, started by the command of their README with the stack of the session.

`address` and `stack` are those of tests/conftest.py: all suites of a run share one stack.
"""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

import pytest
from live.browser import CHROMIUM, open_browser
from live.gallery import TIMEOUT_MS
from live.stack import TIMEOUT_S, unused_port
from playwright.sync_api import Browser, expect

from examples.with_imagemill import variables_of
from imagemill.local.address import Address

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
# Starts an example by its name, and returns its URL.
Start = Callable[[str], str]

expect.set_options(timeout=TIMEOUT_MS)


@pytest.fixture(scope="session")
def variables(address: Address) -> dict[str, str]:
    """Return the variables that examples/with_imagemill.py gives to an example.

    As in an activated environment, `python3` is the Python that has imagemill.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    return {"PATH": path, **variables_of(asdict(address))}


@pytest.fixture(scope="module")
def start(variables: dict[str, str]) -> Iterator[Start]:
    """Return a function that runs `start.sh` of an example until the module's tests have ended."""
    with ExitStack() as running:

        def start(name: str) -> str:
            url = f"http://127.0.0.1:{(port := unused_port())}/"
            environment = os.environ | variables | {"PORT": str(port)}
            running.enter_context(started(EXAMPLES / name / "start.sh", environment))
            wait_until_open(url)
            return url

        yield start


@contextmanager
def started(script: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run a script of an example, and stop it with all its children at the end."""
    with subprocess.Popen(
        ["/bin/sh", str(script)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)


def wait_until_open(url: str) -> None:
    """Wait until a server answers; any status is an answer."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_S):  # noqa: S310  # loopback
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} did not answer")


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """Start a browser; a process can have one at a time."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with open_browser(tmp_path_factory.mktemp("browser")) as browser:
        yield browser
