"""The policies of buckets and queue: without a statement, what it is for is refused."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError
from fakes.images import jpeg
from live.office import Office
from live.stack import PATIENCE_S, Stack

from imagemill.local.template import load_template, template_path

RESOURCES = load_template(template_path())["Resources"]
SOMEBODY_ELSES = "arn:aws:cloudfront::000000000000:distribution/E0000000000000"


@pytest.fixture(scope="module")
def office(stack: Stack, session: boto3.Session) -> Office:
    stack.put("policies.jpg", jpeg(400, 300))
    stack.settled("policies.jpg")
    return Office(stack, session)


@pytest.fixture(params=["processed_bucket", "site_bucket"])
def public(request: pytest.FixtureRequest, stack: Stack) -> tuple[str, str]:
    """Return a bucket that the distribution shows, and a path in it."""
    path = {"processed_bucket": "500/policies.jpg", "site_bucket": "index.html"}[request.param]
    return getattr(stack.address, request.param), path


@contextmanager
def changed(office: Office, bucket: str, *statements: dict[str, Any]) -> Iterator[None]:
    """Give a bucket another policy while inside; none without statements."""
    before = statements_of(office, bucket)
    put_policy(office, bucket, *statements)
    try:
        yield
    finally:
        put_policy(office, bucket, *before)


def statements_of(office: Office, bucket: str) -> list[dict[str, Any]]:
    try:
        policy = office.stack.s3.get_bucket_policy(Bucket=bucket)["Policy"]
    except ClientError as fault:
        if fault.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return []
    return list(json.loads(policy)["Statement"])


def put_policy(office: Office, bucket: str, *statements: dict[str, Any]) -> None:
    if not statements:
        office.stack.s3.delete_bucket_policy(Bucket=bucket)
        return
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    office.stack.s3.put_bucket_policy(Bucket=bucket, Policy=policy)


def shown(office: Office, path: str) -> int:
    """Ask the distribution for a path and return the status."""
    address = office.stack.address
    url = httpx.URL(address.gallery_url)
    headers = {"host": f"{url.host}:{url.port}"}
    answer = httpx.get(f"{address.endpoint}/{path}", headers=headers, timeout=PATIENCE_S)
    return answer.status_code


def test_without_its_statement_the_distribution_shows_nothing(
    office: Office, public: tuple[str, str]
) -> None:
    bucket, path = public
    before = shown(office, path)

    with changed(office, bucket):
        without = shown(office, path)

    assert (before, without) == (200, 403)


def test_somebody_elses_distribution_shows_nothing(office: Office, public: tuple[str, str]) -> None:
    bucket, path = public
    [ours] = [one for one in statements_of(office, bucket) if one["Sid"].startswith("Show")]
    theirs = ours | {"Condition": {"StringEquals": {"AWS:SourceArn": SOMEBODY_ELSES}}}

    with changed(office, bucket, theirs):
        status = shown(office, path)

    assert status == 403


def test_readers_are_refused_the_marker_of_a_removed_rendition(office: Office) -> None:
    address, path = office.stack.address, "500/removed.jpg"
    office.stack.put("removed.jpg", jpeg(400, 300))
    office.stack.settled("removed.jpg")
    before = shown(office, path)

    office.stack.s3.delete_object(Bucket=address.originals_bucket, Key="removed.jpg")
    office.stack.awaited("removed.jpg", "deleted")
    assert office.stack.emptied("removed.jpg")

    api = office.as_role("ApiImageUploadRole").client("s3", endpoint_url=address.endpoint)
    with pytest.raises(ClientError, match="explicit deny"):
        api.get_object(Bucket=address.processed_bucket, Key=path)
    assert (before, shown(office, path)) == (200, 403)


def test_a_rendition_that_comes_back_is_shown_again(office: Office) -> None:
    for _ in range(2):
        office.stack.put("back.jpg", jpeg(400, 300))
        office.stack.settled("back.jpg")
        office.stack.s3.delete_object(Bucket=office.stack.address.originals_bucket, Key="back.jpg")
        office.stack.awaited("back.jpg", "deleted")
    version = office.stack.put("back.jpg", jpeg(400, 300))
    office.stack.settled("back.jpg", version_id=version)

    assert shown(office, "500/back.jpg") == 200


def test_without_its_statement_s3_may_not_send_events(office: Office) -> None:
    sqs, address = office.client("sqs"), office.stack.address
    asked = {"QueueUrl": address.queue_url, "AttributeNames": ["Policy"]}
    policy = sqs.get_queue_attributes(**asked)["Attributes"]["Policy"]
    s3, bucket = office.stack.s3, address.originals_bucket
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
def test_a_request_without_tls_is_refused_whoever_asks(
    office: Office, logical: str, key: str
) -> None:
    role = office.as_role("ResizeImageRole")
    s3 = role.client("s3", endpoint_url=office.stack.address.endpoint)
    bucket = office.physical(logical)
    s3.get_object(Bucket=bucket, Key=key)

    with (
        changed(office, bucket, tls_only(logical, bucket)),
        pytest.raises(ClientError, match="explicit deny"),
    ):
        s3.get_object(Bucket=bucket, Key=key)


def tls_only(logical: str, bucket: str) -> dict[str, Any]:
    """Return the template's statement against requests without TLS, for a bucket of this name."""
    statements = RESOURCES[f"{logical}Policy"]["Properties"]["PolicyDocument"]["Statement"]
    plain: list[dict[str, Any]] = [one.get("Fn::If", [0, one])[1] for one in statements]
    [statement] = [one for one in plain if one["Sid"] == "RefuseWithoutTls"]
    arn = f"arn:aws:s3:::{bucket}"
    return statement | {"Resource": [arn, f"{arn}/*"]}
