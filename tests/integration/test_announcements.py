"""Final states as a subscriber hears of them: a rule on the bus, and a queue behind it."""

import json
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from fakes.pictures import jpeg
from jsonschema import Draft202012Validator
from live.stack import Stack

PATIENCE_S = 60
SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "image-event.schema.json").read_text("utf-8")
)
Event = dict[str, Any]
Subscriber = Callable[[str, str], Event]


@pytest.fixture(scope="module")
def subscriber(stack: Stack, session: boto3.Session) -> Iterator[Subscriber]:
    """Subscribe as docs/events.md tells, and return who waits for an event by type and key."""
    events = session.client("events", endpoint_url=stack.address.endpoint)
    name = f"subscriber-{secrets.token_hex(4)}"
    url = stack.sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = stack.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    events.put_rule(Name=name, EventPattern=json.dumps({"source": ["imagemill"]}))
    events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn["Attributes"]["QueueArn"]}])
    heard: list[Event] = []

    def wait_for(title: str, key: str) -> Event:
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            messages = stack.sqs.receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1
            )
            heard.extend(json.loads(message["Body"]) for message in messages.get("Messages", []))
            for event in heard:
                if (event["detail-type"], event["detail"]["image"]["key"]) == (title, key):
                    return event
        raise AssertionError(f"nobody told of {title!r} for {key}; heard was {heard}")

    yield wait_for
    events.remove_targets(Rule=name, Ids=["queue"])
    events.delete_rule(Name=name)


@pytest.mark.parametrize(
    ("data", "title"), [(jpeg(600, 400), "Image ready"), (b"words", "Image rejected")]
)
def test_a_subscriber_hears_what_became_of_a_picture(
    stack: Stack, subscriber: Subscriber, data: bytes, title: str
) -> None:
    key = f"{secrets.token_hex(6)}/été.jpg"

    stack.put(key, data)

    event = subscriber(title, key)
    record = stack.settled(key)
    told = event["detail"]["image"]
    assert list(Draft202012Validator(SCHEMA).iter_errors(event["detail"])) == []
    assert event["source"] == "imagemill"
    assert event["detail"]["processed_bucket"] == stack.address.processed_bucket
    assert told["status"] == record.status
    assert {name: made["key"] for name, made in told["renditions"].items()} == {
        name: made.key for name, made in record.renditions.items()
    }


def test_a_subscriber_hears_of_a_deletion_as_newer_than_the_picture(
    stack: Stack, subscriber: Subscriber
) -> None:
    key = f"{secrets.token_hex(6)}/a.jpg"
    stack.put(key, jpeg())
    ready = subscriber("Image ready", key)

    stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key=key)

    deleted = subscriber("Image deleted", key)
    assert list(Draft202012Validator(SCHEMA).iter_errors(deleted["detail"])) == []
    assert deleted["detail"]["image"]["revision"] > ready["detail"]["image"]["revision"]
