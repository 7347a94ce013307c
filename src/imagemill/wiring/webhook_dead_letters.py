"""The dead-letter queue of a stack's webhooks, on AWS or on this machine."""

from imagemill.aws.queues import DeadLetterQueue
from imagemill.aws.stack_outputs import stack_outputs
from imagemill.errors import SetupFailed
from imagemill.wiring.botocore_config import CLIENT_CONFIG
from imagemill.wiring.session import Credentials, explained, session_of


def open_webhook_dead_letters(stack: str, credentials: Credentials) -> DeadLetterQueue:
    """Return the dead letters of a stack's webhooks; raises SetupFailed if it sends none."""
    endpoint = credentials.endpoint
    with explained():
        session = session_of(credentials)
        sqs = session.client("sqs", endpoint_url=endpoint, config=CLIENT_CONFIG)
        cloudformation = session.client(
            "cloudformation", endpoint_url=endpoint, config=CLIENT_CONFIG
        )
    outputs = stack_outputs(cloudformation, stack)
    try:
        dead_letters, queue = outputs["WebhookDeadLetterQueueUrl"], outputs["WebhookQueueUrl"]
    except KeyError as missing:
        raise SetupFailed(
            f"the stack {stack!r} sends no webhooks: deploy it with WebhookUrl"
        ) from missing
    return DeadLetterQueue(sqs, dead_letters, queue)
