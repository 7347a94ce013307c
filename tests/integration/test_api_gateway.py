"""API Gateway in front of the function: keys, limits, preflights and its own error responses."""

from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from live.stack import TIMEOUT_S, Stack

from imagemill.local.address import Address

UNKNOWN_IMAGE = f"/images/{'a' * 26}"
PAGE = "https://elsewhere.example"


@pytest.mark.parametrize("key", ["", "wrong"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/images"),
        ("POST", "/images"),
        ("POST", "/uploads"),
        ("GET", UNKNOWN_IMAGE),
        ("DELETE", UNKNOWN_IMAGE),
        ("GET", f"{UNKNOWN_IMAGE}/original"),
        ("GET", f"{UNKNOWN_IMAGE}/renditions/500"),
        ("GET", "/nowhere"),
    ],
)
def test_a_request_without_a_valid_key_is_forbidden(
    address: Address, method: str, path: str, key: str
) -> None:
    headers = {"x-api-key": key, "origin": PAGE}

    answer = httpx.request(method, f"{address.api_url}{path}", headers=headers, timeout=TIMEOUT_S)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.json()["request_id"]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/health", "application/json"),
        ("/openapi.json", "application/json"),
        ("/docs", "text/html"),
    ],
)
def test_health_and_docs_need_no_key(address: Address, path: str, kind: str) -> None:
    answer = httpx.get(f"{address.api_url}{path}", timeout=TIMEOUT_S)

    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


@pytest.mark.parametrize(
    "path",
    [
        "/images",
        "/uploads",
        UNKNOWN_IMAGE,
        f"{UNKNOWN_IMAGE}/original",
        f"{UNKNOWN_IMAGE}/renditions/500",
        "/nowhere",
    ],
)
def test_a_preflight_needs_no_key(address: Address, path: str) -> None:
    answer = httpx.options(
        f"{address.api_url}{path}",
        headers={
            "origin": PAGE,
            "access-control-request-method": "DELETE",
            "access-control-request-headers": "x-api-key",
        },
        timeout=TIMEOUT_S,
    )

    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-api-key" in answer.headers["access-control-allow-headers"].lower()
    assert "DELETE" in answer.headers["access-control-allow-methods"]


def test_the_openapi_document_names_the_url_of_the_api(address: Address) -> None:
    document = httpx.get(f"{address.api_url}/openapi.json", timeout=TIMEOUT_S)

    server = document.url.join(document.json()["servers"][0]["url"])
    assert str(server) == address.api_url


@pytest.fixture
def throttled_key(stack: Stack, session: boto3.Session) -> Iterator[str]:
    """Return an API key with a burst of two requests and a rate of two per minute."""
    client = session.client("apigateway", endpoint_url=stack.address.endpoint)
    api_id = stack.address.api_url.split("/")[-2]
    plan = client.create_usage_plan(
        name="throttled",
        apiStages=[{"apiId": api_id, "stage": "live"}],
        throttle={"rateLimit": 1 / 30, "burstLimit": 2},
    )["id"]
    key = client.create_api_key(name="throttled", enabled=True)
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    yield key["value"]
    client.delete_api_key(apiKey=key["id"])
    client.delete_usage_plan(usagePlanId=plan)


def test_a_throttled_client_gets_a_retry_after_header(address: Address, throttled_key: str) -> None:
    headers = {"x-api-key": throttled_key}

    url = f"{address.api_url}{UNKNOWN_IMAGE}"
    answers = [httpx.get(url, headers=headers, timeout=TIMEOUT_S) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert answers[-1].json()["code"] == "too_many_requests"
    assert answers[-1].headers["retry-after"] == "1"


@pytest.fixture
def throttled_route(stack: Stack, session: boto3.Session) -> Iterator[str]:
    """Return a route without a key, with a burst of two requests and a rate of two per minute.

    The embedded AWS ignores such limits in a template, so this one is set by a call.
    """
    client = session.client("apigateway", endpoint_url=stack.address.endpoint)
    place = {"restApiId": stack.address.api_url.split("/")[-2], "stageName": "live"}
    limits = {"rateLimit": str(1 / 30), "burstLimit": "2"}
    changes: Any = [
        {"op": "replace", "path": f"/~1docs/GET/throttling/{name}", "value": value}
        for name, value in limits.items()
    ]
    client.update_stage(**place, patchOperations=changes)
    yield "/docs"
    client.update_stage(**place, patchOperations=[{"op": "remove", "path": "/~1docs/GET"}])


def test_a_route_without_a_key_is_throttled(address: Address, throttled_route: str) -> None:
    url = f"{address.api_url}{throttled_route}"

    answers = [httpx.get(url, timeout=TIMEOUT_S) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.parametrize("bucket", ["originals_bucket", "processed_bucket"])
def test_a_bucket_rejects_anonymous_requests(address: Address, stack: Stack, bucket: str) -> None:
    name = str(getattr(address, bucket))
    stack.s3.put_object(Bucket=name, Key="here", Body=b"x")

    answer = httpx.get(f"{address.endpoint}/{name}/here", timeout=TIMEOUT_S)

    assert answer.status_code == 403


def test_a_web_page_cannot_run_its_own_code_on_the_laptop(address: Address) -> None:
    query = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test/20261122/us-east-1/lambda/x"

    answer = httpx.post(
        f"{address.endpoint}/2015-03-31/functions?{query}",
        headers={"origin": PAGE},
        content="{}",
        timeout=TIMEOUT_S,
    )

    assert answer.status_code == 403
