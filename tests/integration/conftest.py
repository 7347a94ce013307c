from collections.abc import Iterator

import httpx
import pytest
from live.stack import TIMEOUT_S, Stack, owner_session, unused_port

from imagemill.aws.records_table import RecordsTable
from imagemill.local.address import Address
from imagemill.local.up import UpOptions, cloud


@pytest.fixture(scope="session")
def api(address: Address) -> Iterator[httpx.Client]:
    """Return a client with the API's key."""
    headers = {"x-api-key": address.api_key}
    with httpx.Client(base_url=address.api_url, headers=headers, timeout=TIMEOUT_S) as client:
        yield client


@pytest.fixture(scope="session")
def short_retry_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Run a stack of its own that tries again after five seconds.

    A message that is still being worked on by then comes again, and after four times is a dead
    letter: a busy machine needs several times as long for a batch as an idle one.
    """
    folder = tmp_path_factory.mktemp("short_retry_stack")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(folder / "home"))
        options = UpOptions(unused_port(), folder / "data", "100", {"RetrySeconds": "5"})
        with cloud(options) as (_, address):
            session = owner_session(address)
            yield Stack(
                address,
                session.client("s3", endpoint_url=address.endpoint),
                session.client("sqs", endpoint_url=address.endpoint),
                RecordsTable(
                    session.client("dynamodb", endpoint_url=address.endpoint), address.table
                ),
            )
