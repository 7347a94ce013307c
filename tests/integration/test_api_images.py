"""Images over HTTP: shown, replaced, unknown and deleted."""

import secrets
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from fakes.images import jpeg
from live.api import post_image, wait_until_final
from live.stack import TIMEOUT_S, Stack
from PIL import Image

NOBODY = "a" * 26


@pytest.mark.parametrize(
    ("path", "kind"), [("renditions/thumb", "image/webp"), ("original", "image/jpeg")]
)
def test_an_image_is_shown_inline_and_kept_for_good_by_its_version(
    api: httpx.Client, path: str, kind: str
) -> None:
    image = post_image(api, jpeg(300, 200), "été.jpg")
    wait_until_final(api, image)

    redirect = api.get(f"/images/{image}/{path}")

    response = httpx.get(redirect.headers["location"], timeout=TIMEOUT_S)
    assert (redirect.status_code, response.status_code) == (302, 200)
    assert response.headers["content-type"] == kind
    assert response.headers["content-disposition"].startswith("inline;")
    assert response.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert parse_qs(urlsplit(redirect.headers["location"]).query)["x-version"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<!DOCTYPE html><script>alert(1)</script>", "text/html"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "image/svg+xml"),
    ],
)
def test_what_a_browser_would_run_is_offered_as_a_download(
    api: httpx.Client, stack: Stack, data: bytes, kind: str
) -> None:
    key = f"page-{len(data)}.jpg"
    bucket = stack.address.originals_bucket
    stack.s3.put_object(Bucket=bucket, Key=key, Body=data, ContentType=kind)
    image = stack.wait_until_final(key).id

    shown = httpx.get(api.get(f"/images/{image}/original").headers["location"])

    assert (shown.status_code, shown.content) == (200, data)
    assert shown.headers["content-type"] == "application/octet-stream"
    assert shown.headers["content-disposition"].startswith("attachment;")


@pytest.mark.parametrize("key", ["{}a/../{}b.jpg", "./{}b.jpg", "{}//b.jpg", "/{}b.jpg"])
def test_a_key_that_urls_change_leads_to_its_own_image(
    api: httpx.Client, stack: Stack, key: str
) -> None:
    name = secrets.token_hex(4)
    stack.put(f"{name}b.jpg", jpeg(300, 200))
    other = jpeg(200, 300)
    image = stack.wait_until_final(key.format(name, name), stack.put(key.format(name, name), other))

    redirect = api.get(f"/images/{image.id}/renditions/500")
    original = api.get(f"/images/{image.id}/original")

    shown = Image.open(BytesIO(httpx.get(redirect.headers["location"]).content))
    assert shown.size == (200, 300)
    if original.status_code == 302:
        assert httpx.get(original.headers["location"]).content == other
    else:
        assert original.json()["code"] == "no_address"


def test_a_replaced_image_has_another_address(api: httpx.Client, stack: Stack) -> None:
    key = f"{post_image(api, jpeg())}.jpg"
    first = stack.put(key, jpeg(300, 200))
    image = stack.wait_until_final(key, first).id
    before = api.get(f"/images/{image}/renditions/500").headers["location"]

    stack.wait_until_final(key, stack.put(key, jpeg(200, 300)))

    after = api.get(f"/images/{image}/renditions/500").headers["location"]
    assert version_in(before) != version_in(after)


def version_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["x-version"][0]


def test_an_address_that_was_tampered_with_shows_nothing(api: httpx.Client) -> None:
    image = post_image(api, jpeg())
    wait_until_final(api, image)
    address = api.get(f"/images/{image}/original").headers["location"]

    answer = httpx.get(address.replace("x-version=", "x-version=0"), timeout=TIMEOUT_S)

    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"/images/{NOBODY}", 404, "not_found"),
        (f"/images/{NOBODY}/original", 404, "not_found"),
        (f"/images/{NOBODY}/renditions/500", 404, "not_found"),
        ("/images/short", 422, "invalid_request"),
        (f"/images/{'A' * 26}", 422, "invalid_request"),
        (f"/images/{NOBODY}/renditions/-", 422, "invalid_request"),
        ("/nowhere", 404, "not_found"),
    ],
)
def test_an_image_nobody_knows_is_a_problem(
    api: httpx.Client, path: str, status: int, code: str
) -> None:
    answer = api.get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_preset_that_is_none_is_unknown(api: httpx.Client) -> None:
    image = post_image(api, jpeg())
    wait_until_final(api, image)

    answer = api.get(f"/images/{image}/renditions/huge")

    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_preset")


def test_a_deleted_image_is_gone_at_once_and_its_renditions_soon(
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
