"""The policies of buckets and queue: without a statement, its requests are denied."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError
from fakes.images import jpeg
from fakes.template import read_template
from live.permissions import PermissionHarness
from live.stack import TIMEOUT_S, Stack

from imagemill.aws.scan import StackScan
from imagemill.config import StackNames

RESOURCES = read_template()["Resources"]
OTHER_DISTRIBUTION = "arn:aws:cloudfront::000000000000:distribution/E0000000000000"


@pytest.fixture(scope="module")
def harness(stack: Stack, session: boto3.Session) -> PermissionHarness:
    stack.put("policies.jpg", jpeg(400, 300))
    stack.wait_until_final("policies.jpg")
    return PermissionHarness(stack, session)


@pytest.fixture(params=["processed_bucket", "site_bucket"])
def public(request: pytest.FixtureRequest, stack: Stack) -> tuple[str, str]:
    """Return a bucket that the distribution serves, and a path in it."""
    path = {"processed_bucket": "500/policies.jpg", "site_bucket": "index.html"}[request.param]
    return getattr(stack.address, request.param), path


@contextmanager
def changed(harness: PermissionHarness, bucket: str, *statements: dict[str, Any]) -> Iterator[None]:
    """Replace a bucket's policy inside the context; without statements there is none."""
    before = statements_of(harness, bucket)
    put_policy(harness, bucket, *statements)
    try:
        yield
    finally:
        put_policy(harness, bucket, *before)


def statements_of(harness: PermissionHarness, bucket: str) -> list[dict[str, Any]]:
    try:
        policy = harness.stack.s3.get_bucket_policy(Bucket=bucket)["Policy"]
    except ClientError as fault:
        if fault.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return []
    return list(json.loads(policy)["Statement"])


def put_policy(harness: PermissionHarness, bucket: str, *statements: dict[str, Any]) -> None:
    if not statements:
        harness.stack.s3.delete_bucket_policy(Bucket=bucket)
        return
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    harness.stack.s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def cloudfront_status(harness: PermissionHarness, path: str) -> int:
    """Request a path from the distribution and return the status."""
    address = harness.stack.address
    url = httpx.URL(address.gallery_url)
    headers = {"host": f"{url.host}:{url.port}"}
    answer = httpx.get(f"{address.endpoint}/{path}", headers=headers, timeout=TIMEOUT_S)
    return answer.status_code


def test_without_its_statement_the_distribution_cannot_read(
    harness: PermissionHarness, public: tuple[str, str]
) -> None:
    bucket, path = public
    before = cloudfront_status(harness, path)

    with changed(harness, bucket):
        without = cloudfront_status(harness, path)

    assert (before, without) == (200, 403)


def test_another_distribution_cannot_read(
    harness: PermissionHarness, public: tuple[str, str]
) -> None:
    bucket, path = public
    [ours] = [one for one in statements_of(harness, bucket) if one["Sid"].startswith("Show")]
    theirs = ours | {"Condition": {"StringEquals": {"AWS:SourceArn": OTHER_DISTRIBUTION}}}

    with changed(harness, bucket, theirs):
        status = cloudfront_status(harness, path)

    assert status == 403


def test_readers_cannot_read_the_marker_of_a_removed_rendition(harness: PermissionHarness) -> None:
    address, path = harness.stack.address, "500/removed.jpg"
    harness.stack.put("removed.jpg", jpeg(400, 300))
    harness.stack.wait_until_final("removed.jpg")
    before = cloudfront_status(harness, path)

    harness.stack.s3.delete_object(Bucket=address.originals_bucket, Key="removed.jpg")
    harness.stack.wait_for_status("removed.jpg", "deleted")
    assert harness.stack.wait_until_removed("removed.jpg")

    api = harness.as_role("ApiImageUploadRole").client("s3", endpoint_url=address.endpoint)
    with pytest.raises(ClientError, match="explicit deny"):
        api.get_object(Bucket=address.processed_bucket, Key=path)
    assert (before, cloudfront_status(harness, path)) == (200, 403)


@pytest.fixture
def operator(harness: PermissionHarness) -> Iterator[boto3.Session]:
    """Return a session of a user with all rights in IAM."""
    iam, name, policy = harness.client("iam"), "operator", {"PolicyName": "all"}
    everything = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, **policy, PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    region = harness.stack.address.region
    yield boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=region)
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user_policy(UserName=name, **policy)
    iam.delete_user(UserName=name)


def test_an_operator_may_not_read_a_marker_and_the_commands_know_it(
    harness: PermissionHarness, operator: boto3.Session
) -> None:
    address, path = harness.stack.address, "500/cleared.jpg"
    harness.stack.put("cleared.jpg", jpeg(400, 300))
    harness.stack.wait_until_final("cleared.jpg")
    harness.stack.s3.delete_object(Bucket=address.originals_bucket, Key="cleared.jpg")
    assert harness.stack.wait_until_removed("cleared.jpg")
    s3 = operator.client("s3", endpoint_url=address.endpoint)

    with pytest.raises(ClientError, match="explicit deny"):
        s3.get_object(Bucket=address.processed_bucket, Key=path)

    dynamodb = operator.client("dynamodb", endpoint_url=address.endpoint)
    names = StackNames(address.originals_bucket, address.processed_bucket, address.table)
    listed = {item.key for page in StackScan(s3, dynamodb, names).renditions() for item in page}
    assert path not in listed
    assert "500/policies.jpg" in listed


def test_a_restored_rendition_is_readable_again(harness: PermissionHarness) -> None:
    for _ in range(2):
        harness.stack.put("back.jpg", jpeg(400, 300))
        harness.stack.wait_until_final("back.jpg")
        harness.stack.s3.delete_object(
            Bucket=harness.stack.address.originals_bucket, Key="back.jpg"
        )
        harness.stack.wait_for_status("back.jpg", "deleted")
    version = harness.stack.put("back.jpg", jpeg(400, 300))
    harness.stack.wait_until_final("back.jpg", version_id=version)

    assert cloudfront_status(harness, "500/back.jpg") == 200


def test_without_its_statement_s3_may_not_send_events(harness: PermissionHarness) -> None:
    sqs, address = harness.client("sqs"), harness.stack.address
    query = {"QueueUrl": address.queue_url, "AttributeNames": ["Policy"]}
    policy = sqs.get_queue_attributes(**query)["Attributes"]["Policy"]
    s3, bucket = harness.stack.s3, address.originals_bucket
    events = s3.get_bucket_notification_configuration(Bucket=bucket)
    queues: Any = {"QueueConfigurations": events["QueueConfigurations"]}

    sqs.set_queue_attributes(QueueUrl=address.queue_url, Attributes={"Policy": ""})
    try:
        with pytest.raises(ClientError, match="Unable to validate"):
            s3.put_bucket_notification_configuration(
                Bucket=bucket, NotificationConfiguration=queues
            )
    finally:
        sqs.set_queue_attributes(QueueUrl=address.queue_url, Attributes={"Policy": policy})

    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=queues)


@pytest.mark.parametrize(
    ("logical", "key"),
    [("OriginalsBucket", "policies.jpg"), ("ProcessedBucket", "500/policies.jpg")],
)
def test_a_request_without_tls_is_denied_for_every_role(
    harness: PermissionHarness, logical: str, key: str
) -> None:
    role = harness.as_role("ResizeImageRole")
    s3 = role.client("s3", endpoint_url=harness.stack.address.endpoint)
    bucket = harness.physical_id(logical)
    s3.get_object(Bucket=bucket, Key=key)

    with (
        changed(harness, bucket, tls_only(logical, bucket)),
        pytest.raises(ClientError, match="explicit deny"),
    ):
        s3.get_object(Bucket=bucket, Key=key)


def tls_only(logical: str, bucket: str) -> dict[str, Any]:
    """Return the template's statement that denies requests without TLS, for one bucket."""
    statements = RESOURCES[f"{logical}Policy"]["Properties"]["PolicyDocument"]["Statement"]
    plain: list[dict[str, Any]] = [one.get("Fn::If", [0, one])[1] for one in statements]
    [statement] = [one for one in plain if one["Sid"] == "RefuseWithoutTls"]
    arn = f"arn:aws:s3:::{bucket}"
    return statement | {"Resource": [arn, f"{arn}/*"]}
