"""Measure: the tries of a batch become the few numbers that are watched."""

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
_DRAWN = {"drawn", "not_asked", None}
_USUAL = {*_DRAWN, "too_small"}
"""What the sandbox says of what it is not there for."""


def measured(tries: Sequence[Attempt]) -> dict[str, list[float]]:
    """Return the values of a batch by metric: sums, and lists of what has a spread.

    `Faults` is 1 for a try that comes again and 0 for another, so that its average is the rate.
    Nothing is said of what did not happen, since a metric is paid for by the hours it is sent in.
    """
    tallies = [one.tally for one in tries]
    sums: dict[str, float] = defaultdict(float)
    for one in tries:
        if one.status in _STATES:
            sums[_STATES[one.status]] += 1
    sums["Fallbacks"] = sum(tally.sandbox not in _DRAWN for tally in tallies)
    sums["Renditions"] = sum(tally.renditions for tally in tallies)
    sums["BytesIn"] = sum(tally.bytes_in for tally in tallies)
    sums["BytesOut"] = sum(tally.bytes_out for tally in tallies)
    lists = {"Faults": [float(one.status == "again") for one in tries]}
    for stage in Stage:
        lists[stage.capitalize()] = [tally.ms[stage] for tally in tallies if stage in tally.ms]
    lists["QueueAge"] = [one.queue_ms for one in tries]
    found = {name: [value] for name, value in sums.items() if value} | lists
    return {name: values for name, values in found.items() if values}


def measured_by_code(tries: Iterable[Attempt]) -> dict[str, dict[str, list[float]]]:
    """Return why images were rejected, tries came to nothing, or the sandbox drew no image.

    By code, each metric with one value. An image too small for the sandbox is nothing to look at.
    """
    sums: dict[str, dict[str, list[float]]] = defaultdict(dict)
    for one in tries:
        for metric, code in _reasons(one):
            sums[code][metric] = [sums[code].get(metric, [0.0])[0] + 1]
    return dict(sums)


def _reasons(one: Attempt) -> Iterator[tuple[str, str]]:
    metric = {Outcome.REJECTED: "Rejected", "again": "Faults"}.get(one.status)
    if metric and one.code:
        yield metric, one.code
    if one.tally.sandbox and one.tally.sandbox not in _USUAL:
        yield "Fallbacks", one.tally.sandbox
