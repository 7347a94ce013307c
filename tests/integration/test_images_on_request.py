"""Images on request on the embedded AWS: from the visitor's URL to both origins."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import boto3
import httpx
import pytest
from fakes.images import jpeg
from live.stack import TIMEOUT_S, Stack
from PIL import Image

from imagemill.aws.stack_outputs import stack_parameters
from imagemill.domain.keys import image_id
from imagemill.local.address import Address
from imagemill.local.signing_keys import FileKeys
from imagemill.requests.signatures import signature_of

KEY = "on-request/été 1.jpg"
URL_KEY = "on-request/%C3%A9t%C3%A9%201.jpg"
ID = image_id(KEY)
# Answers a path of the distribution; options are headers.
Visit = Callable[..., httpx.Response]


@pytest.fixture(scope="module")
def visit(address: Address) -> Visit:
    host = urlsplit(address.images_url).netloc

    def get(path: str, **headers: str) -> httpx.Response:
        # Not every system resolves the subdomains of localhost.
        named = {"host": host, **{name.replace("_", "-"): text for name, text in headers.items()}}
        return httpx.get(address.endpoint + path, headers=named, timeout=TIMEOUT_S)

    return get


@pytest.fixture(scope="module")
def version(stack: Stack) -> str:
    """Store an image and return the version of its record."""
    stack.s3.put_object(Bucket=stack.address.originals_bucket, Key=KEY, Body=jpeg(900, 600))
    record = stack.wait_until_final(KEY)
    return str(record.version_id)


def stored(stack: Stack) -> set[str]:
    """Return the names of the stored variants of the image."""
    prefix = f"~t/{ID}/"
    found = stack.s3.list_objects_v2(Bucket=stack.address.processed_bucket, Prefix=prefix)
    return {one["Key"].removeprefix(prefix) for one in found.get("Contents", [])}


@pytest.mark.usefixtures("version")
def test_a_size_is_made_once_and_then_comes_from_the_bucket(visit: Visit, stack: Stack) -> None:
    first = visit(f"/~/{URL_KEY}?w=300&auto=format", accept="image/webp")
    second = visit(f"/~/{URL_KEY}?w=300&auto=format", accept="image/webp")

    assert (first.status_code, first.headers["content-type"]) == (200, "image/webp")
    # The ladder makes 330 of 300.
    assert Image.open(BytesIO(first.content)).size == (330, 220)
    assert "330x.webp" in stored(stack)
    assert second.content == first.content
    # S3 sends an ETag, the function does not.
    assert second.headers["etag"]
    assert "x-amzn-trace-id" not in second.headers
    for answer in (first, second):
        assert answer.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=60"
        assert answer.headers["vary"] == "Accept"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert "x-amz-meta-sequencer" not in answer.headers


def test_an_answer_is_immutable_only_if_the_url_names_its_version(
    visit: Visit, version: str
) -> None:
    for _ in ("made", "from the bucket"):
        named = visit(f"/~/{URL_KEY}?w=60&v={version}")
        other = visit(f"/~/{URL_KEY}?w=60&v=other")

        assert named.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert other.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=60"


@pytest.mark.usefixtures("version")
def test_a_condition_saves_the_body(visit: Visit) -> None:
    visit(f"/~/{URL_KEY}?w=60")
    etag = visit(f"/~/{URL_KEY}?w=60").headers["etag"]

    again = visit(f"/~/{URL_KEY}?w=60", if_none_match=etag)

    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.usefixtures("version")
def test_a_signed_url_gets_any_size_until_the_key_is_rotated_twice(
    visit: Visit, stack: Stack, data_dir: Path
) -> None:
    keys = FileKeys(data_dir)
    path = f"/rs:fill:101:99/plain/{URL_KEY}@png"
    url = f"/~p/{signature_of(path, keys.read()[0])}{path}"

    sizes = [Image.open(BytesIO(visit(url).content)).size]
    keys.rotate()
    sizes.append(Image.open(BytesIO(visit(url).content)).size)
    keys.rotate()
    refused = visit(url)

    assert sizes == [(101, 99), (101, 99)]
    assert "101x99_cover.png" in stored(stack)
    assert (refused.status_code, refused.json()["code"]) == (403, "signature_invalid")


def test_the_length_of_signatures_is_read_from_the_stack(
    stack: Stack, session: boto3.Session
) -> None:
    client = session.client("cloudformation", endpoint_url=stack.address.endpoint)

    assert stack_parameters(client, stack.address.stack)["SignatureBytes"] == "32"


@pytest.mark.usefixtures("version")
def test_refused_urls_start_no_function_and_read_no_variant(visit: Visit, stack: Stack) -> None:
    visit(f"/~/{URL_KEY}?w=60")
    before = stored(stack)
    refused = [
        f"/~/{URL_KEY}?w=61&blur=3",
        f"/~/{URL_KEY}?w=61&sig=forged",
        f"/~/{URL_KEY}?w=1e9",
        f"/~/{URL_KEY}?w=61&w=62",
        "/~/%2e%2e/secret?w=61",
        f"/~p/forged/w:61/plain/{URL_KEY}",
        f"/iiif/3/{ID}/full/^max/0/default.jpg",
        f"/~t/{ID}/60x.keep",
        f"/%7Et/{ID}/60x.keep",
        f"//~t/{ID}/60x.keep",
        f"/500/../~t/{ID}/60x.keep",
        f"/~t/{ID}/61x.keep",
    ]

    answers = {path: visit(path) for path in refused}

    assert all(one.status_code in {400, 403, 404, 501} for one in answers.values()), answers
    # Answers of the function have a trace.
    assert not any("x-amzn-trace-id" in one.headers for one in answers.values())
    assert stored(stack) == before


def test_an_image_that_does_not_exist_is_a_problem(visit: Visit) -> None:
    answer = visit("/~/on-request/missing.jpg?w=60")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.usefixtures("version")
def test_a_viewer_of_iiif_gets_the_size_that_it_names(visit: Visit) -> None:
    answer = visit(f"/iiif/3/{ID}/full/200,/0/default.jpg")

    assert answer.status_code == 200
    assert Image.open(BytesIO(answer.content)).size == (200, 133)


@pytest.mark.usefixtures("version")
def test_the_public_address_of_a_rendition_is_immutable(visit: Visit, address: Address) -> None:
    headers = {"x-api-key": address.api_key}
    details = httpx.get(f"{address.api_url}/images/{ID}", headers=headers, timeout=TIMEOUT_S)
    path = urlsplit(details.json()["public"]["renditions"]["500"]).path
    _, _, version, key = path.split("/", 3)

    named, other = visit(path), visit(f"/~~/other/{key}")
    missing, plain = visit(f"/~~/{version}/500/missing.jpg"), visit(f"/{key}")

    assert (named.status_code, other.status_code, missing.status_code) == (200, 200, 403)
    assert named.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert named.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert other.headers["cache-control"] == plain.headers["cache-control"] == "public, max-age=60"
    assert "cache-control" not in missing.headers
    assert named.content == plain.content
