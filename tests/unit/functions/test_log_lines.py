"""Untrusted text in the functions' log."""

import json

import pytest
from fakes.event_bus import FakeBus
from fakes.pipeline_deps import fake_deps

from imagemill.functions.logs import formatter
from imagemill.pipeline.batch import Delivery, process_batch

FORGED = 'x\r\n{"level":"ERROR","message":"forged"}\n'


def test_no_message_can_add_a_line_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    process_batch([Delivery(FORGED, FORGED)], fake_deps(), FakeBus())

    lines = [formatter().format(record) for record in caplog.records]
    assert lines
    assert not any(end in line for line in lines for end in "\r\n")
    assert {json.loads(line)["message"] for line in lines}.isdisjoint({"forged"})
