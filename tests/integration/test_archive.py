"""Archived originals on the embedded AWS: packed, returned bit for bit, and deleted."""

import secrets
from collections.abc import Callable, Iterator
from hashlib import sha256

import httpx
import pytest
from botocore.exceptions import ClientError
from fakes.jpegs import save, scene
from live.permissions import PermissionHarness
from live.stack import TIMEOUT_S, Stack, attempts, owner_session, unused_port

from imagemill.aws.records_table import RecordsTable
from imagemill.domain.record import ImageRecord
from imagemill.local.up import UpOptions, cloud

OK, ACCEPTED = 200, 202
DENIED = {"AccessDenied", "AccessDeniedException", "403"}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Run a stack that archives originals."""
    folder = tmp_path_factory.mktemp("archive_stack")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(folder / "home"))
        options = UpOptions(unused_port(), folder / "data", "100", {"ArchiveOriginals": "true"})
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


def test_a_jpeg_is_stored_as_jpeg_xl_with_its_attributes_and_keeps_its_record(stack: Stack) -> None:
    key, jpeg, bucket = (
        f"{secrets.token_hex(6)}/a.jpg",
        save(scene(600, 400), quality=92),
        stack.address.originals_bucket,
    )
    stored = stack.s3.put_object(
        Bucket=bucket,
        Key=key,
        Body=jpeg,
        ContentType="image/jpeg",
        CacheControl="max-age=60",
        Metadata={"focus": "0.3,0.7", "album": "May"},
        Tagging="project=one",
    )
    before = stack.wait_until_final(key, stored["VersionId"])

    after = wait_until_archived(stack, key)

    found = stack.s3.get_object(Bucket=bucket, Key=key)
    tags = stack.s3.get_object_tagging(Bucket=bucket, Key=key)["TagSet"]
    assert (found["ContentType"], found["CacheControl"]) == ("image/jxl", "max-age=60")
    assert {**found["Metadata"], "imagemill-jpeg": ""} == {
        "focus": "0.3,0.7",
        "album": "May",
        "imagemill-jpeg": "",
    }
    assert tags == [{"Key": "project", "Value": "one"}]
    assert after.archived is not None
    assert after.archived.sha256 == sha256(jpeg).hexdigest()
    assert after.archived.bytes == found["ContentLength"] < len(jpeg)
    kept = ("original", "etag", "uploaded_at", "renditions", "focus", "placeholder", "processed_at")
    assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]


def wait_until_archived(stack: Stack, key: str) -> ImageRecord:
    """Return the record of an archived original whose JPEG is deleted."""
    for _ in attempts():
        record = stack.wait_until_final(key)
        versions = stack.s3.list_object_versions(
            Bucket=stack.address.originals_bucket, Prefix=key
        ).get("Versions", [])
        if record.archived and len(versions) == 1:
            return record
    raise AssertionError(f"{key} was not archived")


def test_the_original_is_downloaded_bit_for_bit_and_deleted_with_all_that_was_made_of_it(
    stack: Stack,
) -> None:
    key, jpeg = f"{secrets.token_hex(6)}/été 1.jpg", save(scene(640, 480), quality=90)
    stack.put(key, jpeg)
    record = wait_until_archived(stack, key)
    headers = {"x-api-key": stack.address.api_key}

    with httpx.Client(timeout=TIMEOUT_S, follow_redirects=True) as client:
        api = stack.address.api_url
        found = client.get(f"{api}/images/{record.id}/original", headers=headers)
        link = client.get(f"{api}/images/{record.id}", headers=headers).json()["links"]["original"]
        linked = client.get(link)
        gone = client.delete(f"{api}/images/{record.id}", headers=headers)

    for answer in (found, linked):
        assert answer.status_code == OK
        assert sha256(answer.content).hexdigest() == sha256(jpeg).hexdigest()
        assert answer.headers["content-type"] == "image/jpeg"
        assert "inline" in answer.headers["content-disposition"]
    assert gone.status_code == ACCEPTED
    assert stack.wait_for_status(key, "deleted")
    assert stack.wait_until_removed(key)
    assert stack.wait_until_removed("", f"~o/{record.id}/")


def test_an_archived_original_is_processed_again_and_shown_in_other_sizes(stack: Stack) -> None:
    key = f"{secrets.token_hex(6)}/a.jpg"
    stack.put(key, save(scene(640, 480), quality=90))
    before = wait_until_archived(stack, key)
    headers = {"x-api-key": stack.address.api_key}

    with httpx.Client(timeout=TIMEOUT_S) as client:
        asked = client.post(
            f"{stack.address.api_url}/images/{before.id}/reprocess", headers=headers
        )
        after = wait_for_revision(stack, key, before.revision + 1)
        variant = client.get(f"{stack.address.endpoint}/~/{key}?w=320&fm=png")

    assert asked.status_code == ACCEPTED
    assert (after.status, after.archived, after.etag) == ("ready", before.archived, before.etag)
    assert after.original == before.original
    assert (variant.status_code, variant.headers["content-type"]) == (OK, "image/png")


def test_the_role_of_the_function_and_those_of_others_end_at_originals(stack: Stack) -> None:
    harness = PermissionHarness(stack, owner_session(stack.address))
    own, other = (harness.as_role(name) for name in ("ArchiveRole", "TransformRole"))
    endpoint, processed = stack.address.endpoint, stack.address.processed_bucket
    stack.s3.put_object(Bucket=processed, Key="~o/id/hash", Body=b"jpeg")
    renditions, unpacked = (one.client("s3", endpoint_url=endpoint) for one in (own, other))
    records = own.client("dynamodb", endpoint_url=endpoint)
    functions = own.client("lambda", endpoint_url=endpoint)

    denied = [
        lambda: renditions.get_object(Bucket=processed, Key="k"),
        lambda: renditions.put_object(Bucket=processed, Key="k", Body=b""),
        lambda: renditions.list_objects_v2(Bucket=processed),
        lambda: records.put_item(TableName=stack.address.table, Item={"id": {"S": "k"}}),
        lambda: functions.invoke(FunctionName=harness.physical_id("ArchiveFunction")),
        lambda: unpacked.get_object(Bucket=processed, Key="~o/id/hash"),
    ]

    assert [code_of(call) in DENIED for call in denied] == [True] * len(denied)


def wait_for_revision(stack: Stack, key: str, revision: int) -> ImageRecord:
    """Return the final record with this revision or a later one."""
    for _ in attempts():
        record = stack.wait_until_final(key)
        if record.revision >= revision:
            return record
    raise AssertionError(f"{key} was not processed again")


def code_of(call: Callable[[], object]) -> str:
    """Return the code of the error with which a call is refused; empty if it is not."""
    try:
        call()
    except ClientError as fault:
        return fault.response["Error"]["Code"]
    return ""
