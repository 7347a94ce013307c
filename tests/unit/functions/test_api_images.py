"""Reading and deleting images through the API."""

from dataclasses import replace
from urllib.parse import unquote

import pytest
from fakes.api import FakeApiDeps, FakeFeed, FakeLinks, ask, upload, with_record
from fakes.cloud import ready_record
from fakes.events import created
from fakes.raw_server import environment
from fakes.stores import FakeRecords

from imagemill.aws.light.presign import S3Presigner
from imagemill.aws.presigner import Presigner
from imagemill.domain.cursor import cursor_at
from imagemill.domain.keys import image_id
from imagemill.domain.record import Fault
from imagemill.domain.transitions import AttemptTimes, failed, pending, rejected
from imagemill.functions.api.limits import MAX_ANSWER_BYTES
from imagemill.functions.api.problems import OF_IMAGES, STATUSES

ID = image_id("a.jpg")
WORK = AttemptTimes("r1", 1, "2026-05-04T10:20:30.123Z", 12)


def test_a_page_is_cut_to_the_size_limit_and_its_cursor_continues_there() -> None:
    records = [rejected(created(f"{n}.jpg"), WORK, Fault("corrupt", "x")) for n in range(100)]
    deps = FakeApiDeps(feed=FakeFeed(records), presigner=FakeLinks(length=100_000))

    answer = ask(deps, "GET", "/images", query={"limit": "100"})

    assert len(answer.body.encode()) < MAX_ANSWER_BYTES
    assert 0 < len(answer.json["images"]) < 100
    last = answer.json["images"][-1]
    assert answer.json["cursor"] == cursor_at(f"{last['uploaded_at']}#{last['id']}", None)


def test_a_listing_that_has_not_changed_is_not_sent_again() -> None:
    records = [ready_record("a.jpg"), ready_record("b.jpg")]
    first = ask(FakeApiDeps(feed=FakeFeed(records)), "GET", "/images")
    known = {"if-none-match": first.headers["ETag"]}

    again = ask(FakeApiDeps(feed=FakeFeed(records)), "GET", "/images", headers=known)

    assert (again.status, again.body, again.headers["ETag"]) == (304, "", first.headers["ETag"])


@pytest.mark.parametrize("change", ["added", "deleted", "written"])
def test_a_listing_that_has_changed_is_sent_again(change: str) -> None:
    one, other = ready_record("a.jpg"), ready_record("b.jpg")
    changed = {"added": [one, other], "deleted": [], "written": [replace(one, revision=2)]}
    first = ask(FakeApiDeps(feed=FakeFeed([one])), "GET", "/images")
    known = {"if-none-match": first.headers["ETag"]}

    again = ask(FakeApiDeps(feed=FakeFeed(changed[change])), "GET", "/images", headers=known)

    assert (again.status, len(again.json["images"])) == (200, len(changed[change]))


def test_an_image_that_has_not_arrived_has_no_url_of_its_original() -> None:
    record = pending("p.jpg", 5, "2026-05-04T10:20:30.123Z", 0)

    image = ask(with_record(record), "GET", f"/images/{record.id}").json

    assert image["links"] == {"original": None, "renditions": {}}


@pytest.mark.parametrize("code", OF_IMAGES)
def test_the_rendition_of_a_rejected_image_answers_with_its_code(code: str) -> None:
    deps = with_record(rejected(created("a.jpg"), WORK, Fault(code, "why")))

    answer = ask(deps, "GET", f"/images/{ID}/renditions/500")

    assert (answer.status, answer.json["code"]) == (STATUSES[code], code)


def test_the_rendition_of_a_failed_image_answers_failed() -> None:
    deps = with_record(failed(created("a.jpg"), WORK, Fault("store_unavailable", "S3 slept")))

    answer = ask(deps, "GET", f"/images/{ID}/renditions/500")

    assert (answer.status, answer.json["code"]) == (409, "failed")
    assert "store_unavailable" in answer.json["detail"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/renditions/500"), ("GET", "/original"), ("DELETE", "")],
)
def test_an_unfinished_image_is_not_ready_with_retry_after(method: str, path: str) -> None:
    deps = FakeApiDeps()
    image = upload(deps, "a.jpg").json["id"]

    answer = ask(deps, method, f"/images/{image}{path}")

    assert (answer.status, answer.json["code"]) == (409, "not_ready")
    assert answer.headers["Retry-After"] == "1"


def test_the_focal_point_of_an_image_is_set_and_removed() -> None:
    deps = with_record(ready_record())

    answers = [
        ask(deps, "PATCH", f"/images/{ID}", body)
        for body in (b'{"focus": {"x": 0.3, "y": 1}}', b'{"focus": null}')
    ]
    image = ask(deps, "GET", f"/images/{ID}").json

    assert [answer.status for answer in answers] == [202, 202]
    assert [answer.json["focus"] for answer in answers] == [{"x": 0.3, "y": 1}, None]
    assert (image["focus"], image["focus_applied"], image["status"]) == (None, False, "ready")


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"", "expected a JSON object as the body"),
        (b"{}", "focus: expected a point with x and y from 0 to 1"),
        (b'{"focus": {"x": 0.3}}', "focus: expected a point with x and y"),
        (b'{"focus": {"x": 0.3, "y": 1.1}}', "focus: expected a point with x and y"),
        (b'{"focus": {"x": 0.3, "y": NaN}}', "focus: expected a point with x and y"),
        (b'{"focus": {"x": true, "y": 0}}', "focus: expected a point with x and y"),
        (b'{"focus": {"x": 0, "y": 0, "z": 0}}', "focus: expected a point with x and y"),
        (b'{"focus": "0.3,0.7"}', "focus: expected a point with x and y"),
        (b'{"focus": null, "filename": "b.jpg"}', "'filename': there is no such field"),
    ],
)
def test_a_wrong_focal_point_is_refused(body: bytes, detail: str) -> None:
    deps = with_record(ready_record())

    answer = ask(deps, "PATCH", f"/images/{ID}", body)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")
    assert answer.json["detail"].startswith(detail)
    assert deps.records.items[ID] == ready_record()


def test_a_deleted_image_is_gone_immediately() -> None:
    deps = with_record(rejected(created("a.jpg"), WORK, Fault("corrupt", "x")))
    deps.inbox.objects["a.jpg"] = (b"x", "image/jpeg")

    first = ask(deps, "DELETE", f"/images/{ID}")
    again = ask(deps, "DELETE", f"/images/{ID}")

    assert (first.status, first.json["status"]) == (202, "deleted")
    assert (again.status, again.json["code"]) == (410, "gone")
    assert deps.inbox.objects == {}


@pytest.fixture
def presigner() -> Presigner:
    """Return a presigner with real signatures; it sends no requests."""
    return Presigner(S3Presigner(environment("http://127.0.0.1:1")), "originals", "processed")


def test_an_image_whose_key_cannot_be_in_a_url_has_renditions_by_id(presigner: Presigner) -> None:
    record = ready_record("x/../y.jpg")
    deps = FakeApiDeps(FakeRecords({record.id: record}), presigner=presigner)

    image = ask(deps, "GET", f"/images/{record.id}").json
    original = ask(deps, "GET", f"/images/{record.id}/original")
    rendition = ask(deps, "GET", f"/images/{record.id}/renditions/500")

    assert image["links"]["original"] is None
    assert f"~500/{record.id}" in unquote(image["links"]["renditions"]["500"])
    assert (original.status, original.json["code"]) == (409, "no_address")
    assert rendition.status == 302


def test_a_former_rendition_whose_key_cannot_be_in_a_url_is_refused(
    presigner: Presigner,
) -> None:
    record = ready_record("x/../y.jpg")
    made = replace(record.renditions["500"], key="500/x/../y.jpg")
    record = replace(record, renditions={"500": made})
    deps = FakeApiDeps(FakeRecords({record.id: record}), presigner=presigner)

    image = ask(deps, "GET", f"/images/{record.id}").json
    rendition = ask(deps, "GET", f"/images/{record.id}/renditions/500")

    assert image["links"]["renditions"] == {}
    assert (rendition.status, rendition.json["code"]) == (409, "no_address")
