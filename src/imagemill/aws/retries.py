"""When the queue delivers a failed message again."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from imagemill.aws.errors import translated

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import ChangeMessageVisibilityBatchRequestEntryTypeDef as Entry

    from imagemill.aws.message_clients import RetryClient

# Messages of one request. Source: ChangeMessageVisibilityBatch, SQS API reference.
_AT_ONCE = 10


class RetryQueue:
    """Implements `pipeline.batch.Retries` with the visibility timeout of SQS."""

    def __init__(self, client: "RetryClient", queue_url: str, longest_s: int) -> None:
        """Use the queue, whose own visibility timeout is `longest_s` seconds."""
        self._client = client
        self._queue_url = queue_url
        self._longest_s = longest_s

    def retry_after(self, delays_s: Mapping[str, int]) -> None:
        """Have messages delivered again after some seconds; the keys are receipt handles.

        The queue's own timeout counts if it is shorter. A message that SQS does not find keeps its
        time.
        """
        receipts = list(delays_s)
        for start in range(0, len(receipts), _AT_ONCE):
            entries: list[Entry] = [
                {
                    "Id": str(at),
                    "ReceiptHandle": one,
                    "VisibilityTimeout": self._delay_s(delays_s[one]),
                }
                for at, one in enumerate(receipts[start : start + _AT_ONCE])
            ]
            with translated("the queue"):
                self._client.change_message_visibility_batch(
                    QueueUrl=self._queue_url, Entries=entries
                )

    def _delay_s(self, wanted_s: int) -> int:
        return min(wanted_s, self._longest_s)


class QueueDefault:
    """Leaves every message to the visibility timeout of the queue."""

    def retry_after(self, delays_s: Mapping[str, int]) -> None:
        """Do nothing."""
        del delays_s
