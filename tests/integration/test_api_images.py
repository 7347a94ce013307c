"""Images over HTTP: served, replaced, unknown and deleted."""

import secrets
import time
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fakes.images import jpeg
from live.api import post_image, wait_until_final
from live.stack import TIMEOUT_S, Stack
from PIL import Image

from imagemill.domain.event import Focus

UNKNOWN_ID = "a" * 26


@pytest.mark.parametrize(
    ("path", "kind"), [("renditions/thumb", "image/webp"), ("original", "image/jpeg")]
)
def test_an_image_is_served_inline_and_cached_by_version(
    api: httpx.Client, path: str, kind: str
) -> None:
    image = post_image(api, jpeg(300, 200), "été.jpg")
    wait_until_final(api, image)

    redirect = api.get(f"/images/{image}/{path}")

    image_file = httpx.get(redirect.headers["location"], timeout=TIMEOUT_S)
    assert (redirect.status_code, image_file.status_code) == (302, 200)
    assert image_file.headers["content-type"] == kind
    assert image_file.headers["content-disposition"].startswith("inline;")
    assert image_file.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert parse_qs(urlsplit(redirect.headers["location"]).query)["x-version"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<!DOCTYPE html><script>alert(1)</script>", "text/html"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image/svg+xml"),
    ],
)
def test_active_content_is_served_as_a_download(
    api: httpx.Client, stack: Stack, data: bytes, kind: str
) -> None:
    key = f"page-{len(data)}.jpg"
    bucket = stack.address.originals_bucket
    stack.s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=kind)
    image = stack.wait_until_final(key).id

    served = httpx.get(api.get(f"/images/{image}/original").headers["location"])

    assert (served.status_code, served.content) == (200, data)
    assert served.headers["content-type"] == "application/octet-stream"
    assert served.headers["content-disposition"].startswith("attachment;")


# Keys that HTTP clients change in a URL (RFC 3986, section 5.2.4).
DOT_SEGMENTS = ["{}a/../{}b.jpg", "./{}b.jpg"]
EMPTY_SEGMENTS = ["{}//b.jpg", "/{}b.jpg"]
PORTRAIT = jpeg(200, 300)


def put_beside_its_normalised_key(stack: Stack, key: str) -> str:
    """Store a portrait under the key and a landscape under the normalised one; return its id."""
    name = secrets.token_hex(4)
    stack.put(f"{name}b.jpg", jpeg(300, 200))
    full_key = key.format(name, name)
    return stack.wait_until_final(full_key, stack.put(full_key, PORTRAIT)).id


@pytest.mark.parametrize("key", DOT_SEGMENTS + EMPTY_SEGMENTS)
def test_a_key_that_urls_normalise_leads_to_its_own_rendition(
    api: httpx.Client, stack: Stack, key: str
) -> None:
    image = put_beside_its_normalised_key(stack, key)

    redirect = api.get(f"/images/{image}/renditions/500")

    served = Image.open(BytesIO(httpx.get(redirect.headers["location"]).content))
    assert served.size == (200, 300)


@pytest.mark.parametrize("key", EMPTY_SEGMENTS)
def test_a_key_with_empty_segments_leads_to_its_own_original(
    api: httpx.Client, stack: Stack, key: str
) -> None:
    image = put_beside_its_normalised_key(stack, key)

    redirect = api.get(f"/images/{image}/original")

    assert redirect.status_code == 302
    assert httpx.get(redirect.headers["location"]).content == PORTRAIT


@pytest.mark.parametrize("key", DOT_SEGMENTS)
def test_an_original_with_dot_segments_has_no_url(
    api: httpx.Client, stack: Stack, key: str
) -> None:
    image = put_beside_its_normalised_key(stack, key)

    answer = api.get(f"/images/{image}/original")

    assert answer.json()["code"] == "no_address"


def test_a_replaced_image_has_another_url(api: httpx.Client, stack: Stack) -> None:
    key = f"{post_image(api, jpeg())}.jpg"
    first = stack.put(key, jpeg(300, 200))
    image = stack.wait_until_final(key, first).id
    before = api.get(f"/images/{image}/renditions/500").headers["location"]

    stack.wait_until_final(key, stack.put(key, jpeg(200, 300)))

    after = api.get(f"/images/{image}/renditions/500").headers["location"]
    assert version_in(before) != version_in(after)


def version_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["x-version"][0]


def test_a_modified_presigned_url_is_rejected(api: httpx.Client) -> None:
    image = post_image(api, jpeg())
    wait_until_final(api, image)
    address = api.get(f"/images/{image}/original").headers["location"]

    answer = httpx.get(address.replace("x-version=", "x-version=0"), timeout=TIMEOUT_S)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/images/{UNKNOWN_ID}", 404, "not_found"),
        (f"/images/{UNKNOWN_ID}/original", 404, "not_found"),
        (f"/images/{UNKNOWN_ID}/renditions/500", 404, "not_found"),
        ("/images/short", 422, "invalid_request"),
        (f"/images/{'A' * 26}", 422, "invalid_request"),
        (f"/images/{UNKNOWN_ID}/renditions/-", 422, "invalid_request"),
        ("/nowhere", 404, "not_found"),
    ],
)
def test_an_unknown_image_is_answered_with_a_problem(
    api: httpx.Client, path: str, status: int, code: str
) -> None:
    answer = api.get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_an_unknown_preset_is_answered_with_a_problem(api: httpx.Client) -> None:
    image = post_image(api, jpeg())
    wait_until_final(api, image)

    answer = api.get(f"/images/{image}/renditions/huge")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_preset")


def test_a_deleted_image_is_gone_at_once_and_its_renditions_later(
    api: httpx.Client, stack: Stack
) -> None:
    image = post_image(api, jpeg())
    key = wait_until_final(api, image)["key"]

    answer = api.delete(f"/images/{image}")

    afterwards = api.get(f"/images/{image}")
    assert (answer.status_code, answer.json()["status"]) == (202, "deleted")
    assert (afterwards.status_code, afterwards.json()["code"]) == (410, "gone")
    assert stack.wait_until_removed(key)


def test_an_image_deleted_in_the_bucket_is_gone(api: httpx.Client, stack: Stack) -> None:
    image = post_image(api, jpeg())
    key = wait_until_final(api, image)["key"]
    stack.s3.delete_object(Bucket=stack.address.originals_bucket, Key=key)
    stack.wait_for_status(key, "deleted")

    answer = api.get(f"/images/{image}/renditions/500")

    assert (answer.status_code, answer.json()["code"]) == (410, "gone")


def red_and_blue() -> bytes:
    """Return a JPEG with a red left half and a blue right half."""
    picture = Image.new("RGB", (300, 200), "blue")
    picture.paste("red", (0, 0, 150, 200))
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def middle_of(api: httpx.Client, image: str) -> str:
    """Return the colour in the middle of an image's square rendition."""
    redirect = api.get(f"/images/{image}/renditions/thumb")
    square = Image.open(BytesIO(httpx.get(redirect.headers["location"]).content)).convert("RGB")
    pixel = square.getpixel((square.width // 2, square.height // 2))
    assert isinstance(pixel, tuple)
    return "red" if pixel[0] > pixel[2] else "blue"


def wait_until_applied(api: httpx.Client, image: str) -> dict[str, Any]:
    """Poll until the renditions show the focal point, and return the image."""
    deadline = time.monotonic() + TIMEOUT_S
    while time.monotonic() < deadline:
        found = api.get(f"/images/{image}").raise_for_status().json()
        if found["focus_applied"]:
            return dict(found)
        time.sleep(0.05)
    raise AssertionError(f"{image} never showed its focal point")


def test_a_focal_point_moves_the_crop_of_an_image_that_is_ready(
    api: httpx.Client, stack: Stack
) -> None:
    key, data = f"{secrets.token_hex(4)}/a.jpg", red_and_blue()
    bucket = stack.address.originals_bucket
    stack.s3.put_object(Bucket=bucket, Key=key, Body=data, Metadata={"focus": "0,0.5"})
    image = stack.wait_until_final(key).id
    first = wait_until_applied(api, image)
    colours = [middle_of(api, image)]

    changed = api.patch(f"/images/{image}", json={"focus": {"x": 1, "y": 0.5}})
    second = wait_until_applied(api, image)
    colours.append(middle_of(api, image))
    again = stack.s3.put_object(Bucket=bucket, Key=key, Body=data)
    third = stack.wait_until_final(key, again["VersionId"])
    colours.append(middle_of(api, image))

    assert changed.status_code == 202, changed.text
    assert not changed.json()["focus_applied"]
    assert colours == ["red", "blue", "blue"]
    assert [first["focus"], second["focus"]] == [{"x": 0, "y": 0.5}, {"x": 1, "y": 0.5}]
    assert third.wanted_focus == Focus(1, 0.5)
