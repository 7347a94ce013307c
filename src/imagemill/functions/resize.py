"""ResizeImageFunction: takes batches of S3 events from the queue."""

from typing import Any

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from aws_lambda_powertools.utilities.batch.types import PartialItemFailureResponse
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from imagemill.catalog.notification import parse_notification
from imagemill.functions.logs import logger, standard_logger
from imagemill.wiring import resize_workshop
from imagemill.workflows.attend import attend
from imagemill.workflows.deadline import within


def handler(event: dict[str, Any], context: LambdaContext) -> PartialItemFailureResponse:
    """Work on every message of a batch; answer which of them must come again."""
    batch = BatchProcessor(
        EventType.SQS, raise_on_entire_batch_failure=False, logger=standard_logger()
    )
    return process_partial_response(event, _attend_message, batch, context)


def _attend_message(record: SQSRecord, lambda_context: LambdaContext) -> None:
    attempt = int(record.attributes.approximate_receive_count or 1)
    for event in parse_notification(record.body):
        remaining_s = lambda_context.get_remaining_time_in_millis() / 1000
        outcome = attend(event, within(remaining_s, resize_workshop()), attempt)
        logger().info("attended", id=event.id, outcome=outcome, attempt=attempt)
