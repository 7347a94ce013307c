"""The operations of the clients, as the requests that they yield. Nothing is sent."""

from io import BytesIO
from typing import Any

import httpx
import pytest

from imagemill.client import operations
from imagemill.client.errors import ApiError
from imagemill.client.exchange import Ask, Fetch, Post, Running
from imagemill.client.forms import Choices
from imagemill.client.images import Uploaded
from imagemill.client.sources import UploadFile
from imagemill.errors import (
    EmptyFile,
    ImagemillError,
    RecordedRejection,
    StoreUnavailable,
    TimedOut,
    WorkFailed,
)

ID = "a" * 26
TICKET = {"id": ID, "key": "uploads/t/é.jpg", "url": "https://b", "fields": {"key": "k"}}


def image(status: str = "ready", **changed: object) -> httpx.Response:
    names = ("key", "filename", "sequencer", "uploaded_at", "version_id", "etag")
    facts: dict[str, Any] = {"id": ID, "status": status, "links": {}} | dict.fromkeys(names, "")
    return httpx.Response(200, json=facts | changed)


def problem(status: int, code: str) -> httpx.Response:
    return httpx.Response(status, json={"code": code, "detail": "why"})


def file(data: bytes = b"123", name: str = "é.jpg") -> UploadFile:
    return UploadFile(BytesIO(data), len(data), name)


def asked(running: Running[Any]) -> Ask:
    assert isinstance(running.step, Ask)
    return running.step


def test_a_file_is_announced_and_sent_with_the_form() -> None:
    running = Running(operations.upload(file(), Choices("hero", (0.3, 0.7))))
    announced = asked(running)

    running.answer(httpx.Response(201, json=TICKET))
    post = running.step
    running.answer(httpx.Response(204, headers={"etag": '"e"', "x-amz-version-id": "v"}))

    assert (announced.method, announced.path) == ("POST", "/uploads")
    assert announced.json == {
        "filename": "é.jpg",
        "content_type": "image/jpeg",
        "bytes": 3,
        "recipe": "hero",
        "focus": {"x": 0.3, "y": 0.7},
    }
    assert isinstance(post, Post)
    assert (post.form.url, post.form.fields) == ("https://b", {"key": "k"})
    assert post.content_type == "image/jpeg"
    assert running.result == Uploaded(ID, "uploads/t/é.jpg", "v", "e")


def test_a_file_of_another_type_is_announced_as_any_bytes() -> None:
    running = Running(operations.upload(file(name="a\udce9.txt"), Choices()))

    assert asked(running).json == {
        "filename": "a?.txt",
        "content_type": "application/octet-stream",
        "bytes": 3,
    }


def test_an_empty_file_is_not_announced() -> None:
    with pytest.raises(EmptyFile):
        Running(operations.upload(file(b""), Choices()))


def test_the_refusal_of_the_bucket_is_raised_with_its_code() -> None:
    running = Running(operations.upload(file(), Choices()))
    running.answer(httpx.Response(201, json=TICKET))

    with pytest.raises(StoreUnavailable, match="answered 403 AccessDenied"):
        running.answer(httpx.Response(403, text="<Error><Code>AccessDenied</Code></Error>"))


def test_an_image_is_read_again_with_growing_pauses_until_it_is_ready() -> None:
    running, pauses = Running(operations.wait(ID, 60, lambda: 0.0)), []
    for _ in range(10):
        running.answer(image("pending"))
        pauses.append(asked(running).delay_s)

    running.answer(image())

    assert running.result.status == "ready"
    assert pauses[:3] == pytest.approx([0.1, 0.15, 0.225])
    assert pauses[-1] == 2.0


def test_an_image_is_waited_for_until_its_renditions_show_the_focal_point() -> None:
    running = Running(operations.wait(ID, 60, lambda: 0.0))

    running.answer(image(focus_applied=False))

    assert running.step is not None
    running.answer(image(focus_applied=True))
    assert running.result.focus_applied


def test_an_image_that_is_made_again_is_waited_for_until_there_is_a_later_result() -> None:
    asking = Running(operations.reprocess(ID))
    assert (asked(asking).method, asked(asking).path) == ("POST", f"/images/{ID}/reprocess")
    asking.answer(image("rejected", processed_at="10:00"))
    running = Running(operations.wait(ID, 60, lambda: 0.0, after=asking.result))

    running.answer(image("rejected", processed_at="10:00"))

    assert running.step is not None
    running.answer(image(processed_at="10:01"))
    assert running.result.processed_at == "10:01"


def test_a_wait_ends_after_its_time_with_one_last_read() -> None:
    times = iter([0.0, 0.95, 1.0])
    running = Running(operations.wait(ID, 1, lambda: next(times)))
    running.answer(image("pending"))
    last = asked(running).delay_s

    with pytest.raises(TimedOut, match="is pending after 1 s"):
        running.answer(image("pending"))

    assert last == pytest.approx(0.05)


@pytest.mark.parametrize(
    ("status", "kind", "code", "words"),
    [
        ("rejected", RecordedRejection, "corrupt", "^torn$"),
        ("failed", WorkFailed, "failed", "corrupt: torn"),
    ],
)
def test_an_image_that_cannot_become_ready_ends_the_wait_with_its_code(
    status: str, kind: type[ImagemillError], code: str, words: str
) -> None:
    running = Running(operations.wait(ID, 60))

    with pytest.raises(kind, match=words) as caught:
        running.answer(image(status, error={"code": "corrupt", "message": "torn"}))

    assert caught.value.code == code


def test_a_page_is_requested_with_its_filters() -> None:
    running = Running(operations.page("ready", "c1", 7, public=True))
    params = asked(running).params

    running.answer(httpx.Response(200, json={"images": [image().json()], "cursor": "c2"}))

    assert params == {"limit": 7, "status": "ready", "cursor": "c1", "public": "true"}
    assert ([one.id for one in running.result.images], running.result.cursor) == ([ID], "c2")


def test_deleting_an_image_that_is_gone_is_no_error() -> None:
    running = Running(operations.delete(ID))

    running.answer(problem(410, "gone"))

    assert running.step is None


def test_deleting_an_unknown_image_is_an_error() -> None:
    running = Running(operations.delete(ID))

    with pytest.raises(ApiError):
        running.answer(problem(404, "not_found"))


@pytest.mark.parametrize(
    ("focus", "body"), [((0.3, 0.7), {"focus": {"x": 0.3, "y": 0.7}}), (None, {"focus": None})]
)
def test_a_focal_point_is_set_and_removed(
    focus: tuple[float, float] | None, body: dict[str, object]
) -> None:
    running = Running(operations.set_focus(ID, focus))

    assert (asked(running).method, asked(running).json) == ("PATCH", body)


def test_an_image_moves_to_a_folder() -> None:
    running = Running(operations.move(ID, "a/b/"))

    assert (asked(running).method, asked(running).path) == ("POST", f"/images/{ID}/move")
    assert asked(running).json == {"prefix": "a/b/"}
    running.answer(httpx.Response(202, json={"id": "new", "key": "a/b/c.jpg"}))
    assert running.result == Uploaded("new", "a/b/c.jpg")


def test_a_rendition_is_fetched_from_the_address_of_the_redirect() -> None:
    running = Running(operations.rendition(ID, "a/b"))
    path = asked(running).path

    running.answer(httpx.Response(302, headers={"location": "https://b/r"}))
    fetched = running.step
    running.answer(httpx.Response(200, content=b"bytes"))

    assert (path, fetched) == (f"/images/{ID}/renditions/a%2Fb", Fetch("https://b/r"))
    assert running.result == b"bytes"


def test_an_object_that_is_gone_is_an_error() -> None:
    running = Running(operations.original(ID))
    running.answer(httpx.Response(302, headers={"location": "https://b/o"}))

    with pytest.raises(StoreUnavailable, match="the bucket answered 404 NoSuchKey"):
        running.answer(httpx.Response(404, text="<Error><Code>NoSuchKey</Code></Error>"))
