"""The operations of the clients: each yields its requests, and returns its result."""

import re
import time
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import quote

import httpx

from imagemill.client.errors import ApiError
from imagemill.client.exchange import Ask, Fetch, Flow, Post, accepted, answered
from imagemill.client.forms import Choices, Point, UploadForm, announcement, point_json
from imagemill.client.images import Image, Page, Status, Uploaded, image_in
from imagemill.client.sources import UploadFile
from imagemill.domain.media_types import image_type
from imagemill.errors import EmptyFile, RecordedRejection, StoreUnavailable, TimedOut, WorkFailed

# Images of one page. Source: openapi.json.
PAGE_SIZE = 100
# Pauses between two reads of a record that is waited for, s.
_FIRST_PAUSE_S = 0.1
_LONGEST_PAUSE_S = 2.0
_GROWTH = 1.5
_S3_CODE = re.compile("<Code>([A-Za-z0-9]{1,64})</Code>")


def upload(file: UploadFile, choices: Choices) -> Flow[Uploaded]:
    """Store a file, by a form that sends it to the bucket directly."""
    if not file.size:
        raise EmptyFile("expected the bytes of an image, got none")
    kind = image_type(file.content_type)
    body = announcement(file.name, kind, file.size, choices)
    ticket = UploadForm.of((yield from accepted(Ask("POST", "/uploads", json=body))))
    stored = yield from posted(Post(ticket.form, file, kind))
    return ticket.uploaded(stored)


def posted(step: Post) -> Flow[httpx.Response]:
    """Return the answer of the bucket to a form; raises StoreUnavailable."""
    answer = yield from answered(step)
    if answer.is_error:
        raise StoreUnavailable(
            f"the originals bucket answered {answer.status_code} {_s3_code(answer)}".strip()
        )
    return answer


def get(image: str) -> Flow[Image]:
    """Return an image."""
    answer = yield from accepted(Ask("GET", _path(image)))
    return image_in(answer.json())


def wait(
    image: str,
    timeout_s: float,
    now_s: Callable[[], float] = time.monotonic,
    *,
    after: Image | None = None,
) -> Flow[Image]:
    """Return an image when it is ready, and its renditions show its focal point.

    With the image as it was before, `after`, it returns only the result of a later processing.
    """
    end_s, pause_s = now_s() + timeout_s, _FIRST_PAUSE_S
    answer = yield from accepted(Ask("GET", _path(image)))
    while not _is_final(found := image_in(answer.json()), after):
        left_s = end_s - now_s()
        if left_s <= 0:
            raise TimedOut(f"image {image} is {found.status} after {timeout_s:.0f} s")
        answer = yield from accepted(Ask("GET", _path(image), delay_s=min(pause_s, left_s)))
        pause_s = min(pause_s * _GROWTH, _LONGEST_PAUSE_S)
    return _ready(found)


def page(status: Status | None, cursor: str | None, limit: int, *, public: bool) -> Flow[Page]:
    """Return a page of images."""
    params: dict[str, str | int] = {"limit": limit}
    params |= {"status": status} if status else {}
    params |= {"cursor": cursor} if cursor else {}
    params |= {"public": "true"} if public else {}
    found = (yield from accepted(Ask("GET", "/images", params=params))).json()
    return Page(tuple(map(image_in, found["images"])), found["cursor"])


def delete(image: str) -> Flow[None]:
    """Delete an image, unless it is gone already."""
    try:
        yield from accepted(Ask("DELETE", _path(image)))
    except ApiError as fault:
        if fault.status != HTTPStatus.GONE:
            raise


def move(image: str, folder: str) -> Flow[Uploaded]:
    """Move an image to a folder."""
    answer = yield from accepted(Ask("POST", f"{_path(image)}/move", json={"prefix": folder}))
    moved = answer.json()
    return Uploaded(moved["id"], moved["key"])


def set_focus(image: str, focus: Point | None) -> Flow[Image]:
    """Set or remove the focal point."""
    body = {"focus": point_json(focus) if focus else None}
    answer = yield from accepted(Ask("PATCH", _path(image), json=body))
    return image_in(answer.json())


def reprocess(image: str) -> Flow[Image]:
    """Have the renditions made again."""
    answer = yield from accepted(Ask("POST", f"{_path(image)}/reprocess"))
    return image_in(answer.json())


def original(image: str) -> Flow[bytes]:
    """Return the bytes of the uploaded file."""
    return (yield from _followed(f"{_path(image)}/original"))


def rendition(image: str, preset: str) -> Flow[bytes]:
    """Return the bytes of a rendition."""
    return (yield from _followed(f"{_path(image)}/renditions/{quote(preset, safe='')}"))


def _followed(path: str) -> Flow[bytes]:
    answer = yield from accepted(Ask("GET", path))
    stored = yield from answered(Fetch(answer.headers["location"]))
    if stored.is_error:
        raise StoreUnavailable(f"the bucket answered {stored.status_code} {_s3_code(stored)}")
    return stored.content


def _path(image: str) -> str:
    return f"/images/{quote(image, safe='')}"


def _is_final(image: Image, before: Image | None) -> bool:
    if before and image.processed_at == before.processed_at:
        return False
    return image.status != "pending" and (image.status != "ready" or image.focus_applied)


def _ready(image: Image) -> Image:
    """Return an image that is ready; raises RecordedRejection or WorkFailed."""
    if image.status == "ready":
        return image
    code, message = (image.error.code, image.error.message) if image.error else ("internal", "")
    if image.status == "rejected":
        raise RecordedRejection(code, message)
    raise WorkFailed(f"{code}: {message}")


def _s3_code(answer: httpx.Response) -> str:
    """Return the code in an error of S3; empty if it has none."""
    found = _S3_CODE.search(answer.text)
    return found[1] if found else ""
