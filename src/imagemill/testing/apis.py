"""A running API for tests: the fake, or a stack on the embedded AWS."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

from imagemill.client import AsyncClient, Client
from imagemill.dataclass import dataclass
from imagemill.errors import SetupFailed
from imagemill.testing.names import RESET_PATH, STAGE, TOKEN_PREFIX

if TYPE_CHECKING:
    from imagemill.local.address import Address

_NO_PARAMETERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class FakeApi:
    """The fake: `url` and `key` of an API that keeps everything in memory."""

    url: str
    key: str

    def client(self) -> Client:
        """Return a client with the key; `with` closes it."""
        return Client(self.url, key=self.key)

    def async_client(self) -> AsyncClient:
        """Return an asynchronous client with the key; `async with` closes it."""
        return AsyncClient(self.url, key=self.key)

    def token(self, user: str) -> str:
        """Return a token of a user; users see only their own images."""
        return f"{TOKEN_PREFIX}{user}"

    def reset(self) -> None:
        """Forget all images."""
        url = self.url.removesuffix(STAGE) + RESET_PATH
        request = Request(url, method="POST", headers={"x-api-key": self.key})  # noqa: S310  # loopback
        with urlopen(request):  # noqa: S310  # as above
            return


@dataclass(frozen=True, slots=True)
class StackApi:
    """A stack on the embedded AWS: `url` and `key` of its API, and its other addresses."""

    url: str
    key: str
    address: "Address"

    def client(self) -> Client:
        """Return a client with the key; `with` closes it."""
        return Client(self.url, key=self.key)

    def async_client(self) -> AsyncClient:
        """Return an asynchronous client with the key; `async with` closes it."""
        return AsyncClient(self.url, key=self.key)


@contextmanager
def running_fake(recipe: str, log: Path) -> Iterator[FakeApi]:
    """Run the fake in a process of its own; raises SetupFailed.

    In the process of the tests, its log and the signals of decoders would be those of the tests.
    """
    command = [sys.executable, "-m", "imagemill.testing", recipe]
    with (
        log.open("wb") as stderr,
        subprocess.Popen(  # noqa: S603  # our own module, without a shell
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr
        ) as process,
    ):
        # Both are pipes. The process ends when this one closes its stdin or ends.
        assert process.stdin and process.stdout  # noqa: S101, PT018
        with process.stdin:
            line = process.stdout.readline()
            if not line:
                raise SetupFailed(f"the fake did not start: {_last_line(log)}")
            yield FakeApi(**json.loads(line))


@contextmanager
def running_stack(
    recipe: str, folder: Path, parameters: Mapping[str, str] = _NO_PARAMETERS
) -> Iterator[StackApi]:
    """Run a stack on the embedded AWS, on a free port; raises SetupFailed.

    `folder` is for its data, `parameters` are those of the template.
    """
    # boto3 is slow to load, and tests with the fake need none of it.
    from imagemill.local.ports import unused_port  # noqa: PLC0415
    from imagemill.local.up import UpOptions, cloud  # noqa: PLC0415

    options = UpOptions(unused_port(), folder, recipe, parameters)
    with _data_home(folder / "home"), cloud(options) as (_, address):
        yield StackApi(address.api_url, address.api_key, address)


@contextmanager
def _data_home(folder: Path) -> Iterator[None]:
    """Hide the stack from the commands of the user, which find the one that was started last."""
    former = os.environ.get("XDG_DATA_HOME")
    os.environ["XDG_DATA_HOME"] = str(folder)
    try:
        yield
    finally:
        if former is None:
            del os.environ["XDG_DATA_HOME"]
        else:
            os.environ["XDG_DATA_HOME"] = former


def _last_line(log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else f"see {log}"
