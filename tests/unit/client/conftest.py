from collections.abc import Iterator

import pytest
from fakes.client_server import FakeServer, WaitingClient, fake_server

from imagemill.client import Client


@pytest.fixture
def server() -> Iterator[FakeServer]:
    """Return a server without answers."""
    with fake_server() as running:
        yield running


@pytest.fixture(params=[Client, WaitingClient], ids=["blocking", "asyncio"])
def kind(request: pytest.FixtureRequest) -> type[Client]:
    """Return each client in turn."""
    found: type[Client] = request.param
    return found
