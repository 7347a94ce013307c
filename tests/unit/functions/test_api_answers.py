"""Properties of every response of the API, in success and error."""

import subprocess
import sys

import pytest
from fakes.api import (
    KEY,
    BrokenRecords,
    BuggyRecords,
    FakeApiDeps,
    ask,
)
from fakes.stores import FakeRecords

from imagemill.domain.keys import image_id
from imagemill.domain.transitions import AttemptTimes
from imagemill.functions.logs import formatter

ID = image_id("a.jpg")
WORK = AttemptTimes("r1", 1, "2026-05-04T10:20:30.123Z", 12)


@pytest.mark.parametrize(
    ("path", "status", "code", "allow"),
    [
        ("/nowhere", 404, "not_found", None),
        ("/images//original", 404, "not_found", None),
        ("/images//", 405, "method_not_allowed", "GET, POST"),
        ("/images", 405, "method_not_allowed", "GET, POST"),
        (f"/images/{ID}", 405, "method_not_allowed", "DELETE, GET, PATCH"),
    ],
)
def test_unknown_paths_and_unknown_methods_have_different_codes(
    path: str, status: int, code: str, allow: str | None
) -> None:
    answer = ask(FakeApiDeps(), "PUT", path)

    assert (answer.status, answer.json["code"], answer.headers.get("Allow")) == (
        status,
        code,
        allow,
    )


def test_a_failing_store_is_503_with_retry_after() -> None:
    answer = ask(FakeApiDeps(BrokenRecords()), "GET", f"/images/{ID}")

    assert (answer.status, answer.json["code"]) == (503, "store_unavailable")
    assert answer.headers["Retry-After"] == "5"


def test_a_bug_is_500_without_details() -> None:
    answer = ask(FakeApiDeps(BuggyRecords()), "GET", f"/images/{ID}")

    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert "ZeroDivision" not in answer.body


@pytest.mark.parametrize("path", ["/health", "/openapi.json", "/docs", "/nowhere", "/images/short"])
def test_every_response_forbids_sniffing_and_may_be_read_by_the_allowed_page(path: str) -> None:
    origin = "https://photos.example"

    answer = ask(FakeApiDeps(), "GET", path, headers={"origin": origin}, origin=origin)

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("path", ["/images", f"/images/{ID}", "/nowhere"])
def test_a_preflight_of_any_path_allows_the_methods_and_headers_of_the_api(path: str) -> None:
    answer = ask(FakeApiDeps(), "OPTIONS", path, headers={"origin": "https://photos.example"})

    assert (answer.status, answer.body) == (204, "")
    assert "Content-Type" not in answer.headers
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "DELETE,GET,OPTIONS,PATCH,POST"
    assert {"Content-Type", "X-Api-Key"} <= {
        *answer.headers["Access-Control-Allow-Headers"].split(",")
    }


def test_a_page_of_another_origin_may_not_read_a_response() -> None:
    headers = {"origin": "https://evil.example"}

    answer = ask(FakeApiDeps(), "GET", "/health", headers=headers, origin="https://photos.example")

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_contract_contains_the_url_of_the_api() -> None:
    answer = ask(FakeApiDeps(), "GET", "/openapi.json")

    assert answer.json["servers"] == [
        {"url": "https://abc.execute-api.eu-central-1.amazonaws.com/live"}
    ]


@pytest.mark.parametrize("records", [FakeRecords(), BrokenRecords(), BuggyRecords()])
def test_the_log_never_contains_the_key(
    records: FakeRecords, caplog: pytest.LogCaptureFixture
) -> None:
    ask(FakeApiDeps(records), "GET", f"/images/{ID}")

    lines = "".join(formatter().format(record) for record in caplog.records)
    assert '"request answered"' in lines
    assert KEY not in lines + caplog.text


def test_the_api_runs_without_a_decoder() -> None:
    program = (
        "import sys, imagemill.functions.api as api; "
        "print([name for name in ('PIL', 'pillow_heif') if name in sys.modules])"
    )

    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert run.stdout.strip() == "[]"
