"""One embedded AWS for all tests that need it, and the profile of Hypothesis."""

import gc
import os
import warnings
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from fakes.issuer import AUDIENCE
from hypothesis import HealthCheck, settings
from live.issuer import RunningIssuer, issuer_running
from live.stack import Stack, owner_session

from imagemill.aws.records_table import RecordsTable
from imagemill.local.address import Address

if TYPE_CHECKING:
    from imagemill.testing import StackApi

pytest_plugins = ["imagemill.testing"]
# Whether Hypothesis chooses new examples, instead of the same ones in every run.
EXPLORING = "SEARCH_EXAMPLES" in os.environ

settings.register_profile(
    "imagemill",
    deadline=None,
    # The same examples in every run: more of them find nothing new after the first run.
    max_examples=100 if EXPLORING else 50,
    derandomize=not EXPLORING,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("imagemill")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Keep the garbage collector from the tests and modules: they live until the end.

    Without this it visits them again and again, for a fifth of the CPU time of the unit tests.
    """
    gc.disable()
    try:
        collected = yield
    finally:
        gc.enable()
    gc.freeze()
    return collected


@pytest.hookimpl(tryfirst=True)
def pytest_unconfigure() -> None:
    """Collect the garbage of the session before pytest does.

    Clients of session fixtures are never closed. Their sockets may be collected only here, where
    pytest would turn the ResourceWarning into a failure of the whole run.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


@pytest.fixture(scope="session")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of the embedded AWS."""
    return tmp_path_factory.mktemp("imagemill")


@pytest.fixture(scope="session")
def issuer() -> Iterator[RunningIssuer]:
    """Return the issuer of the tokens that the stack accepts."""
    with issuer_running() as running:
        yield running


@pytest.fixture(scope="session")
def imagemill_stack(data_dir: Path, issuer: RunningIssuer) -> "Iterator[StackApi]":
    """Run the whole stack on the embedded AWS with IAM enforced, with the parameters of our tests.

    It is the fixture of the plugin: all suites of a run share one stack.
    """
    # Not before the plugin is registered: pytest rewrites the asserts of a plugin.
    from imagemill.testing.apis import running_stack  # noqa: PLC0415

    parameters = {
        "JwtIssuer": issuer.url,
        "JwtAudience": AUDIENCE,
        "JwtAdmin": "groups=admins",
        "GalleryClientId": AUDIENCE,
        "IamAuth": "true",
    }
    with running_stack("500, thumb=100x100:cover:webp", data_dir, parameters) as found:
        yield found


@pytest.fixture(scope="session")
def address(imagemill_stack: "StackApi") -> Address:
    """Return the addresses of the stack."""
    return imagemill_stack.address


@pytest.fixture(scope="session")
def session(address: Address) -> boto3.Session:
    """Return a session with the root credentials of the embedded AWS."""
    return owner_session(address)


@pytest.fixture(scope="session")
def stack(address: Address, session: boto3.Session) -> Stack:
    """Return the running stack."""
    endpoint = address.endpoint
    return Stack(
        address,
        session.client("s3", endpoint_url=endpoint),
        session.client("sqs", endpoint_url=endpoint),
        RecordsTable(session.client("dynamodb", endpoint_url=endpoint), address.table),
    )
