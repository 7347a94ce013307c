"""The audit log in another implementation of CloudWatch Logs."""

import time
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from imagemill.aws.audit_log import AuditLog
from imagemill.errors import SetupFailed

GROUP = "/aws/lambda/api"


@pytest.fixture
def session() -> Iterator[boto3.Session]:
    with mock_aws():
        yield boto3.Session("key", "secret", region_name="eu-central-1")


def audit_log(session: boto3.Session) -> AuditLog:
    return AuditLog(session.client("logs"), session.client("sts"), GROUP)


def test_changes_are_read_again_and_other_lines_are_not(session: boto3.Session) -> None:
    logs = session.client("logs")
    logs.create_log_group(logGroupName=GROUP)
    logs.create_log_stream(logGroupName=GROUP, logStreamName="function")
    logs.put_log_events(
        logGroupName=GROUP,
        logStreamName="function",
        logEvents=[
            {"timestamp": time.time_ns() // 1_000_000, "message": '{"message": "request answered"}'}
        ],
    )
    log = audit_log(session)

    log.add("create key", "photo-booth")
    log.add("delete key", "photo-booth")

    found = log.entries(time.time() - 60)
    assert [(one.action, one.target) for one in found] == [
        ("create key", "photo-booth"),
        ("delete key", "photo-booth"),
    ]
    assert all(one.actor.startswith("iam:arn:aws:") for one in found)
    assert log.entries(time.time() + 60) == []


def test_a_log_that_does_not_exist_is_named(session: boto3.Session) -> None:
    with pytest.raises(SetupFailed, match="ResourceNotFoundException"):
        audit_log(session).entries(0)
