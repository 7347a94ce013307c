"""A Django project with a database in memory, and a stack for its images."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.api import KEY
from fakes.stack_server import StackServer, stack_server
from shop import closed_at_the_end, empty_project, storage_options


@pytest.fixture(autouse=True)
def project(tmp_path: Path) -> Iterator[None]:
    """Give each test an empty database and an empty MEDIA_ROOT."""
    with empty_project(tmp_path / "media"):
        yield


@pytest.fixture(scope="session")
def server() -> Iterator[StackServer]:
    """Run the server of a stack."""
    with closed_at_the_end(), stack_server() as running:
        yield running


@pytest.fixture
def stack(server: StackServer) -> Iterator[StackServer]:
    """Let the project use a stack without images."""
    server.deps.records.items.clear()
    server.deps.inbox.objects.clear()
    server.asked.clear()
    secrets = ["the present secret", "the secret before"]
    options = {"api": server.url, "key": KEY, "poll_s": 0, "webhook_secrets": secrets}
    with storage_options("storage.StackStorage", **options):
        yield server
