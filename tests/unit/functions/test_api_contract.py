"""The code, openapi.json, docs/api.md and template.yaml describe the same API."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from fakes.template import read_template

from imagemill.functions.api.__main__ import contract_text
from imagemill.functions.api.limits import MAX_BODY_BYTES, MAX_PAGE_IMAGES
from imagemill.functions.api.problems import STATUSES

ROOT = Path(__file__).parents[3]
CONTRACT: dict[str, Any] = json.loads(contract_text())
PAGE = (ROOT / "docs" / "api.md").read_text()
API = read_template()["Resources"]["ImagesApi"]["Properties"]
EVENTS = read_template()["Resources"]["ApiImageUploadFunction"]["Properties"]["Events"]
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [(m, path) for path, item in CONTRACT["paths"].items() for m in METHODS if m in item]
ANSWERS = [
    (method, path, int(status), answer)
    for method, path in OPERATIONS
    for status, answer in CONTRACT["paths"][path][method]["responses"].items()
]
PROBLEMS = [answer for answer in ANSWERS if answer[2] >= 400]


def gateway_body(kind: str) -> dict[str, Any]:
    """Return the response that API Gateway itself sends for an error."""
    template = API["GatewayResponses"][kind]["ResponseTemplates"]["application/json"]
    return dict(json.loads(template))


def test_openapi_json_is_up_to_date() -> None:
    assert (ROOT / "openapi.json").read_text() == contract_text()


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_the_page_lists_every_route(method: str, path: str) -> None:
    assert f"| `{method.upper()} {path}` |" in PAGE


def test_the_page_lists_every_code_with_its_status_and_no_other() -> None:
    listed = re.findall(r"^\| `(\w+)` \| (\d{3}) \|", PAGE, re.MULTILINE)

    assert {code: int(status) for code, status in listed} == {
        code: int(status) for code, status in STATUSES.items()
    }


def test_the_page_states_the_actual_limits() -> None:
    assert f"**{MAX_BODY_BYTES:,} bytes**" in PAGE
    assert f"1 to {MAX_PAGE_IMAGES}" in PAGE


@pytest.mark.parametrize(("method", "path", "status", "answer"), PROBLEMS)
def test_every_problem_in_the_contract_has_its_form_and_the_status_of_its_codes(
    method: str, path: str, status: int, answer: dict[str, Any]
) -> None:
    codes = re.findall(r"`(\w+)`", answer["description"])

    assert method in CONTRACT["paths"][path]
    assert list(answer["content"]) == ["application/problem+json"]
    assert {int(STATUSES[code]) for code in codes} == {status}


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_route_is_in_the_template_with_its_preflight(method: str, path: str) -> None:
    served = {(one["Properties"]["Method"], one["Properties"]["Path"]) for one in EVENTS.values()}

    assert (method, path) in served
    assert ("options", path) in served


@pytest.mark.parametrize("name", list(EVENTS))
def test_only_preflights_health_docs_and_signed_addresses_need_no_key(name: str) -> None:
    event = EVENTS[name]["Properties"]
    is_open = event.get("Auth") == {"ApiKeyRequired": False}

    open_paths = {"/", "/health", "/openapi.json", "/docs", "/originals/{token}"}
    assert is_open is (event["Method"] == "options" or event["Path"] in open_paths)


def test_every_route_that_needs_no_key_has_its_own_rate_limit() -> None:
    routes = [event["Properties"] for event in EVENTS.values()]
    needless = {"ApiKeyRequired": False}

    limited = {
        (one["ResourcePath"], one["HttpMethod"])
        for one in API["MethodSettings"]
        if {"ThrottlingRateLimit", "ThrottlingBurstLimit"} < one.keys()
    }

    assert limited == {
        (
            "/" + route["Path"].replace("/", "~1") if route["Path"] != "/" else "/",
            route["Method"].upper(),
        )
        for route in routes
        if route.get("Auth") == needless
    }


@pytest.mark.parametrize("kind", list(API["GatewayResponses"]))
def test_the_gateway_uses_the_error_format_and_codes_of_the_function(kind: str) -> None:
    body = gateway_body(kind)

    assert body["status"] == STATUSES[body["code"]] == API["GatewayResponses"][kind]["StatusCode"]
    assert {"type", "title", "detail", "request_id"} < body.keys()


@pytest.mark.parametrize("kind", list(API["GatewayResponses"]))
def test_web_pages_may_read_the_responses_of_the_gateway(kind: str) -> None:
    headers = API["GatewayResponses"][kind]["ResponseParameters"]["Headers"]

    assert headers["Access-Control-Allow-Origin"] == {"Fn::Sub": "'${CorsOrigin}'"}
    assert headers["Content-Type"] == "'application/problem+json'"
    assert headers["X-Content-Type-Options"] == "'nosniff'"
