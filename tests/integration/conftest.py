import boto3
import pytest
from live.stack import Stack

from imagemill.local.address import Address
from imagemill.stores.dynamodb import RecordsTable


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
