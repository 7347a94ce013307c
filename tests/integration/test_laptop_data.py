"""Data of the embedded AWS: after a kill, on a full disk, and its use of memory."""

import json
import os
import resource
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from fakes.images import jpeg
from live.stack import TIMEOUT_S, Stack, unused_port

from imagemill.aws.records_table import RecordsTable
from imagemill.errors import SetupFailed
from imagemill.local.address import Address
from imagemill.local.emulator import REGION, Emulator
from imagemill.local.up import UpOptions, cloud

MIB = 1 << 20
# A boto3 client of any service.
Client: TypeAlias = Any
ONCE = Config(retries={"total_max_attempts": 1})
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="limits of another process")


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    """Run an empty embedded AWS."""
    with Emulator(unused_port(), tmp_path / "data") as emulator:
        yield emulator


@pytest.fixture
def s3(emulator: Emulator) -> Client:
    """Return a client with a versioned bucket `bbb` and an unversioned one `ppp`."""
    client = client_of(emulator, "s3")
    for bucket in "bbb", "ppp":
        client.create_bucket(Bucket=bucket)
    client.put_bucket_versioning(Bucket="bbb", VersioningConfiguration={"Status": "Enabled"})
    return client


def client_of(emulator: Emulator, service: str) -> Client:
    key = emulator.key
    session = boto3.Session(key.access_key_id, key.secret_access_key, region_name=REGION)
    return session.client(service, endpoint_url=emulator.endpoint, config=ONCE)  # type: ignore[call-overload]  # any service


@contextmanager
def full_disk(emulator: Emulator, limit: int = 4096) -> Iterator[None]:
    """Limit the size of files (bytes) that the embedded AWS writes: EFBIG instead of ENOSPC."""
    _, hard = resource.prlimit(emulator.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(emulator.pid, resource.RLIMIT_FSIZE, (limit, hard))
    yield
    resource.prlimit(emulator.pid, resource.RLIMIT_FSIZE, (hard, hard))


def resident(pid: int) -> int:
    """Return the resident memory of a process, bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


# --------------------------------------------------------------------------------- after a kill


def stack_of(address: Address) -> Stack:
    session = boto3.Session(
        address.aws_access_key_id, address.aws_secret_access_key, region_name=address.region
    )
    endpoint = address.endpoint
    return Stack(
        address,
        session.client("s3", endpoint_url=endpoint),
        session.client("sqs", endpoint_url=endpoint),
        RecordsTable(session.client("dynamodb", endpoint_url=endpoint), address.table),
    )


def test_a_data_folder_keeps_its_images_if_its_first_starts_are_killed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    options = UpOptions(unused_port(), tmp_path / "data", "100")
    # Killed before the first save, and before it has ended by itself.
    with Emulator(options.port, options.data_dir) as emulator:
        client_of(emulator, "s3").create_bucket(Bucket="imagemill-code")
        client_of(emulator, "s3").put_object(Bucket="imagemill-code", Key="k", Body=b"x")
        os.killpg(emulator.pid, signal.SIGKILL)
    with cloud(options) as (emulator, first):
        stack_of(first).put("a.jpg", jpeg())
        os.killpg(emulator.pid, signal.SIGKILL)

    with cloud(options) as (_, second):
        stack = stack_of(second)
        found = stack.s3.get_object(Bucket=second.originals_bucket, Key="a.jpg")["Body"].read()
        stack.put("b.jpg", jpeg())
        status = stack.wait_until_final("b.jpg").status

    assert (second, found, status) == (first, jpeg(), "ready")


# ------------------------------------------------------------------------------- on a full disk

Write = Callable[[Client], object]
WRITES: dict[str, Write] = {
    "put": lambda s3: s3.put_object(Bucket="bbb", Key="new", Body=b"x" * 9000),
    "put over": lambda s3: s3.put_object(Bucket="bbb", Key="old", Body=b"x" * 9000),
    "put over, plain": lambda s3: s3.put_object(Bucket="ppp", Key="old", Body=b"x" * 9000),
    "copy": lambda s3: s3.copy_object(Bucket="bbb", Key="new", CopySource="bbb/large"),
    "copy over itself": lambda s3: s3.copy_object(
        Bucket="bbb", Key="large", CopySource="bbb/large", MetadataDirective="REPLACE"
    ),
    "delete": lambda s3: s3.delete_object(Bucket="bbb", Key="many"),
}


def contents(s3: Client) -> dict[str, Any]:
    """Return all versions with their bytes, the delete markers, and the unversioned object."""
    listed = s3.list_object_versions(Bucket="bbb")
    versions = {
        (one["Key"], one["VersionId"], one["IsLatest"]): s3.get_object(
            Bucket="bbb", Key=one["Key"], VersionId=one["VersionId"]
        )["Body"].read()
        for one in listed["Versions"]
    }
    plain = s3.get_object(Bucket="ppp", Key="old")["Body"].read()
    return {"versions": versions, "markers": listed.get("DeleteMarkers", []), "plain": plain}


def fill(s3: Client) -> None:
    for bucket in "bbb", "ppp":
        s3.put_object(Bucket=bucket, Key="old", Body=b"before")
    s3.put_object(Bucket="bbb", Key="large", Body=b"l" * 9000)
    # The list of versions alone exceeds the limit, so that even a delete marker cannot be written.
    for at in range(12):
        s3.put_object(Bucket="bbb", Key="many", Body=b"v%d" % at)


@only_linux
@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_write_to_a_full_disk_fails_and_changes_nothing(
    emulator: Emulator, s3: Client, write: Write
) -> None:
    fill(s3)
    before = contents(s3)

    with full_disk(emulator), pytest.raises(ClientError) as caught:
        write(s3)

    error = caught.value.response
    assert error["ResponseMetadata"]["HTTPStatusCode"] == 507
    assert error["Error"]["Code"] == "InsufficientStorage"
    assert contents(s3) == before
    write(s3)
    assert contents(s3) != before


@only_linux
def test_a_failed_write_sends_no_event_and_leaves_no_temporary_file(
    emulator: Emulator, s3: Client, tmp_path: Path
) -> None:
    sqs = client_of(emulator, "sqs")
    arn = f"arn:aws:sqs:{REGION}:000000000000:events"
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    url = sqs.create_queue(QueueName="events", Attributes={"Policy": policy})["QueueUrl"]
    events = {"QueueArn": arn, "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="bbb", NotificationConfiguration={"QueueConfigurations": [events]}
    )
    with full_disk(emulator), pytest.raises(ClientError):
        s3.put_object(Bucket="bbb", Key="refused", Body=b"x" * 9000)

    s3.put_object(Bucket="bbb", Key="stored", Body=b"x")

    assert keys_of_events(sqs, url, wanted=1) == ["stored"]
    assert list((tmp_path / "data" / "s3").rglob("*.tmp")) == []


def keys_of_events(sqs: Client, url: str, wanted: int) -> list[str]:
    """Return the keys of the events in a queue once there are `wanted` of them."""
    keys: list[str] = []
    while len(keys) < wanted:
        got = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5, MaxNumberOfMessages=10)
        bodies = [json.loads(message["Body"]) for message in got.get("Messages", [])]
        keys += [r["s3"]["object"]["key"] for body in bodies for r in body.get("Records", [])]
    return keys


@only_linux
def test_an_upload_through_the_api_fails_on_a_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    with cloud(UpOptions(unused_port(), tmp_path / "data", "100")) as (emulator, address):
        headers = {"x-api-key": address.api_key, "content-type": "image/jpeg"}
        url = f"{address.api_url}/images?filename=a.jpg"
        with full_disk(emulator, limit=1024):
            rejected = httpx.post(url, headers=headers, content=jpeg(), timeout=TIMEOUT_S)

        accepted = httpx.post(url, headers=headers, content=jpeg(), timeout=TIMEOUT_S)

    assert (rejected.status_code, accepted.status_code) == (503, 202)


@only_linux
def test_a_failed_save_is_reported(emulator: Emulator, s3: Client) -> None:
    s3.put_object(Bucket="bbb", Key="a", Body=b"x")
    with full_disk(emulator, limit=10):
        with pytest.raises(SetupFailed, match="is the disk full"):
            emulator.save()

        emulator.stop()

    assert not emulator.saved


def test_a_successful_save_is_not_reported(emulator: Emulator) -> None:
    emulator.save()
    emulator.stop()

    assert emulator.saved


# ------------------------------------------------------------------------------------ in memory


@only_linux
def test_versions_are_readable_and_not_kept_in_memory(emulator: Emulator, s3: Client) -> None:
    data = os.urandom(4 * MIB)
    s3.put_object(Bucket="bbb", Key="warm", Body=data)
    before = resident(emulator.pid)

    for at in range(40):
        s3.put_object(Bucket="bbb", Key=f"{at % 20}", Body=data + b"%02d" % at)
    for at in range(5):
        s3.delete_object(Bucket="bbb", Key=f"{at}")

    grown = resident(emulator.pid) - before
    versions = s3.list_object_versions(Bucket="bbb")["Versions"]
    ends = {
        s3.get_object(Bucket="bbb", Key=v["Key"], VersionId=v["VersionId"])["Body"].read()[-2:]
        for v in versions
    }
    # 160 MiB were written
    assert grown < 48 * MIB
    assert len(versions) == 41
    assert len(ends) >= 40


@only_linux
def test_objects_from_before_versioning_are_not_kept_in_memory(
    emulator: Emulator, s3: Client
) -> None:
    data = os.urandom(4 * MIB)
    for at in range(12):
        s3.put_object(Bucket="ppp", Key=f"{at}", Body=data + b"%d" % at)
    s3.put_bucket_versioning(Bucket="ppp", VersioningConfiguration={"Status": "Enabled"})
    before = resident(emulator.pid)

    for at in range(12):
        s3.delete_object(Bucket="ppp", Key=f"{at}")

    grown = resident(emulator.pid) - before
    found = s3.get_object(Bucket="ppp", Key="11", VersionId="null")["Body"].read()
    # 48 MiB were deleted
    assert grown < 24 * MIB
    assert found == data + b"11"


def test_versions_survive_a_restart(tmp_path: Path) -> None:
    port, data = unused_port(), tmp_path / "data"
    with Emulator(port, data) as emulator:
        s3 = client_of(emulator, "s3")
        s3.create_bucket(Bucket="bbb")
        s3.put_object(Bucket="bbb", Key="a", Body=b"before versioning")
        s3.put_bucket_versioning(Bucket="bbb", VersioningConfiguration={"Status": "Enabled"})
        for text in b"first", b"second":
            s3.put_object(Bucket="bbb", Key="a", Body=text)
        s3.delete_object(Bucket="bbb", Key="a")
        s3.put_object(Bucket="bbb", Key="a", Body=b"third")

    with Emulator(port, data) as emulator:
        s3 = client_of(emulator, "s3")
        listed = s3.list_object_versions(Bucket="bbb")
        texts = {
            s3.get_object(Bucket="bbb", Key="a", VersionId=v["VersionId"])["Body"].read()
            for v in listed["Versions"]
        }
        current = s3.get_object(Bucket="bbb", Key="a")["Body"].read()

    assert texts == {b"before versioning", b"first", b"second", b"third"}
    assert (current, len(listed["DeleteMarkers"])) == (b"third", 1)
