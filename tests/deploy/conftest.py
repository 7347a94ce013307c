"""An empty embedded AWS for the SAM CLI, which `make rehearse` installs."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from live.sam_cli import SamCli
from live.stack import Stack, unused_port

from imagemill.local.emulator import Emulator


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """Run an empty embedded AWS."""
    folder = tmp_path_factory.mktemp("account")
    with Emulator(unused_port(), folder / "aws") as emulator:
        yield SamCli(emulator.endpoint, folder, emulator.key)


@pytest.fixture(scope="session")
def installed(account: Account) -> Stack:
    """Install imagemill with `make deploy`, for tests that leave the stack working."""
    account.make_deploy("mill")
    return account.stack("mill")


@pytest.fixture
def template(account: Account, installed: Stack) -> Path:
    """Return the built template that `installed` deployed."""
    assert installed
    return sam.build / "template.yaml"
