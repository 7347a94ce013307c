"""What web pages may ask of the embedded AWS on the machine they are looked at."""

import pytest

from imagemill.local.gate import refusal

HERE = {"host": "127.0.0.1:4566"}
PAGE = HERE | {"origin": "https://elsewhere.example", "sec-fetch-site": "cross-site"}
SIGNED = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0&X-Amz-Credential="
FUNCTIONS = "/2015-03-31/functions"


@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        (FUNCTIONS, "", HERE | {"authorization": "AWS4-HMAC-SHA256 Credential=test/1"}),
        ("/", f"{SIGNED}test/1", HERE),
        ("/", "", HERE | {"sec-fetch-site": "none"}),
        ("/_ministack/health", "", {"host": "localhost:4566"}),
    ],
    ids=["a command", "an address a command signed", "somebody at a browser", "ourselves"],
)
def test_whoever_is_no_page_may_ask_for_anything(
    path: str, query: str, headers: dict[str, str]
) -> None:
    assert refusal(path, query, headers) == ""


@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        ("/_aws/execute-api/3a0ed708/live/images", "", PAGE),
        ("/originals/a.jpg", f"{SIGNED}ASIA123/1&x-version=1", PAGE),
        ("/originals", "", PAGE),
        ("/index.html", "", PAGE | {"host": "d1.cloudfront.localhost:4566"}),
    ],
    ids=["the API", "a signed address", "an upload form", "the gallery"],
)
def test_a_page_has_what_a_page_needs(path: str, query: str, headers: dict[str, str]) -> None:
    assert refusal(path, query, headers) == ""


@pytest.mark.parametrize(
    ("path", "query", "headers"),
    [
        (FUNCTIONS, "", PAGE | {"authorization": "AWS4-HMAC-SHA256 Credential=test/1"}),
        (FUNCTIONS, f"{SIGNED}test/1", PAGE),
        (FUNCTIONS, f"{SIGNED}000000000000/1", PAGE),
        (FUNCTIONS, SIGNED, PAGE),
        (FUNCTIONS, "X-Amz-Algorithm=AWS4-HMAC-SHA256", PAGE),
        (FUNCTIONS, f"{SIGNED}ASIA123/1&x-amz-credential=test/1", PAGE),
        ("/", "AWSAccessKeyId=test&Signature=0", PAGE),
        ("/_ministack/reset", "", PAGE),
        ("/_aws/lambda-url/x", "", PAGE),
        ("/_ministack/reset", "", HERE | {"sec-fetch-site": "same-site"}),
        ("/_ministack/reset", "", HERE | {"origin": "null"}),
    ],
)
def test_a_page_can_neither_name_a_key_nor_reach_what_is_inside(
    path: str, query: str, headers: dict[str, str]
) -> None:
    assert refusal(path, query, headers)


@pytest.mark.parametrize("host", ["", "elsewhere.example:4566", "127.0.0.1.elsewhere.example"])
def test_a_name_that_was_moved_to_this_machine_is_refused(host: str) -> None:
    assert refusal("/", "", {"host": host})
