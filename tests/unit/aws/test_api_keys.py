"""API keys with scopes, by stubbed answers of API Gateway."""

import boto3
import pytest
from botocore.stub import Stubber

from imagemill.aws.api_keys import ApiIds, ApiKeys
from imagemill.domain.api_key import KeyLimits, KeyRequest
from imagemill.errors import SetupFailed, UsageInvalid

IDS = ApiIds("mill", "api", "plan")


def test_a_key_that_gets_no_usage_plan_is_deleted_again() -> None:
    client = boto3.Session("key", "secret", region_name="eu-west-1").client("apigateway")
    request = KeyRequest("booth", frozenset({"upload"}), KeyLimits(requests_per_day=10))

    with Stubber(client) as stub:
        stub.add_response("create_api_key", {"id": "k1"})
        stub.add_response("get_usage_plan", {"id": "plan"}, {"usagePlanId": "plan"})
        stub.add_client_error("create_usage_plan", "LimitExceededException")
        stub.add_response("delete_api_key", {}, {"apiKey": "k1"})
        with pytest.raises(SetupFailed, match="LimitExceeded"):
            ApiKeys(client, IDS).create(request)

        stub.assert_no_pending_responses()


@pytest.mark.parametrize("name", ["Booth", "a b", "", "x" * 33])
def test_a_wrong_name_is_an_error_of_the_command_line(name: str) -> None:
    client = boto3.Session("key", "secret", region_name="eu-west-1").client("apigateway")
    request = KeyRequest(name, frozenset({"upload"}), KeyLimits())

    with pytest.raises(UsageInvalid, match=f"a-z, 0-9 and -, got '{name}'"):
        ApiKeys(client, IDS).create(request)
