"""Upload the new files of a folder to S3, and print the completion events of the images.

It uses AWS alone, through boto3: no API of imagemill, and no code of it. The bucket is in
IMAGEMILL_ORIGINALS_BUCKET, credentials and region are those of the AWS SDK.
"""

import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client
    from mypy_boto3_sqs.client import SQSClient

BUCKET = os.environ["IMAGEMILL_ORIGINALS_BUCKET"]
# Longest time without an event before the program gives up, s. An image usually takes a second.
PATIENCE_S = 120


def main(folder: str) -> int:
    """Upload what is new, wait for an event of each upload, and return the exit status."""
    session = boto3.Session()
    s3, sqs = session.client("s3"), session.client("sqs")
    with subscription(session) as queue_url:
        uploads = dict(sync(s3, Path(folder)))
        print(f"{len(uploads)} files uploaded")
        arriving = events(sqs, queue_url)
        while uploads and (event := next(arriving, None)):
            image = event["detail"]["image"]
            if uploads.get(image["key"]) == image["version_id"]:
                del uploads[image["key"]]
                print(line_of(event), flush=True)
    for key in uploads:
        print(f"no event: {key}", file=sys.stderr)
    return 1 if uploads else 0


@contextmanager
def subscription(session: boto3.Session) -> Iterator[str]:
    """Send the events of the stack to a new queue, and yield its URL; delete all at the end."""
    bus, sqs = session.client("events"), session.client("sqs")
    name = f"imagemill-sync-{secrets.token_hex(4)}"
    pattern = {"source": ["imagemill"], "detail": {"originals_bucket": [BUCKET]}}
    rule_arn = bus.put_rule(Name=name, EventPattern=json.dumps(pattern))["RuleArn"]
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    arn = attributes["QueueArn"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy(arn, rule_arn)})
    bus.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
    try:
        yield url
    finally:
        bus.remove_targets(Rule=name, Ids=["queue"])
        bus.delete_rule(Name=name)
        sqs.delete_queue(QueueUrl=url)


def policy(queue_arn: str, rule_arn: str) -> str:
    """Return the policy of a queue that lets a rule of EventBridge send messages."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": queue_arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": rule_arn}},
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def sync(s3: "S3Client", folder: Path) -> Iterator[tuple[str, str]]:
    """Upload new and changed files, as `aws s3 sync` finds them; yield their keys and versions."""
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    stored = {one["Key"]: one for page in pages for one in page.get("Contents", [])}
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        key, facts = file.relative_to(folder).as_posix(), file.stat()
        known = stored.get(key)
        # S3 has whole seconds.
        is_older = known is not None and known["LastModified"].timestamp() < int(facts.st_mtime)
        if known and known["Size"] == facts.st_size and not is_older:
            continue
        with file.open("rb") as data:
            stored_now = s3.put_object(Bucket=BUCKET, Key=key, Body=data)
            # A bucket without versions calls each of them null.
            yield key, stored_now.get("VersionId", "null")


def events(sqs: "SQSClient", queue_url: str) -> Iterator[dict[str, Any]]:
    """Yield the events that arrive, until there was none for too long."""
    last = time.monotonic()
    while time.monotonic() < last + PATIENCE_S:
        answer = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=5)
        for message in answer.get("Messages", []):
            last = time.monotonic()
            yield json.loads(message["Body"])
            sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


def line_of(event: dict[str, Any]) -> str:
    """Return the line for an event: its kind, the key, and the renditions or the error."""
    image = event["detail"]["image"]
    sizes = (f"{name} {one['width']}×{one['height']}" for name, one in image["renditions"].items())
    rest = image["error"]["message"] if image["error"] else ", ".join(sizes)
    return f"{event['detail-type']}: {image['key']}  {rest}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
