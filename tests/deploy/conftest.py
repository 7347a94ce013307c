"""A separate account for the SAM CLI; `make rehearse` installs the SAM CLI."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from live.sam_cli import SamCli
from live.stack import Stack, unused_port
from live.wheel import install_wheel

from imagemill.local.emulator import Emulator


@pytest.fixture(scope="session")
def sam(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamCli]:
    """Run an empty embedded AWS."""
    folder = tmp_path_factory.mktemp("account")
    with Emulator(unused_port(), folder / "aws") as emulator:
        yield SamCli(emulator.endpoint, folder, emulator.key)


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the command of an installed wheel."""
    return install_wheel(tmp_path_factory.mktemp("wheel"), "local")


@pytest.fixture(scope="session")
def installed(sam: SamCli) -> Stack:
    """Install imagemill with `make deploy`, for tests that keep it working."""
    sam.make_deploy("mill")
    return sam.stack("mill")


@pytest.fixture
def template(sam: SamCli, installed: Stack) -> Path:
    """Return the template that was built and installed."""
    assert installed
    return sam.build / "template.yaml"
