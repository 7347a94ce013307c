"""Each test runs with our fake, and with the real store on two emulations of AWS.

They are the embedded AWS and moto, which have no code in common. What both accept is less likely to
be a peculiarity of one.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TypeVar

import boto3
import pytest
from fakes.library import FakeLookup
from fakes.raw_server import environment
from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions, FakeVariantRegistry
from live.account import Account
from moto.server import ThreadedMotoServer

from imagemill.aws.buckets import OriginalsBucket
from imagemill.aws.encoded import EncodedOriginalsBucket
from imagemill.aws.image_index import ImageIndexes
from imagemill.aws.key_listing import OriginalKeys
from imagemill.aws.light import S3, DynamoDB
from imagemill.aws.light.archiving import ArchivingS3
from imagemill.aws.light.copying import CopyingS3
from imagemill.aws.original_archive import OriginalArchive
from imagemill.aws.original_copies import OriginalCopies
from imagemill.aws.record_batches import RecordBatches
from imagemill.aws.records_table import RecordsTable, RecordStore
from imagemill.aws.renditions_bucket import RenditionsBucket
from imagemill.aws.shares_table import SharesTable
from imagemill.aws.variant_registry import VariantRegistry
from imagemill.domain.event import ObjectEvent
from imagemill.domain.folders import KeyListing, RecordLookup
from imagemill.domain.image_query import ImageIndex
from imagemill.domain.record import ImageRecord
from imagemill.domain.share import Shares
from imagemill.domain.stores import (
    Originals,
    OriginalsIntoMemory,
    Records,
    RegisteredVariants,
    Renditions,
)
from imagemill.domain.stores import VariantRegistry as RegistryWriter
from imagemill.testing.folders import MemoryKeys
from imagemill.testing.index import MemoryIndex
from imagemill.testing.shares import MemoryShares

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from imagemill.aws.object_clients import ListClient
    from imagemill.local.address import Address

B = TypeVar("B", bound=OriginalsBucket)
# The real store with boto3's client, and with the light client, on each emulation.
CLIENTS = [
    f"{client} on {place}" for place in ("embedded", "moto") for client in ("boto3", "light")
]
# The store in memory, too.
KINDS = ["fake", *CLIENTS]


@pytest.fixture(scope="session")
def embedded(address: "Address", session: boto3.Session) -> Account:
    """Return the embedded AWS."""
    return Account(
        address.endpoint,
        session,
        {
            "AWS_ACCESS_KEY_ID": address.aws_access_key_id,
            "AWS_SECRET_ACCESS_KEY": address.aws_secret_access_key,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": address.endpoint,
        },
    )


@pytest.fixture(scope="session")
def moto() -> Iterator[Account]:
    """Run moto in a thread."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    yield Account(
        endpoint,
        boto3.Session("key", "secret", region_name="us-east-1"),
        environment(endpoint) | {"AWS_REGION": "us-east-1"},
    )
    server.stop()


@pytest.fixture(scope="session", params=["embedded", "moto"])
def account(request: pytest.FixtureRequest) -> Account:
    """Return each emulation in turn."""
    found: Account = request.getfixturevalue(request.param)
    return found


class Registry(RegisteredVariants, RegistryWriter, Protocol):
    """The whole registry of variants."""


StoreOriginal = Callable[[ObjectEvent, bytes], ObjectEvent]


@pytest.fixture(params=KINDS)
def records(request: pytest.FixtureRequest) -> Records:
    if request.param == "fake":
        return FakeRecords()
    account, is_light = _chosen(request)
    table = account.create_table("RecordsTable")
    if is_light:
        return RecordStore(DynamoDB(account.environment), table)
    return RecordsTable(account.client("dynamodb"), table)


@pytest.fixture(params=KINDS)
def renditions(request: pytest.FixtureRequest) -> Renditions:
    if request.param == "fake":
        return FakeRenditions()
    account, is_light = _chosen(request)
    client = S3(account.environment) if is_light else account.client("s3")
    return RenditionsBucket(client, account.create_bucket())


@pytest.fixture(params=KINDS)
def originals(request: pytest.FixtureRequest) -> tuple[Originals, StoreOriginal]:
    """Return the store, and a function that stores an object in it as a user does."""
    return _originals(request, OriginalsBucket)


@pytest.fixture(params=KINDS)
def originals_into_memory(
    request: pytest.FixtureRequest,
) -> tuple[OriginalsIntoMemory, StoreOriginal]:
    """Return the store that TransformFunction reads, and a function as that of `originals`."""
    return _originals(request, EncodedOriginalsBucket)


def _originals(
    request: pytest.FixtureRequest, bucket_class: type[B]
) -> tuple[B | FakeOriginals, StoreOriginal]:
    if request.param == "fake":
        fake = FakeOriginals()
        return fake, fake.add
    account, is_light = _chosen(request)
    client, bucket = account.client("s3"), account.create_bucket()
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    store = bucket_class(S3(account.environment) if is_light else client, bucket)

    def put(event: ObjectEvent, data: bytes) -> ObjectEvent:
        metadata = {"recipe": event.rule} if event.rule else {}
        metadata |= {"focus": event.focus} if event.focus else {}
        client.put_object(Bucket=bucket, Key=event.key, Body=data, Metadata=metadata)
        found = store.current(event.key)
        assert found is not None or not data, json.dumps(event.key)
        return found or event

    return store, put


@pytest.fixture(params=KINDS)
def variant_registry(request: pytest.FixtureRequest) -> Registry:
    if request.param == "fake":
        return FakeVariantRegistry()
    account, is_light = _chosen(request)
    client = DynamoDB(account.environment) if is_light else account.client("dynamodb")
    return VariantRegistry(client, account.create_table("VariantsTable"))


@pytest.fixture(params=KINDS)
def shares(request: pytest.FixtureRequest) -> Shares:
    if request.param == "fake":
        return MemoryShares()
    account, is_light = _chosen(request)
    client = DynamoDB(account.environment) if is_light else account.client("dynamodb")
    return SharesTable(client, account.create_table("SharesTable"))


@pytest.fixture(params=CLIENTS)
def list_client(request: pytest.FixtureRequest) -> tuple["ListClient", str]:
    """Return a client, and a bucket with variants of two images."""
    account, is_light = _chosen(request)
    client, bucket = account.client("s3"), account.create_bucket()
    for key in ("~t/one/20x.jpg", "~t/one/x40_q75.webp", "~t/other/20x.jpg", "500/a b+c.jpg"):
        client.put_object(Bucket=bucket, Key=key, Body=b"data")
    found: ListClient = S3(account.environment) if is_light else client
    return found, bucket


@pytest.fixture(params=CLIENTS)
def copies(request: pytest.FixtureRequest) -> tuple[OriginalCopies, "S3Client", str]:
    """Return the store, boto3's client, and their bucket."""
    account, is_light = _chosen(request)
    s3, bucket = account.client("s3"), account.create_bucket()
    client = CopyingS3(account.environment) if is_light else s3
    return OriginalCopies(client, bucket), s3, bucket


@pytest.fixture(params=["light on embedded", "light on moto"])
def archive(request: pytest.FixtureRequest) -> tuple[OriginalArchive, "S3Client", str]:
    """Return the store, boto3's client, and their bucket, which keeps versions."""
    account, _ = _chosen(request)
    s3, bucket = account.client("s3"), account.create_bucket()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    client = ArchivingS3(account.environment)
    return OriginalArchive(client, client, bucket), s3, bucket


@pytest.fixture(scope="module", params=KINDS)
def list_keys(request: pytest.FixtureRequest) -> Callable[[Sequence[str]], KeyListing]:
    """Return a function that stores objects with some keys, and returns their listing."""
    if request.param == "fake":
        return MemoryKeys
    account, is_light = _chosen(request)
    s3, bucket = account.client("s3"), account.create_bucket()

    def stored(keys: Sequence[str]) -> KeyListing:
        for key in keys:
            s3.put_object(Bucket=bucket, Key=key, Body=b"data")
        return OriginalKeys(S3(account.environment) if is_light else s3, bucket)

    return stored


@pytest.fixture(scope="module", params=KINDS)
def index_records(request: pytest.FixtureRequest) -> Callable[[list[ImageRecord]], ImageIndex]:
    """Return a function that stores records, and returns searches in them."""
    if request.param == "fake":
        return MemoryIndex
    account, is_light = _chosen(request)
    dynamodb = account.client("dynamodb")

    def stored(records: list[ImageRecord]) -> ImageIndex:
        table = account.create_table("RecordsTable")
        for record in records:
            RecordStore(dynamodb, table).put(record)
        client = DynamoDB(account.environment) if is_light else dynamodb
        # So few that pages end before the filter has found enough.
        return ImageIndexes(client, table, most_reads=2, least_read=2)

    return stored


@pytest.fixture(params=KINDS)
def batches(request: pytest.FixtureRequest) -> tuple[RecordLookup, Records]:
    """Return reads of many records, and the table with these records."""
    if request.param == "fake":
        records = FakeRecords()
        return FakeLookup(records), records
    account, is_light = _chosen(request)
    table, dynamodb = account.create_table("RecordsTable"), account.client("dynamodb")
    client = DynamoDB(account.environment) if is_light else dynamodb
    return RecordBatches(client, table), RecordStore(dynamodb, table)


def _chosen(request: pytest.FixtureRequest) -> tuple[Account, bool]:
    """Return the emulation that a fixture's parameter names, and whether the client is light."""
    client, _, place = request.param.partition(" on ")
    account: Account = request.getfixturevalue(place)
    return account, client == "light"
