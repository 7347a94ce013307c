from collections.abc import Iterator

import httpx
import pytest
from fakes.webhook_receiver import WebhookReceiver, webhook_receiver
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
def receiver() -> Iterator[WebhookReceiver]:
    """Run the server that gets the webhooks of the second stack."""
    with webhook_receiver() as running:
        yield running


@pytest.fixture(scope="session")
def short_retry_stack(
    tmp_path_factory: pytest.TempPathFactory, receiver: WebhookReceiver
) -> Iterator[Stack]:
    """Run a second stack whose messages become visible again after five seconds.

    Its images are private, and it sends webhooks. A message that takes longer is delivered again,
    and the fourth time becomes a dead letter. A busy machine may need that long for a batch, so the
    other tests have a longer timeout.
    """
    folder = tmp_path_factory.mktemp("short_retry_stack")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(folder / "home"))
        parameters = {
            "RetrySeconds": "5",
            "Private": "true",
            "Owners": "true",
            "WebhookUrl": receiver.url,
        }
        options = UpOptions(unused_port(), folder / "data", "100", parameters)
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
