"""Billed durations, from the REPORT lines of Lambda's logs."""

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

_STEP_S = 0.25


@dataclass(slots=True)
class Reports:
    """The log group of a function whose invocations each have their own stream.

    `logs` is a CloudWatch Logs client; `patience_s` is the longest wait for a report.
    """

    logs: Any
    group: str
    patience_s: float = 30.0
    _told: set[str] = field(default_factory=set, init=False)

    def fresh(self, images: int) -> list[tuple[int, float]]:
        """Return the number of images and the billed ms of each invocation since the last call.

        Waits until the reports cover `images` images; raises TimeoutError if they do not.
        """
        end = time.monotonic() + self.patience_s
        found = dict(self._reported())
        while (missing := images - len(set().union(*(ids for ids, _ in found.values())))) > 0:
            if time.monotonic() > end:
                raise TimeoutError(f"no report for {missing} of {images} images")
            time.sleep(_STEP_S)
            found |= dict(self._reported())
        return [(len(ids), ms) for ids, ms in found.values()]

    def _reported(self) -> Iterator[tuple[str, tuple[set[str], float]]]:
        """Yield new streams that have a report, with the ids of images and the billed ms."""
        pages = self.logs.get_paginator("describe_log_streams").paginate(logGroupName=self.group)
        names = {stream["logStreamName"] for page in pages for stream in page["logStreams"]}
        for name in names - self._told:
            events = self.logs.get_log_events(logGroupName=self.group, logStreamName=name)["events"]
            ids, ms = _read([event["message"] for event in events])
            if ms is not None:
                self._told.add(name)
                if ids:
                    yield name, (ids, ms)


def _read(lines: Sequence[str]) -> tuple[set[str], float | None]:
    """Return the image ids in an invocation's log, and its billed ms if reported."""
    ids, ms = set(), None
    for line in lines:
        if line.startswith("REPORT "):
            ms = float(line.partition("Billed Duration: ")[2].partition(" ")[0])
        elif line.startswith("{"):
            ids.add(json.loads(line).get("id"))
    return ids - {None}, ms
