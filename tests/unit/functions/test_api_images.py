"""What the API tells of pictures, and how it deletes them."""

import pytest
from fakes.api import FakeDesk, FakeFeed, FakeLinks, ask, upload, with_record
from fakes.events import created

from imagemill.catalog.keys import image_id
from imagemill.catalog.record import Fault, Work, failed, rejected
from imagemill.functions.api.limits import MAX_ANSWER_BYTES
from imagemill.functions.problems import OF_PICTURES, STATUSES

ID = image_id("a.jpg")
WORK = Work("r1", 1, "2026-05-04T10:20:30.123Z", 12)


def test_a_page_is_cut_where_lambda_could_not_carry_it_and_goes_on_there() -> None:
    records = [rejected(created(f"{n}.jpg"), WORK, Fault("corrupt", "x")) for n in range(100)]
    desk = FakeDesk(feed=FakeFeed(records), links=FakeLinks(length=100_000))

    answer = ask(desk, "GET", "/images", query={"limit": "100"})

    assert len(answer.body.encode()) < MAX_ANSWER_BYTES
    assert 0 < len(answer.json["images"]) < 100
    assert answer.json["cursor"]


@pytest.mark.parametrize("code", OF_PICTURES)
def test_the_rendition_of_a_rejected_picture_answers_with_its_code(code: str) -> None:
    desk = with_record(rejected(created("a.jpg"), WORK, Fault(code, "why")))

    answer = ask(desk, "GET", f"/images/{ID}/renditions/500")

    assert (answer.status, answer.json["code"]) == (STATUSES[code], code)


def test_the_rendition_of_a_failed_picture_tells_that_it_failed() -> None:
    desk = with_record(failed(created("a.jpg"), WORK, Fault("store_unavailable", "S3 slept")))

    answer = ask(desk, "GET", f"/images/{ID}/renditions/500")

    assert (answer.status, answer.json["code"]) == (409, "failed")
    assert "store_unavailable" in answer.json["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/renditions/500"), ("GET", "/original"), ("DELETE", "")],
)
def test_a_picture_still_worked_on_is_not_ready_and_says_when_to_ask_again(
    method: str, path: str
) -> None:
    desk = FakeDesk()
    image = upload(desk, "a.jpg").json["id"]

    answer = ask(desk, method, f"/images/{image}{path}")

    assert (answer.status, answer.json["code"]) == (409, "not_ready")
    assert answer.headers["Retry-After"] == "1"


def test_a_deleted_picture_is_gone_at_once_and_for_good() -> None:
    desk = with_record(rejected(created("a.jpg"), WORK, Fault("corrupt", "x")))
    desk.inbox.objects["a.jpg"] = (b"x", "image/jpeg")

    first = ask(desk, "DELETE", f"/images/{ID}")
    again = ask(desk, "DELETE", f"/images/{ID}")

    assert (first.status, first.json["status"]) == (202, "deleted")
    assert (again.status, again.json["code"]) == (410, "gone")
    assert desk.inbox.objects == {}
