"""The observer of ResizeImageFunction: publishes the metrics of each batch."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache

from imagemill.functions.metrics import publish
from imagemill.pipeline.metrics import measured, measured_by_code
from imagemill.pipeline.telemetry import Attempt, Stage


class FunctionObserver:
    """Implements `workflows.observe.Observer`."""

    def stage(self, stage: Stage) -> AbstractContextManager[object]:  # noqa: ARG002  # the Protocol's
        """Return a context that does nothing: stages are timed by the caller."""
        return nullcontext()

    def count(self, tries: Sequence[Attempt]) -> None:
        """Write the metrics of a batch: one log line, and one for each error code in it."""
        if tries:
            publish(measured(tries))
        for code, values in measured_by_code(tries).items():
            publish(values, {"code": code})


@cache
def observer() -> FunctionObserver:
    """Return the one observer, made on the first call."""
    return FunctionObserver()
