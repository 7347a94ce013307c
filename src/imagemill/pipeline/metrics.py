"""The metrics of a batch, computed from its attempts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from imagemill.pipeline.outcome import Outcome
from imagemill.pipeline.telemetry import Attempt, Stage

_STATES: dict[str, str] = {
    Outcome.READY: "Ready",
    Outcome.REJECTED: "Rejected",
    Outcome.DELETED: "Deleted",
    Outcome.DUPLICATE: "Duplicates",
    Outcome.FAILED: "Failed",
}
_NO_FALLBACK = {"drawn", "not_asked", None}


def measured(attempts: Sequence[Attempt]) -> dict[str, list[float]]:
    """Return the values of a batch by metric: counters as one sum, durations as lists.

    `Faults` is 1 for an attempt that has to be repeated and 0 for others, so that its average is
    the rate. Counters of 0 are left out, because CloudWatch bills a metric for every hour in which
    it is sent.
    """
    measurements = [one.metrics for one in attempts]
    sums: dict[str, float] = defaultdict(float)
    for one in attempts:
        if one.status in _STATES:
            sums[_STATES[one.status]] += 1
    sums["Fallbacks"] = sum(metrics.sandbox not in _NO_FALLBACK for metrics in measurements)
    sums["Compilations"] = sum(metrics.compiled for metrics in measurements)
    sums["Renditions"] = sum(metrics.renditions for metrics in measurements)
    sums["BytesIn"] = sum(metrics.bytes_in for metrics in measurements)
    sums["BytesOut"] = sum(metrics.bytes_out for metrics in measurements)
    lists = {"Faults": [float(one.status == "again") for one in attempts]}
    for stage in Stage:
        lists[stage.capitalize()] = [
            metrics.ms[stage] for metrics in measurements if stage in metrics.ms
        ]
    lists["QueueAge"] = [one.queue_ms for one in attempts]
    found = {name: [value] for name, value in sums.items() if value} | lists
    return {name: values for name, values in found.items() if values}


def measured_by_code(attempts: Iterable[Attempt]) -> dict[str, dict[str, list[float]]]:
    """Return the counts of rejections, failed attempts and sandbox fallbacks by code.

    Each metric has one value.
    """
    sums: dict[str, dict[str, list[float]]] = defaultdict(dict)
    for one in attempts:
        for metric, code in _reasons(one):
            sums[code][metric] = [sums[code].get(metric, [0.0])[0] + 1]
    return dict(sums)


def _reasons(one: Attempt) -> Iterator[tuple[str, str]]:
    metric = {Outcome.REJECTED: "Rejected", "again": "Faults"}.get(one.status)
    if metric and one.code:
        yield metric, one.code
    if one.metrics.sandbox and one.metrics.sandbox not in _NO_FALLBACK:
        yield "Fallbacks", one.metrics.sandbox
