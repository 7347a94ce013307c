"""Final states as a subscriber hears of them: a rule on the bus, and a queue behind it."""

import json
import secrets
import time
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from fakes.images import jpeg
from jsonschema import Draft202012Validator
from live.stack import TIMEOUT_S, Stack
from live.subscriber import Event, Subscriber

SCHEMA = json.loads(
    (Path(__file__).parents[2] / "docs" / "image-event.schema.json").read_text("utf-8")
)
WaitFor = Callable[[str, str], Event]


@pytest.fixture(scope="module")
def wait_for(stack: Stack, session: boto3.Session) -> WaitFor:
    """Subscribe, and return who waits for an event by type and key."""
    subscriber = Subscriber(
        session.client("events", endpoint_url=stack.address.endpoint), stack.sqs
    )

    def wait(title: str, key: str) -> Event:
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            subscriber.receive()
            for event in subscriber.received:
                if (event["detail-type"], event["detail"]["image"]["key"]) == (title, key):
                    return event
        raise AssertionError(f"nobody told of {title!r} for {key}")

    return wait


@pytest.mark.parametrize(
    ("data", "title"), [(jpeg(600, 400), "Image ready"), (b"words", "Image rejected")]
)
def test_a_subscriber_hears_what_became_of_an_image(
    stack: Stack, wait_for: WaitFor, data: bytes, title: str
) -> None:
    key = f"{secrets.token_hex(6)}/été.jpg"

    stack.put(key, data)

    event = wait_for(title, key)
    record = stack.wait_until_final(key)
    told = event["detail"]["image"]
    assert list(Draft202012Validator(SCHEMA).iter_errors(event["detail"])) == []
    assert event["source"] == "imagemill"
    assert event["detail"]["processed_bucket"] == stack.address.processed_bucket
    assert told["status"] == record.status
    assert {name: made["key"] for name, made in told["renditions"].items()} == {
        name: made.key for name, made in record.renditions.items()
    }


def test_a_subscriber_hears_of_a_deletion_as_newer_than_the_image(
    stack: Stack, wait_for: WaitFor
) -> None:
    key = f"{secrets.token_hex(6)}/a.jpg"
    stack.put(key, jpeg())
    ready = wait_for("Image ready", key)

    stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key=key)

    deleted = wait_for("Image deleted", key)
    assert list(Draft202012Validator(SCHEMA).iter_errors(deleted["detail"])) == []
    assert deleted["detail"]["image"]["revision"] > ready["detail"]["image"]["revision"]
