"""A user with the documented rights uploads in parts, and continues after an interruption."""

import json
import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from fakes.images import jpeg
from fakes.multipart_s3 import part_options
from live.stack import Stack
from mypy_boto3_s3.client import S3Client

from imagemill.aws.file_originals import FileOriginalsBucket
from imagemill.aws.records_table import RecordsTable
from imagemill.domain.event import Focus, UploadChoices
from imagemill.domain.keys import image_id
from imagemill.domain.upload_parts import PART_BYTES

DOCS = Path(__file__).parents[2] / "docs" / "deploying.md"
CHOICES = UploadChoices(focus=Focus(0.25, 0.5))


class Interrupted(Exception):
    """The command was killed."""


@pytest.fixture
def uploader(stack: Stack, session: boto3.Session) -> Iterator[boto3.Session]:
    """Return a session of a user with the policy of the documentation."""
    [policy] = re.findall(r"```json\n(.*?Upload.*?)```", DOCS.read_text(), re.DOTALL)
    address, name = stack.address, "uploader"
    for placeholder, value in (
        ("ORIGINALS-BUCKET", address.originals_bucket),
        ("REGION:ACCOUNT:table/TABLE", f"{address.region}:000000000000:table/{address.table}"),
        ("REGION:ACCOUNT", f"{address.region}:000000000000"),
    ):
        policy = policy.replace(placeholder, value)
    iam = session.client("iam", endpoint_url=address.endpoint)
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName="upload", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    assert json.loads(policy)["Statement"]
    yield boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=address.region)
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, PolicyName="upload")
    iam.delete_user(UserName=name)


def client_of(user: boto3.Session, stack: Stack, sent: list[int], most: int) -> S3Client:
    """Return a client that notes the parts that it sends, and is interrupted after `most`."""

    def before_call(params: dict[str, dict[str, str]], **_: object) -> None:
        if len(sent) == most:
            raise Interrupted
        sent.append(int(params["query_string"]["partNumber"]))

    client = user.client("s3", endpoint_url=stack.address.endpoint)
    client.meta.events.register("before-call.s3.UploadPart", before_call)
    return client


def test_an_interrupted_upload_is_continued_and_becomes_ready(
    stack: Stack, uploader: boto3.Session, tmp_path: Path
) -> None:
    key, file = f"{secrets.token_hex(6)}/a.jpg", tmp_path / "a.jpg"
    options = part_options(tmp_path / "saved", PART_BYTES + 1)
    # Decoders ignore what follows the end of an image.
    file.write_bytes(jpeg(640, 480) + bytes(PART_BYTES))
    bucket = stack.address.originals_bucket
    runs: tuple[list[int], list[int]] = ([], [])
    first = FileOriginalsBucket(client_of(uploader, stack, runs[0], 1), bucket, options)
    with pytest.raises(Interrupted):
        first.upload_file(key, file, "image/jpeg", CHOICES)

    second = FileOriginalsBucket(client_of(uploader, stack, runs[1], 2), bucket, options)
    version = second.upload_file(key, file, "image/jpeg", CHOICES)

    record = stack.wait_until_final(key, version.version_id)
    head = stack.s3.head_object(Bucket=bucket, Key=key)
    current = second.current(key)
    records = RecordsTable(
        uploader.client("dynamodb", endpoint_url=stack.address.endpoint), stack.address.table
    )
    assert runs == ([1], [2])
    assert (record.status, record.etag) == ("ready", version.etag)
    assert (head["ContentType"], head["Metadata"]) == ("image/jpeg", CHOICES.metadata)
    assert head["ContentLength"] == file.stat().st_size
    assert current is not None
    assert (current.version_id, current.etag) == (version.version_id, version.etag)
    assert records.get_many([image_id(key)])[image_id(key)].status == "ready"
