"""How announcements are put into requests, and what becomes of those that are not taken."""

import json
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError
from fakes.events import created

from imagemill.aws.event_bus import EventBus
from imagemill.config import Places
from imagemill.domain.record import AttemptTimes, Fault, ImageRecord, failed
from imagemill.errors import StoreUnavailable

PLACES = Places("originals", "processed", "table")


class FakeEvents:
    """EventBridge's client, as far as PutEvents goes."""

    def __init__(
        self, *, refuse: str = "nothing", away: bool = False, most: int | None = None
    ) -> None:
        self._refuse = refuse
        self._most = most
        self._away = away
        self.requests: list[list[dict[str, Any]]] = []

    def put_events(self, Entries: list[dict[str, Any]]) -> dict[str, Any]:  # noqa: N803  # as boto3's
        if self._away:
            raise EndpointConnectionError(endpoint_url="http://localhost")
        self.requests.append(Entries)
        results = [self._result(entry) for entry in Entries]
        return {"Entries": results[: self._most]}

    def _result(self, entry: dict[str, Any]) -> dict[str, str]:
        if self._refuse in entry["Detail"]:
            return {"ErrorCode": "ThrottlingException"}
        return {"EventId": "e"}


def test_an_announcement_says_where_the_images_are_and_how_new_it_is() -> None:
    client = FakeEvents()

    bus(client).announce([record("été.jpg")])

    [[entry]] = client.requests
    told = json.loads(entry["Detail"])
    assert (entry["EventBusName"], entry["Source"]) == ("images", "imagemill")
    assert entry["DetailType"] == "Image failed"
    assert (told["originals_bucket"], told["processed_bucket"]) == ("originals", "processed")
    assert (told["image"]["key"], told["image"]["revision"]) == ("été.jpg", 1)


def test_ten_fit_into_one_request() -> None:
    client = FakeEvents()

    bus(client).announce([record(f"{n}.jpg") for n in range(23)])

    assert [len(request) for request in client.requests] == [10, 10, 3]


def test_long_records_fill_a_request_sooner() -> None:
    client = FakeEvents()

    bus(client).announce([record("日" * 20_000) for _ in range(4)])

    assert [len(request) for request in client.requests] == [1, 1, 1, 1]


def test_what_the_bus_refuses_is_named() -> None:
    poor, other = record("poor.jpg"), record("other.jpg")

    unheard = bus(FakeEvents(refuse="poor.jpg")).announce([other, poor])

    assert unheard == {poor.id}


def test_an_answer_about_fewer_events_is_the_worlds_fault() -> None:
    with pytest.raises(StoreUnavailable):
        bus(FakeEvents(most=1)).announce([record("a.jpg"), record("b.jpg")])


def test_a_bus_that_is_away_is_the_worlds_fault() -> None:
    with pytest.raises(StoreUnavailable):
        bus(FakeEvents(away=True)).announce([record("a.jpg")])


def bus(client: FakeEvents) -> EventBus:
    return EventBus(client, "images", PLACES)  # type: ignore[arg-type]  # a fake


def record(key: str) -> ImageRecord:
    work = AttemptTimes("recipe", 4, "2026-05-04T10:20:30.123Z", 0)
    return failed(created(key), work, Fault("crashed", "cut off"))
