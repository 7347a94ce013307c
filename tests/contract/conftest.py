"""Each promise is put to our fake and to the real store on the embedded AWS."""

import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.light.clients import S3, DynamoDB
from imagemill.aws.records_table import RecordsTable
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.domain.event import ObjectEvent
from imagemill.domain.stores import Originals, Records, Renditions

if TYPE_CHECKING:
    import boto3

    from imagemill.local.address import Address

KINDS = ["fake", "embedded", "lean"]
"""Ours in memory; the real store by boto3's client; the real store by the resizer's."""
StoreOriginal = Callable[[ObjectEvent, bytes], ObjectEvent]


@pytest.fixture(params=KINDS)
def records(request: pytest.FixtureRequest) -> Records:
    if request.param == "fake":
        return FakeRecords()
    address: Address = request.getfixturevalue("address")
    if request.param == "lean":
        lean: Any = DynamoDB(_environment(address))
        return RecordsTable(lean, address.table)
    session: boto3.Session = request.getfixturevalue("session")
    return RecordsTable(session.client("dynamodb", endpoint_url=address.endpoint), address.table)


@pytest.fixture(params=KINDS)
def renditions(request: pytest.FixtureRequest) -> Renditions:
    if request.param == "fake":
        return FakeRenditions()
    address: Address = request.getfixturevalue("address")
    session: boto3.Session = request.getfixturevalue("session")
    client = session.client("s3", endpoint_url=address.endpoint)
    bucket = f"contract-{secrets.token_hex(8)}"
    client.create_bucket(Bucket=bucket)
    lean: Any = S3(_environment(address))
    return RenditionsBucket(lean if request.param == "lean" else client, bucket)


@pytest.fixture(params=KINDS)
def originals(request: pytest.FixtureRequest) -> tuple[Originals, StoreOriginal]:
    """Return the store, and a function that puts an object into it as a user would."""
    if request.param == "fake":
        fake = FakeOriginals()
        return fake, fake.add
    address: Address = request.getfixturevalue("address")
    session: boto3.Session = request.getfixturevalue("session")
    client = session.client("s3", endpoint_url=address.endpoint)
    bucket = f"contract-{secrets.token_hex(8)}"
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    lean: Any = S3(_environment(address))
    store = OriginalsBucket(lean if request.param == "lean" else client, bucket)

    def put(event: ObjectEvent, data: bytes) -> ObjectEvent:
        client.put_object(Bucket=bucket, Key=event.key, Body=data)
        found = store.current(event.key)
        assert found is not None or not data, json.dumps(event.key)
        return found or event

    return store, put


def _environment(address: "Address") -> dict[str, str]:
    """Return what Lambda tells a function of AWS."""
    return {
        "AWS_ACCESS_KEY_ID": address.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": address.aws_secret_access_key,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": address.endpoint,
    }
