"""WebhookFunction: sends completion events to the server of the user, as signed requests."""

from typing import TYPE_CHECKING, Any

from imagemill.functions.logs import begin
from imagemill.webhooks.deliver import QueuedEvent, deliver
from imagemill.wiring.webhook_function import deliver_deps

if TYPE_CHECKING:
    from imagemill.functions.context import LambdaContext


def handler(event: dict[str, Any], context: "LambdaContext") -> dict[str, Any]:
    """Send every event of a batch; return the ids of those that failed, as Lambda asks for."""
    begin(context)
    failed = deliver([_queued(message) for message in event["Records"]], deliver_deps())
    return {"batchItemFailures": [{"itemIdentifier": message} for message in failed]}


def _queued(message: dict[str, Any]) -> QueuedEvent:
    return QueuedEvent(
        message["messageId"],
        message["body"],
        int(message["attributes"]["ApproximateReceiveCount"]),
        message.get("receiptHandle", ""),
    )
