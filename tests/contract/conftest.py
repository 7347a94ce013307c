"""Each test runs with our fake, and with the real store on the embedded AWS."""

import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import pytest
from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions, FakeVariantRegistry

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.light import S3, DynamoDB
from imagemill.aws.records_table import RecordsTable, RecordStore
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.domain.event import ObjectEvent
from imagemill.domain.stores import Originals, Records, RegisteredVariants, Renditions
from imagemill.domain.stores import VariantRegistry as RegistryWriter

if TYPE_CHECKING:
    import boto3

    from imagemill.aws.object_clients import ListClient
    from imagemill.local.address import Address

# The store in memory; the real store with boto3's client; the real store with the light client.
KINDS = ["fake", "boto3", "light"]


class Registry(RegisteredVariants, RegistryWriter, Protocol):
    """The whole registry of variants."""


StoreOriginal = Callable[[ObjectEvent, bytes], ObjectEvent]


@pytest.fixture(params=KINDS)
def records(request: pytest.FixtureRequest) -> Records:
    if request.param == "fake":
        return FakeRecords()
    address: Address = request.getfixturevalue("address")
    if request.param == "light":
        return RecordStore(DynamoDB(_environment(address)), address.table)
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
    light = S3(_environment(address))
    return RenditionsBucket(light if request.param == "light" else client, bucket)


@pytest.fixture(params=KINDS)
def originals(request: pytest.FixtureRequest) -> tuple[Originals, StoreOriginal]:
    """Return the store, and a function that stores an object in it as a user does."""
    if request.param == "fake":
        fake = FakeOriginals()
        return fake, fake.add
    address: Address = request.getfixturevalue("address")
    session: boto3.Session = request.getfixturevalue("session")
    client = session.client("s3", endpoint_url=address.endpoint)
    bucket = f"contract-{secrets.token_hex(8)}"
    client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    light = S3(_environment(address))
    store = OriginalsBucket(light if request.param == "light" else client, bucket)

    def put(event: ObjectEvent, data: bytes) -> ObjectEvent:
        metadata = {"recipe": event.rule} if event.rule else {}
        client.put_object(Bucket=bucket, Key=event.key, Body=data, Metadata=metadata)
        found = store.current(event.key)
        assert found is not None or not data, json.dumps(event.key)
        return found or event

    return store, put


@pytest.fixture(params=KINDS)
def variant_registry(request: pytest.FixtureRequest) -> Registry:
    if request.param == "fake":
        return FakeVariantRegistry()
    address: Address = request.getfixturevalue("address")
    session: boto3.Session = request.getfixturevalue("session")
    client = session.client("dynamodb", endpoint_url=address.endpoint)
    table = f"contract-{secrets.token_hex(8)}"
    client.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "variant", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "variant", "KeyType": "RANGE"},
        ],
    )
    light = DynamoDB(_environment(address))
    return VariantRegistry(light if request.param == "light" else client, table)


@pytest.fixture(params=["boto3", "light"])
def list_client(request: pytest.FixtureRequest) -> tuple["ListClient", str]:
    """Return a client, and a bucket with variants of two images."""
    address: Address = request.getfixturevalue("address")
    session: boto3.Session = request.getfixturevalue("session")
    client = session.client("s3", endpoint_url=address.endpoint)
    bucket = f"contract-{secrets.token_hex(8)}"
    client.create_bucket(Bucket=bucket)
    for key in ("~t/one/20x.jpg", "~t/one/x40_q75.webp", "~t/other/20x.jpg", "500/a b+c.jpg"):
        client.put_object(Bucket=bucket, Key=key, Body=b"data")
    found: ListClient = client
    if request.param == "light":
        found = S3(_environment(address))
    return found, bucket


@pytest.fixture
def function_environment(address: "Address") -> dict[str, str]:
    """Return the environment that Lambda gives a function."""
    return _environment(address)


def _environment(address: "Address") -> dict[str, str]:
    """Return the environment that Lambda gives a function."""
    return {
        "AWS_ACCESS_KEY_ID": address.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": address.aws_secret_access_key,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": address.endpoint,
    }
