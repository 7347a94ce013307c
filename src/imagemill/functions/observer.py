"""The observer of ResizeImageFunction: publishes the metrics of each batch."""

from collections.abc import Sequence
from functools import cache

from imagemill.functions import metrics
from imagemill.pipeline.metrics import measured, measured_by_code
from imagemill.pipeline.telemetry import Attempt


class FunctionObserver:
    """Implements `pipeline.telemetry.Observer`."""

    def publish(self, attempts: Sequence[Attempt]) -> None:
        """Write the metrics of a batch: one log line, and one for each error code in it."""
        if attempts:
            metrics.publish(measured(attempts))
        for code, values in measured_by_code(attempts).items():
            metrics.publish(values, {"code": code})


@cache
def observer() -> FunctionObserver:
    """Return the one observer, made on the first call."""
    return FunctionObserver()
