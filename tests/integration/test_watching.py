"""Logs, metrics, alarms and dashboard of the deployed resize function."""

import json
import os
import secrets
import subprocess
import sys
import time
from typing import Any

import boto3
import pytest
from fakes.images import jpeg
from live.stack import Stack

BATCH = 10
# Log bytes per image in a batch of ten, as stated in docs/operations.md.
BUDGET_BYTES = 640
# Bytes that CloudWatch bills per log line in addition to its text.
CLOUDWATCH_OVERHEAD = 26


@pytest.fixture(scope="module")
def lines(stack: Stack, session: boto3.Session) -> list[str]:
    """Run the resize function on a batch of ten with its deployed settings; return its log."""
    folder = secrets.token_hex(4)
    keys = [f"{folder}/holiday/{number}.jpg" for number in range(BATCH)]
    versions = {key: stack.put(key, jpeg(640, 480)) for key in keys}
    for key in keys:
        stack.wait_until_final(key)
    bucket = stack.address.originals_bucket
    batch = {"Records": [message(bucket, key, version) for key, version in versions.items()]}
    done = subprocess.run(
        [sys.executable, "-m", "live.call_recorder", "resize"],
        input=json.dumps([batch]),
        env=environment(stack, session),
        capture_output=True,
        text=True,
        check=True,
    )
    *log, seen = filter(None, done.stdout.splitlines())
    assert json.loads(seen)["failed"] == 0, log[0]
    return log


def test_an_image_logs_one_line_and_a_batch_one_line_of_metrics(lines: list[str]) -> None:
    parsed = [json.loads(line) for line in lines]

    images = [line for line in parsed if "id" in line]
    metrics = [line for line in parsed if "_aws" in line]
    assert (len(images), len(metrics), len(parsed)) == (BATCH, 1, BATCH + 1)
    assert {line["status"] for line in images} == {"ready"}
    assert metrics[0]["Ready"] == [BATCH]
    assert len(metrics[0]["Render"]) == BATCH


def test_an_image_stays_within_its_log_budget(lines: list[str]) -> None:
    charged = sum(len(line.encode()) + CLOUDWATCH_OVERHEAD for line in lines)

    assert 0 < charged / BATCH <= BUDGET_BYTES


def test_the_stack_has_its_alarms_and_its_dashboard(stack: Stack, session: boto3.Session) -> None:
    cloudwatch, name = client(stack, session, "cloudwatch"), stack.address.stack

    alarms = cloudwatch.describe_alarms(AlarmNamePrefix=f"{name}-")["MetricAlarms"]
    board = cloudwatch.get_dashboard(DashboardName=f"{name}-{stack.address.region}")

    assert {one["AlarmName"].removeprefix(f"{name}-") for one in alarms} >= {
        "DeadLetters",
        "Faults",
    }
    assert "${" not in board["DashboardBody"]
    assert json.loads(board["DashboardBody"])["widgets"]


def message(bucket: str, key: str, version: str) -> dict[str, Any]:
    """Return a queue message for an image, with a later sequencer than that of S3."""
    described = {
        "key": key,
        "versionId": version,
        "sequencer": "FF" * 12,
        "size": 9_999,
        "eTag": "",
    }
    record = {
        "eventName": "ObjectCreated:Put",
        "eventTime": "2026-05-04T10:20:29.123Z",
        "s3": {"bucket": {"name": bucket}, "object": described},
    }
    sent_ms = time.time_ns() // 1_000_000
    return {
        "messageId": key,
        "body": json.dumps({"Records": [record]}),
        "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": str(sent_ms)},
    }


def environment(stack: Stack, session: boto3.Session) -> dict[str, str]:
    """Return the environment of the deployed function, with the variables that Lambda sets."""
    found = client(stack, session, "cloudformation").describe_stack_resource(
        StackName=stack.address.stack, LogicalResourceId="ResizeImageFunction"
    )
    settings = client(stack, session, "lambda").get_function_configuration(
        FunctionName=found["StackResourceDetail"]["PhysicalResourceId"]
    )["Environment"]["Variables"]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return {
        **ours,
        **settings,
        "PYTHONPATH": "tests",
        "AWS_ENDPOINT_URL": stack.address.endpoint,
        "AWS_ACCESS_KEY_ID": stack.address.aws_access_key_id,
        "AWS_SECRET_ACCESS_KEY": stack.address.aws_secret_access_key,
        "AWS_DEFAULT_REGION": stack.address.region,
        "AWS_LAMBDA_LOG_FORMAT": "JSON",
        "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
        "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
    }


def client(stack: Stack, session: boto3.Session, service: Any) -> Any:  # noqa: ANN401  # the type depends on the service
    return session.client(service, endpoint_url=stack.address.endpoint)
