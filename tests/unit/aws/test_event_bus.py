"""Requests with completion events, and the events that the bus does not accept."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from fakes.events import created

from imagemill.aws.event_bus import EventBus
from imagemill.config import StackNames
from imagemill.domain.record import Fault, ImageRecord
from imagemill.domain.transitions import AttemptTimes, failed
from imagemill.errors import StoreUnavailable

NAMES = StackNames("originals", "processed", "table")


class FakeEvents:
    """An EventBridge client with PutEvents."""

    def __init__(
        self, *, refuse: str = "nothing", unreachable: bool = False, most: int | None = None
    ) -> None:
        self._refuse = refuse
        self._most = most
        self._unreachable = unreachable
        self.requests: list[list[dict[str, Any]]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803  # as boto3's
        if self._unreachable:
            raise EndpointConnectionError(endpoint_url="http://localhost")
        self.requests.append(Entries)
        results = [self._result(entry) for entry in Entries]
        return {"Entries": results[: self._most]}

    def _result(self, entry: dict[str, Any]) -> dict[str, str]:
        if self._refuse in entry["Detail"]:
            return {"ErrorCode": "ThrottlingException"}
        return {"EventId": "e"}


def test_an_event_names_the_buckets_and_the_revision_of_the_record() -> None:
    client = FakeEvents()

    bus(client).announce([record("été.jpg")])

    [[entry]] = client.requests
    facts = json.loads(entry["Detail"])
    assert (entry["EventBusName"], entry["Source"]) == ("images", "imagemill")
    assert entry["DetailType"] == "Image failed"
    assert (facts["originals_bucket"], facts["processed_bucket"]) == ("originals", "processed")
    assert (facts["image"]["key"], facts["image"]["revision"]) == ("été.jpg", 1)


def test_a_request_has_up_to_ten_events() -> None:
    client = FakeEvents()

    bus(client).announce([record(f"{n}.jpg") for n in range(23)])

    assert [len(request) for request in client.requests] == [10, 10, 3]


def test_a_request_has_fewer_events_if_they_are_large() -> None:
    client = FakeEvents()

    bus(client).announce([record("日" * 20_000) for _ in range(4)])

    assert [len(request) for request in client.requests] == [1, 1, 1, 1]


def test_an_event_that_the_bus_does_not_accept_is_returned() -> None:
    refused, other = record("refused.jpg"), record("other.jpg")

    failed_ids = bus(FakeEvents(refuse="refused.jpg")).announce([other, refused])

    assert failed_ids == {refused.id}


def test_a_response_about_fewer_events_is_store_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        bus(FakeEvents(most=1)).announce([record("a.jpg"), record("b.jpg")])


def test_a_bus_that_cannot_be_reached_is_store_unavailable() -> None:
    with pytest.raises(StoreUnavailable):
        bus(FakeEvents(unreachable=True)).announce([record("a.jpg")])


def bus(client: FakeEvents) -> EventBus:
    return EventBus(client, "images", NAMES)  # type: ignore[arg-type]  # a fake


def record(key: str) -> ImageRecord:
    work = AttemptTimes("recipe", 4, "2026-05-04T10:20:30.123Z", 0)
    return failed(created(key), work, Fault("crashed", "cut off"))
