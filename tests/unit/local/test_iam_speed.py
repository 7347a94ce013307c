import json
from types import SimpleNamespace
from typing import Any

import pytest
from ministack.core import iam_evaluator, responses, router
from ministack.services import sts

from imagemill.local.iam_speed import speed_up_iam

READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
SESSION = "ASIA" + "42" * 8
ROLE = "arn:aws:sts::123456789012:assumed-role/worker/one"


@pytest.fixture
def iam() -> SimpleNamespace:
    """The evaluator of MiniStack with the patch; the module itself stays as it is."""
    patched = SimpleNamespace(**vars(iam_evaluator))
    speed_up_iam(patched, responses, router)
    return patched


def signed_with(key: str) -> dict[str, str]:
    scope = f"{key}/20261130/us-east-1/s3/aws4_request"
    return {"authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host"}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Statement": list(statements)})


def test_a_policy_has_the_statements_that_ministack_reads(iam: SimpleNamespace) -> None:
    for text in (policy(READ), policy(READ, READ | {"Effect": "Deny"}), "no JSON", policy(READ)):
        assert iam.parse_policy_document(text) == iam_evaluator.parse_policy_document(text)
    assert iam.parse_policy_document({"Statement": READ})[0].actions == ["s3:GetObject"]


def test_a_policy_is_parsed_once_and_each_caller_has_a_list_of_its_own(
    iam: SimpleNamespace,
) -> None:
    first, second = iam.parse_policy_document(policy(READ)), iam.parse_policy_document(policy(READ))

    assert first[0] is second[0]
    first.clear()
    assert iam.parse_policy_document(policy(READ)) == second


@pytest.mark.parametrize("key", [SESSION, "AKIA" + "1" * 16, "test"])
def test_a_caller_has_the_arn_that_ministack_finds(
    iam: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    session = {"Arn": ROLE, "UserId": "worker:one", "SecretAccessKey": "s", "SessionToken": "t"}
    monkeypatch.setitem(sts._sessions, SESSION, session)

    found = iam.request_caller_arn(signed_with(key))

    assert found == iam_evaluator.request_caller_arn(signed_with(key))
    assert (found == ROLE) is (key == SESSION)


def test_a_request_without_a_signature_is_the_root_s(iam: SimpleNamespace) -> None:
    assert iam.request_caller_arn({}) == iam_evaluator.request_caller_arn({})
    assert iam.request_caller_arn({}).endswith(":root")
