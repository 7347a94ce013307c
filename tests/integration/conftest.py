from collections.abc import Iterator

import httpx
import pytest
from live.stack import PATIENCE_S, Stack, a_free_port, owner_of

from imagemill.aws.records_table import RecordsTable
from imagemill.local.address import Address
from imagemill.local.up import UpOptions, cloud


@pytest.fixture(scope="session")
def api(address: Address) -> Iterator[httpx.Client]:
    """Return a client with the API's key."""
    headers = {"x-api-key": address.api_key}
    with httpx.Client(base_url=address.api_url, headers=headers, timeout=PATIENCE_S) as client:
        yield client


@pytest.fixture(scope="session")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Run a stack of its own that tries again after five seconds.

    A message that is still being worked on by then comes again, and after four times is a dead
    letter: a busy machine needs several times as long for a batch as an idle one.
    """
    folder = tmp_path_factory.mktemp("impatient")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(folder / "home"))
        options = UpOptions(a_free_port(), folder / "data", "100", {"RetrySeconds": "5"})
        with cloud(options) as (_, address):
            session = owner_of(address)
            yield Stack(
                address,
                session.client("s3", endpoint_url=address.endpoint),
                session.client("sqs", endpoint_url=address.endpoint),
                RecordsTable(
                    session.client("dynamodb", endpoint_url=address.endpoint), address.table
                ),
            )
