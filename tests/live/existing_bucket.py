"""A bucket of others on the embedded AWS, and the stack that uses it."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from typer.testing import CliRunner

from imagemill.aws.records_table import RecordsTable
from imagemill.cli.app import app
from imagemill.local.up import UpOptions, cloud
from live.stack import Stack, owner_session, unused_port


@contextmanager
def stack_beside_others(
    folder: Path, parameters: Mapping[str, str], fill: Callable[[Stack], None]
) -> Iterator[tuple[Stack, boto3.Session]]:
    """Start a stack with its own data folder, which commands find, and fill the bucket.

    Yields the stack and the session of its owner.
    """
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("XDG_DATA_HOME", str(folder / "home"))
        environment.setenv("IMAGEMILL_DATA_DIR", str(folder / "data"))
        with cloud(UpOptions(unused_port(), folder / "data", "100", parameters)) as (_, address):
            session = owner_session(address)
            dynamodb = session.client("dynamodb", endpoint_url=address.endpoint)
            stack = Stack(
                address,
                session.client("s3", endpoint_url=address.endpoint),
                session.client("sqs", endpoint_url=address.endpoint),
                RecordsTable(dynamodb, address.table),
            )
            fill(stack)
            yield stack, session


def queue_of_others(stack: Stack) -> str:
    """Make a queue to which S3 may send events, and return its ARN."""
    queue = stack.sqs.create_queue(QueueName="of-others")["QueueUrl"]
    arn = f"arn:aws:sqs:{stack.address.region}:000000000000:of-others"
    allowed = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    stack.sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": policy})
    return arn


def notifications_of(s3: Any, bucket: str) -> dict[str, Any]:  # noqa: ANN401  # any client of S3
    """Return the notifications of a bucket."""
    found = s3.get_bucket_notification_configuration(Bucket=bucket)
    return {name: value for name, value in found.items() if name != "ResponseMetadata"}


def run(*words: str) -> str:
    """Run a command, and return stdout and stderr; it must succeed."""
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    return result.output
