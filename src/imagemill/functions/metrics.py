"""The functions' metrics: log lines in CloudWatch's embedded metric format.

Source: "Specification: Embedded metric format" in the User Guide of CloudWatch Logs.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping

from imagemill.functions.metric_units import UNITS, Values

NAMESPACE = "imagemill"
# Values of one metric in a line, at most; stated in the specification.
_MOST_VALUES = 100


def publish(values: Values, dimensions: Mapping[str, str] | None = None) -> None:
    """Write a line of metrics with the dimension `service`, the name of the stack.

    Nothing is written if POWERTOOLS_METRICS_DISABLED is `true`.
    """
    if os.environ.get("POWERTOOLS_METRICS_DISABLED", "").lower() == "true":
        return
    service = os.environ.get("POWERTOOLS_SERVICE_NAME", NAMESPACE)
    for part in _parts(values):
        line = _line(part, {**(dimensions or {}), "service": service})
        sys.stdout.write(json.dumps(line, separators=(",", ":")) + "\n")
    sys.stdout.flush()


def _parts(values: Values) -> Iterator[Values]:
    """Yield the values in parts that one line may have."""
    longest = max(map(len, values.values()), default=0)
    for start in range(0, longest, _MOST_VALUES):
        part = {metric: each[start : start + _MOST_VALUES] for metric, each in values.items()}
        yield {metric: each for metric, each in part.items() if each}


def _line(values: Values, dimensions: Mapping[str, str]) -> dict[str, object]:
    metrics = [{"Name": metric, "Unit": UNITS[metric]} for metric in values]
    directive = {"Namespace": NAMESPACE, "Dimensions": [list(dimensions)], "Metrics": metrics}
    now_ms = time.time_ns() // 1_000_000
    return {
        "_aws": {"Timestamp": now_ms, "CloudWatchMetrics": [directive]},
        **dimensions,
        **values,
    }
