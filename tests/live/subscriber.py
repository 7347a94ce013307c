"""Subscriber to completion events: a rule on the bus with a queue, as in docs/events.md."""

import json
import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_events.client import EventBridgeClient
    from mypy_boto3_sqs.client import SQSClient

Event = dict[str, Any]


class Subscriber:
    """Collects the events of the bus in the order of arrival."""

    def __init__(self, events: "EventBridgeClient", sqs: "SQSClient") -> None:
        name = f"subscriber-{secrets.token_hex(4)}"
        self._sqs = sqs
        self._url = sqs.create_queue(QueueName=name)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        arn = found["Attributes"]["QueueArn"]
        events.put_rule(Name=name, EventPattern=json.dumps({"source": ["imagemill"]}))
        events.put_targets(Rule=name, Targets=[{"Id": "queue", "Arn": arn}])
        self.received: list[Event] = []

    def receive(self, wait_s: int = 1) -> bool:
        """Receive waiting events; return False if there was none."""
        answer = self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, WaitTimeSeconds=wait_s
        )
        messages = answer.get("Messages", [])
        for message in messages:
            self.received.append(json.loads(message["Body"]))
            self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return bool(messages)
