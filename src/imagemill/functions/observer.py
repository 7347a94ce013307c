"""Who watches ResizeImageFunction: metrics always, traces where they are asked for."""

import os
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache

from imagemill.functions.metrics import publish
from imagemill.pipeline.metrics import measured, measured_by_code
from imagemill.pipeline.telemetry import Attempt, Stage
from imagemill.wiring.resize_function import is_traced

Subsegment = Callable[[str], AbstractContextManager[object]]


class FunctionObserver:
    """Implements `workflows.observe.Observer`."""

    def __init__(self, subsegment: Subsegment) -> None:
        self._subsegment = subsegment

    def stage(self, stage: Stage) -> AbstractContextManager[object]:
        """Return a part of the trace, if there is one."""
        return self._subsegment(stage)

    def count(self, tries: Sequence[Attempt]) -> None:
        """Write what a batch came to: a line, and one for each code of what went wrong."""
        if tries:
            publish(measured(tries))
        for code, values in measured_by_code(tries).items():
            publish(values, {"code": code})


@cache
def observer() -> FunctionObserver:
    """Return the one observer, made on the first call."""
    return FunctionObserver(_subsegments() if is_traced() else nullcontext)


def _subsegments() -> Subsegment:
    from imagemill.functions.traces import subsegments  # noqa: PLC0415  # most never trace

    return subsegments(os.environ)
