"""An account of its own for the SAM CLI; `make rehearse` brings the SAM CLI along."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from live.sam_cli import SamCli
from live.stack import Stack, unused_port

from imagemill.local.emulator import Emulator


@pytest.fixture(scope="session")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamCli]:
    """Run the embedded AWS with nothing in it."""
    folder = tmp_path_factory.mktemp("account")
    with Emulator(unused_port(), folder / "aws") as emulator:
        yield SamCli(emulator.endpoint, folder, emulator.key)


@pytest.fixture(scope="session")
def installed(sam: SamCli) -> Stack:
    """Install imagemill by `make deploy`, for tests that leave it in working order."""
    sam.make_deploy("mill")
    return sam.stack("mill")


@pytest.fixture
def template(sam: SamCli, installed: Stack) -> Path:
    """Return the template that was built and installed."""
    assert installed
    return sam.build / "template.yaml"
