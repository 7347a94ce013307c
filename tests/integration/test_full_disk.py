"""The embedded AWS on a full disk: nothing is changed by half, and a failed save is reported."""

import json
import resource
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError
from fakes.images import jpeg
from live.emulators import Client, client_of, create_buckets
from live.stack import TIMEOUT_S, unused_port

from imagemill.errors import SetupFailed
from imagemill.local.address import Address
from imagemill.local.emulator import REGION, Emulator
from imagemill.local.up import UpOptions, cloud

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of another process")


@dataclass(frozen=True)
class Buckets:
    """A client, a versioned bucket and an unversioned one."""

    s3: Client
    versioned: str
    plain: str


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the data folder of the embedded AWS."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def emulator(folder: Path) -> Iterator[Emulator]:
    """Run an embedded AWS for several tests."""
    with Emulator(unused_port(), folder) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def s3(emulator: Emulator) -> Client:
    return client_of(emulator, "s3")


@pytest.fixture
def buckets(s3: Client) -> Buckets:
    """Return new buckets of the embedded AWS."""
    token = secrets.token_hex(4)
    made = Buckets(s3, f"versioned-{token}", f"plain-{token}")
    create_buckets(s3, made.versioned, made.plain)
    return made


@contextmanager
def full_disk(emulator: Emulator, limit: int = 4096) -> Iterator[None]:
    """Limit the size of files (bytes) that the embedded AWS writes: EFBIG instead of ENOSPC."""
    _, hard = resource.prlimit(emulator.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(emulator.pid, resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.prlimit(emulator.pid, resource.RLIMIT_FSIZE, (hard, hard))


Write = Callable[[Buckets], object]
WRITES: dict[str, Write] = {
    "put": lambda to: to.s3.put_object(Bucket=to.versioned, Key="new", Body=b"x" * 9000),
    "put over": lambda to: to.s3.put_object(Bucket=to.versioned, Key="old", Body=b"x" * 9000),
    "put over, plain": lambda to: to.s3.put_object(Bucket=to.plain, Key="old", Body=b"x" * 9000),
    "copy": lambda to: to.s3.copy_object(
        Bucket=to.versioned, Key="new", CopySource=f"{to.versioned}/large"
    ),
    "copy over itself": lambda to: to.s3.copy_object(
        Bucket=to.versioned,
        Key="large",
        CopySource=f"{to.versioned}/large",
        MetadataDirective="REPLACE",
    ),
    "delete": lambda to: to.s3.delete_object(Bucket=to.versioned, Key="many"),
}


def contents(of: Buckets) -> dict[str, Any]:
    """Return all versions with their bytes, the delete markers, and the unversioned object."""
    listed = of.s3.list_object_versions(Bucket=of.versioned)
    versions = {
        (one["Key"], one["VersionId"], one["IsLatest"]): of.s3.get_object(
            Bucket=of.versioned, Key=one["Key"], VersionId=one["VersionId"]
        )["Body"].read()
        for one in listed["Versions"]
    }
    plain = of.s3.get_object(Bucket=of.plain, Key="old")["Body"].read()
    return {"versions": versions, "markers": listed.get("DeleteMarkers", []), "plain": plain}


def fill(buckets: Buckets) -> None:
    s3 = buckets.s3
    for bucket in buckets.versioned, buckets.plain:
        s3.put_object(Bucket=bucket, Key="old", Body=b"before")
    s3.put_object(Bucket=buckets.versioned, Key="large", Body=b"l" * 9000)
    # The list of versions alone exceeds the limit, so that even a delete marker cannot be written.
    for at in range(12):
        s3.put_object(Bucket=buckets.versioned, Key="many", Body=b"v%d" % at)


@only_linux
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_to_a_full_disk_fails_and_changes_nothing(
    emulator: Emulator, buckets: Buckets, write: Write
) -> None:
    fill(buckets)
    before = contents(buckets)

    with full_disk(emulator), pytest.raises(ClientError) as caught:
        write(buckets)

    error = caught.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 507
    assert error["Error"]["Code"] == "InsufficientStorage"
    assert contents(buckets) == before
    write(buckets)
    assert contents(buckets) != before


@only_linux
def test_a_failed_write_sends_no_event_and_leaves_no_temporary_file(
    emulator: Emulator, folder: Path, buckets: Buckets
) -> None:
    s3, bucket = buckets.s3, buckets.versioned
    sqs = client_of(emulator, "sqs")
    arn = f"arn:aws:sqs:{REGION}:000000000000:events"
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    url = sqs.create_queue(QueueName="events", Attributes={"Policy": policy})["QueueUrl"]
    events = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
    s3.put_bucket_notification_configuration(
        Bucket=bucket, NotificationConfiguration={"QueueConfigurations": [events]}
    )
    with full_disk(emulator), pytest.raises(ClientError):
        s3.put_object(Bucket=bucket, Key="refused", Body=b"x" * 9000)

    s3.put_object(Bucket=bucket, Key="stored", Body=b"x")

    assert keys_of_events(sqs, url, wanted=1) == ["stored"]
    assert list((folder / "s3").rglob("*.tmp")) == []


def keys_of_events(sqs: Client, url: str, wanted: int) -> list[str]:
    """Return the keys of the events in a queue once there are `wanted` of them."""
    keys: list[str] = []
    while len(keys) < wanted:
        got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10)
        bodies = [json.loads(message["Body"]) for message in got.get("Messages", [])]
        keys += [r["s3"]["object"]["key"] for body in bodies for r in body.get("Records", [])]
    return keys


@pytest.fixture(scope="module")
def stack_without_gallery(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Emulator, Address]]:
    """Run a stack that has only the API."""
    folder = tmp_path_factory.mktemp("without_gallery")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(folder / "home"))
        with cloud(UpOptions(unused_port(), folder / "data", "100", {"Gallery": "false"})) as found:
            yield found


def test_a_stack_without_a_gallery_has_none_and_works(
    stack_without_gallery: tuple[Emulator, Address],
) -> None:
    _, address = stack_without_gallery

    assert (address.gallery_url, address.site_bucket) == ("", "")
    assert httpx.get(f"{address.api_url}/health", timeout=TIMEOUT_S).status_code == 200


@only_linux
def test_an_upload_through_the_api_fails_on_a_full_disk(
    stack_without_gallery: tuple[Emulator, Address],
) -> None:
    emulator, address = stack_without_gallery
    headers = {"x-api-key": address.api_key, "content-type": "image/jpeg"}
    url = f"{address.api_url}/images?filename=a.jpg"
    with full_disk(emulator, limit=1024):
        rejected = httpx.post(url, headers=headers, content=jpeg(), timeout=TIMEOUT_S)

    accepted = httpx.post(url, headers=headers, content=jpeg(), timeout=TIMEOUT_S)

    assert (rejected.status_code, accepted.status_code) == (503, 202)


@only_linux
def test_a_failed_save_is_reported(tmp_path: Path) -> None:
    with Emulator(unused_port(), tmp_path / "data") as emulator:
        create_buckets(client_of(emulator, "s3"), "versioned", "plain")
        with full_disk(emulator, limit=10):
            with pytest.raises(SetupFailed, match="is the disk full"):
                emulator.save()

            emulator.stop()

        assert not emulator.saved


def test_a_successful_save_is_not_reported(tmp_path: Path) -> None:
    with Emulator(unused_port(), tmp_path / "data") as emulator:
        emulator.save()
        emulator.stop()

        assert emulator.saved
