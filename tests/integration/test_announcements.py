"""Completion events as a subscriber receives them, through a rule on the bus and a queue."""

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
    """Subscribe, and return a function that waits for an event by type and key."""
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
        raise AssertionError(f"no event {title!r} for {key}")

    return wait


@pytest.mark.parametrize(
    ("data", "title"), [(jpeg(600, 400), "Image ready"), (b"words", "Image rejected")]
)
def test_a_subscriber_receives_the_final_status_of_an_image(
    stack: Stack, wait_for: WaitFor, data: bytes, title: str
) -> None:
    key = f"{secrets.token_hex(6)}/été.jpg"

    stack.put(key, data)

    event = wait_for(title, key)
    record = stack.wait_until_final(key)
    image = event["detail"]["image"]
    assert list(Draft202012Validator(SCHEMA).iter_errors(event["detail"])) == []
    assert event["source"] == "imagemill"
    assert event["detail"]["processed_bucket"] == stack.address.processed_bucket
    assert image["status"] == record.status
    assert {name: made["key"] for name, made in image["renditions"].items()} == {
        name: made.key for name, made in record.renditions.items()
    }


def test_the_event_of_a_deletion_has_a_higher_revision(stack: Stack, wait_for: WaitFor) -> None:
    key = f"{secrets.token_hex(6)}/a.jpg"
    stack.put(key, jpeg())
    ready = wait_for("Image ready", key)

    stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key=key)

    deleted = wait_for("Image deleted", key)
    assert list(Draft202012Validator(SCHEMA).iter_errors(deleted["detail"])) == []
    assert deleted["detail"]["image"]["revision"] > ready["detail"]["image"]["revision"]
