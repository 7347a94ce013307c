"""The benchmark reads every invocation once, as soon as its REPORT line is logged."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import pytest

from benchmarks.reports import Reports


@dataclass
class FakeLogs:
    """CloudWatch Logs in memory; streams in `late` have no REPORT line on the first read."""

    streams: dict[str, list[str]] = field(default_factory=dict)
    late: set[str] = field(default_factory=set)

    def invoke(self, name: str, images: list[str], ms: int) -> None:
        """Log an invocation."""
        lines = [json.dumps({"id": each, "message": "task processed"}) for each in images]
        report = f"REPORT RequestId: {name}\tDuration: {ms} ms\tBilled Duration: {ms} ms\tMemory"
        self.streams[name] = ["START", *lines, "END", report]

    def get_paginator(self, _: str) -> Self:
        return self

    def paginate(self, **_: str) -> Iterator[dict[str, Any]]:
        """Return one stream per page, in the order of their names, as AWS does."""
        for name in sorted(self.streams):
            yield {"logStreams": [{"logStreamName": name}]}

    def get_log_events(self, *, logStreamName: str, **_: str) -> dict[str, Any]:  # noqa: N803
        lines = self.streams[logStreamName]
        logged = lines[:-1] if logStreamName in self.late else lines
        self.late.discard(logStreamName)
        return {"events": [{"message": line} for line in logged]}


def test_only_new_invocations_are_returned() -> None:
    logs = FakeLogs()
    reports = Reports(logs, "group")
    logs.invoke("z", ["warm"], 900)

    reports.fresh(1)
    logs.invoke("a", ["1", "2"], 130)

    assert reports.fresh(2) == [(2, 130.0)]


def test_a_late_report_is_awaited() -> None:
    logs = FakeLogs(late={"a"})
    logs.invoke("a", ["1", "2"], 130)
    logs.invoke("b", ["3"], 70)

    assert sorted(Reports(logs, "group").fresh(3)) == [(1, 70.0), (2, 130.0)]


def test_a_missing_report_is_an_error() -> None:
    logs = FakeLogs()
    logs.invoke("a", ["1"], 70)

    with pytest.raises(TimeoutError, match="no report for 2 of 3 images"):
        Reports(logs, "group", patience_s=0).fresh(3)


def test_an_image_that_was_delivered_twice_is_counted_once() -> None:
    logs = FakeLogs()
    logs.invoke("a", ["1"], 70)
    logs.invoke("b", ["1"], 60)

    with pytest.raises(TimeoutError, match="1 of 2 images"):
        Reports(logs, "group", patience_s=0).fresh(2)


def test_an_invocation_without_images_is_ignored() -> None:
    logs = FakeLogs()
    logs.invoke("a", [], 3)
    logs.invoke("b", ["1"], 70)

    assert Reports(logs, "group").fresh(1) == [(1, 70.0)]
