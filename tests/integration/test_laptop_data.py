"""Data of the embedded AWS: after a kill, and its use of memory."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from fakes.images import jpeg
from live.emulators import Client, client_of, create_buckets
from live.stack import Stack, unused_port

from imagemill.aws.records_table import RecordsTable
from imagemill.local.address import Address
from imagemill.local.emulator import Emulator
from imagemill.local.up import UpOptions, cloud

MIB = 1 << 20
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
    create_buckets(client, "bbb", "ppp")
    return client


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
