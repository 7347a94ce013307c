"""What a stranger's words become in the functions' log."""

import json

import pytest
from fakes.bus import FakeBus
from fakes.stores import FakeOriginals, FakeRecords, FakeRenditions, StoppedClock

from imagemill.functions.logs import logger
from imagemill.imaging import DEFAULT_LIMITS
from imagemill.recipe import Recipe
from imagemill.workflows.batch import Delivery, work
from imagemill.workflows.room import Room, share_out
from imagemill.workflows.workshop import Workshop

FORGED = 'x\r\n{"level":"ERROR","message":"forged"}\n'


def test_no_message_can_add_a_line_of_its_own_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    shop = Workshop(
        records=FakeRecords(),
        originals=FakeOriginals(),
        renditions=FakeRenditions(),
        recipe=Recipe.parse("20"),
        limits=DEFAULT_LIMITS,
        clock=StoppedClock(),
        max_attempts=4,
    )

    work([Delivery(FORGED, FORGED)], shop, FakeBus(), Room(share_out(1_024), lambda: 60.0))

    lines = [logger().registered_formatter.format(record) for record in caplog.records]
    assert lines
    assert not any(end in line for line in lines for end in "\r\n")
    assert {json.loads(line)["message"] for line in lines}.isdisjoint({"forged"})
