"""What stands in front of the API's function: keys, limits, preflights, the gateway's own words."""

from collections.abc import Iterator
from typing import Any

import boto3
import httpx
import pytest
from live.stack import TIMEOUT_S, Stack

from imagemill.local.address import Address

NOBODY = f"/images/{'a' * 26}"
PAGE = "https://elsewhere.example"


@pytest.mark.parametrize("key", ["", "wrong"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/images"),
        ("POST", "/images"),
        ("POST", "/uploads"),
        ("GET", NOBODY),
        ("DELETE", NOBODY),
        ("GET", f"{NOBODY}/original"),
        ("GET", f"{NOBODY}/renditions/500"),
        ("GET", "/nowhere"),
    ],
)
def test_without_the_key_nothing_is_told(
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
def test_health_and_docs_are_open(address: Address, path: str, kind: str) -> None:
    answer = httpx.get(f"{address.api_url}{path}", timeout=TIMEOUT_S)

    assert (answer.status_code, answer.headers["content-type"]) == (200, kind)


@pytest.mark.parametrize(
    "path",
    ["/images", "/uploads", NOBODY, f"{NOBODY}/original", f"{NOBODY}/renditions/500", "/nowhere"],
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


def test_the_contract_names_the_address_it_was_read_at(address: Address) -> None:
    document = httpx.get(f"{address.api_url}/openapi.json", timeout=TIMEOUT_S)

    server = document.url.join(document.json()["servers"][0]["url"])
    assert str(server) == address.api_url


@pytest.fixture
def hasty_key(stack: Stack, session: boto3.Session) -> Iterator[str]:
    """Return a key of the API that may ask twice in a row, and twice a minute after that."""
    client = session.client("apigateway", endpoint_url=stack.address.endpoint)
    api_id = stack.address.api_url.split("/")[-2]
    plan = client.create_usage_plan(
        name="hasty",
        apiStages=[{"apiId": api_id, "stage": "live"}],
        throttle={"rateLimit": 1 / 30, "burstLimit": 2},
    )["id"]
    key = client.create_api_key(name="hasty", enabled=True)
    client.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    yield key["value"]
    client.delete_api_key(apiKey=key["id"])
    client.delete_usage_plan(usagePlanId=plan)


def test_who_asks_too_often_is_told_when_to_ask_again(address: Address, hasty_key: str) -> None:
    headers = {"x-api-key": hasty_key}

    url = f"{address.api_url}{NOBODY}"
    answers = [httpx.get(url, headers=headers, timeout=TIMEOUT_S) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [404, 404, 429]
    assert answers[-1].json()["code"] == "too_many_requests"
    assert answers[-1].headers["retry-after"] == "1"


@pytest.fixture
def narrow(stack: Stack, session: boto3.Session) -> Iterator[str]:
    """Return an open route that takes two requests, and two a minute after that.

    The embedded AWS passes over such limits in a template, so this one is set by a call.
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


def test_strangers_cannot_ask_an_open_route_without_end(address: Address, narrow: str) -> None:
    url = f"{address.api_url}{narrow}"

    answers = [httpx.get(url, timeout=TIMEOUT_S) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]


@pytest.mark.parametrize("bucket", ["originals_bucket", "processed_bucket"])
def test_a_bucket_answers_nobody_anonymous(address: Address, stack: Stack, bucket: str) -> None:
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
