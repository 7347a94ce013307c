"""Webhooks are signed and verified as the vectors say, which the other verifiers share."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from imagemill import webhooks
from imagemill.webhooks import SignatureExpired, WebhookEvent, WebhookInvalid, sign, verify

ROOT = Path(__file__).parents[3]
VECTORS = json.loads((ROOT / "tests/vectors/webhooks.json").read_text("utf-8"))
SECRET = "9VhcJ2mDqTz4kW7nRb0XsYf6LgP1uAeHoC3iKjE5tMv"
EVENT = {"id": "1", "detail-type": "Image ready", "time": "2026-11-29T21:00:00Z", "detail": {}}
BODY = json.dumps(EVENT).encode()
CODES = sorted(
    one.code
    for one in vars(webhooks).values()
    if isinstance(one, type) and issubclass(one, WebhookInvalid) and one is not WebhookInvalid
)

Case = dict[str, Any]


def named(cases: list[Case]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", cases, ids=[case["name"] for case in cases])


def error_of(case: Case) -> str | None:
    """Return the code of the error that a request is refused with."""
    try:
        verify(
            case["body"].encode(),
            case["header"],
            case["secrets"],
            now=case["now"],
            tolerance_s=case["tolerance_s"],
        )
    except WebhookInvalid as fault:
        return fault.code
    return None


@named(VECTORS["signing"])
def test_a_body_is_signed_as_in_the_vectors(case: Case) -> None:
    assert sign(case["body"].encode(), case["secrets"], case["timestamp"]) == case["header"]


@named(VECTORS["verifying"])
def test_a_request_is_accepted_or_refused_as_in_the_vectors(case: Case) -> None:
    assert error_of(case) == case["error"]


def test_the_header_has_the_name_of_the_vectors() -> None:
    assert VECTORS["header"] == webhooks.SIGNATURE_HEADER


def test_the_event_of_a_request_is_returned() -> None:
    event = verify(BODY, sign(BODY, SECRET, 1_000), SECRET, now=1_000)

    assert event == WebhookEvent("1", "Image ready", "2026-11-29T21:00:00Z", {})


def test_the_clock_of_the_receiver_is_the_default() -> None:
    now = int(time.time())

    verify(BODY, sign(BODY, SECRET, now), SECRET)

    with pytest.raises(SignatureExpired):
        verify(BODY, sign(BODY, SECRET, now - 3_600), SECRET)


@pytest.mark.parametrize("secrets", ["", [], [SECRET, ""]])
def test_an_empty_secret_is_a_mistake_of_the_receiver(secrets: str | list[str]) -> None:
    with pytest.raises(ValueError, match="empty"):
        verify(BODY, sign(BODY, SECRET, 1_000), secrets, now=1_000)


def test_a_header_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(WebhookInvalid):
        verify(BODY, "t=1000,v1=\udc80", SECRET, now=1_000)


@pytest.mark.parametrize("code", CODES)
def test_every_reason_is_documented_and_has_a_vector(code: str) -> None:
    assert f"`{code}`" in (ROOT / "docs/webhooks.md").read_text("utf-8")
    assert code in {case["error"] for case in VECTORS["verifying"]}
