"""The embedded AWS checks a batch of messages as SQS does."""

import json
from types import SimpleNamespace

import pytest
from ministack.core import iam_actions

from imagemill.local.queue_actions import permit_batches


@pytest.mark.parametrize(
    ("operation", "action"),
    [
        ("ChangeMessageVisibilityBatch", "sqs:ChangeMessageVisibility"),
        ("DeleteMessageBatch", "sqs:DeleteMessage"),
        ("SendMessageBatch", "sqs:SendMessage"),
        ("SendMessage", "sqs:SendMessage"),
        ("PurgeQueue", "sqs:PurgeQueue"),
    ],
)
def test_a_batch_needs_the_permission_of_the_single_action(operation: str, action: str) -> None:
    module = SimpleNamespace(extract_iam_action=iam_actions.extract_iam_action)
    permit_batches(module)
    headers = {"x-amz-target": f"AmazonSQS.{operation}", "content-type": "application/json"}

    found = module.extract_iam_action("sqs", "POST", "/", headers, json.dumps({}).encode(), {})

    assert found == action
