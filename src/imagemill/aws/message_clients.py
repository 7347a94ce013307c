"""Interfaces of EventBridge and SQS clients: the methods, parameters and results the stores use.

boto3's clients satisfy all; the light clients satisfy `EventClient` and `RetryClient`. mypy checks
each call of a store against them, and the contract suite compares each name with botocore's service
models. Stores import this module for type checking only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, Protocol, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Unpack

    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import (
        ChangeMessageVisibilityBatchRequestEntryTypeDef,
        SendMessageBatchRequestEntryTypeDef,
    )
    from typing_extensions import ReadOnly


class PutEventsParams(TypedDict):
    """Parameters of PutEvents."""

    Entries: Sequence[PutEventsRequestEntryTypeDef]


class EventResult(TypedDict):
    """The result for one event; without `EventId` if the bus did not accept it."""

    EventId: ReadOnly[NotRequired[str]]


class PutEventsResult(TypedDict):
    """The result for each event, in the order of the request."""

    Entries: ReadOnly[NotRequired[Sequence[EventResult]]]


class EventClient(Protocol):
    """The part of an EventBridge client that sends events."""

    def put_events(self, **params: Unpack[PutEventsParams]) -> PutEventsResult:
        """Send up to 10 events."""


class SendMessageParams(TypedDict):
    """Parameters of SendMessage."""

    QueueUrl: str
    MessageBody: str
    DelaySeconds: NotRequired[int]


class SendMessageResult(TypedDict):
    """The MD5 of the body as SQS received it, in hexadecimal digits."""

    MD5OfMessageBody: ReadOnly[NotRequired[str]]


class SendBatchParams(TypedDict):
    """Parameters of SendMessageBatch."""

    QueueUrl: str
    Entries: Sequence[SendMessageBatchRequestEntryTypeDef]


class SentEntry(TypedDict):
    """A message that the queue accepted."""

    Id: ReadOnly[str]
    MD5OfMessageBody: ReadOnly[NotRequired[str]]


class SendBatchResult(TypedDict):
    """The messages that the queue accepted."""

    Successful: ReadOnly[NotRequired[Sequence[SentEntry]]]


class ReceiveParams(TypedDict):
    """Parameters of ReceiveMessage; times are in seconds."""

    QueueUrl: str
    MaxNumberOfMessages: int
    VisibilityTimeout: int
    WaitTimeSeconds: int


class Message(TypedDict):
    """A message; the receipt handle identifies this delivery of it."""

    MessageId: ReadOnly[NotRequired[str]]
    ReceiptHandle: ReadOnly[NotRequired[str]]
    Body: ReadOnly[NotRequired[str]]
    MD5OfBody: ReadOnly[NotRequired[str]]


class ReceiveResult(TypedDict):
    """The messages that were received."""

    Messages: ReadOnly[NotRequired[Sequence[Message]]]


class MessageParams(TypedDict):
    """Parameters of DeleteMessage: one delivery of a message."""

    QueueUrl: str
    ReceiptHandle: str


class VisibilityParams(MessageParams):
    """Parameters of ChangeMessageVisibility; the time is in seconds."""

    VisibilityTimeout: int


class VisibilityBatchParams(TypedDict):
    """Parameters of ChangeMessageVisibilityBatch."""

    QueueUrl: str
    Entries: Sequence[ChangeMessageVisibilityBatchRequestEntryTypeDef]


class VisibilityFailure(TypedDict):
    """A message that keeps its time."""

    Id: ReadOnly[NotRequired[str]]
    Code: ReadOnly[NotRequired[str]]


class VisibilityBatchResult(TypedDict):
    """The messages that keep their times."""

    Failed: ReadOnly[NotRequired[Sequence[VisibilityFailure]]]


class RetryClient(Protocol):
    """The part of an SQS client that sets when messages are delivered again."""

    def change_message_visibility_batch(
        self, **params: Unpack[VisibilityBatchParams]
    ) -> VisibilityBatchResult:
        """Change the time of up to 10 messages."""


class AttributesParams(TypedDict):
    """Parameters of GetQueueAttributes."""

    QueueUrl: str
    AttributeNames: Sequence[QueueAttributeNameType]


class AttributesResult(TypedDict):
    """The attributes of a queue, by name."""

    Attributes: ReadOnly[NotRequired[Mapping[QueueAttributeNameType, str]]]


class SenderClient(Protocol):
    """The part of an SQS client that sends a message."""

    def send_message(self, **params: Unpack[SendMessageParams]) -> SendMessageResult:
        """Send one message."""


class QueueClient(SenderClient, Protocol):
    """The part of an SQS client that the stores use."""

    def send_message_batch(self, **params: Unpack[SendBatchParams]) -> SendBatchResult:
        """Send up to 10 messages."""

    def receive_message(self, **params: Unpack[ReceiveParams]) -> ReceiveResult:
        """Receive messages and hide them from other receivers for some time."""

    def delete_message(self, **params: Unpack[MessageParams]) -> object:
        """Delete a received message."""

    def change_message_visibility(self, **params: Unpack[VisibilityParams]) -> object:
        """Change the time for which a received message is hidden."""

    def get_queue_attributes(self, **params: Unpack[AttributesParams]) -> AttributesResult:
        """Return attributes of the queue."""
