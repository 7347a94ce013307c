"""The URLs of the API for users with a token and for AWS identities, with IAM enforced."""

import json
from collections.abc import Callable, Iterator

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from fakes.issuer import FakeIssuer
from live.stack import TIMEOUT_S

from imagemill.local.address import Address

PAGE = "https://elsewhere.example"


def ask(address: Address, token: str | None, method: str = "GET") -> httpx.Response:
    headers = {"origin": PAGE, **({"authorization": f"Bearer {token}"} if token else {})}
    return httpx.request(
        method, f"{address.users_api_url}/images", headers=headers, timeout=TIMEOUT_S
    )


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_token_of_the_issuer_opens_the_api(
    address: Address, issuer: FakeIssuer, algorithm: str
) -> None:
    assert ask(address, issuer.token(algorithm)).status_code == 200


def test_other_requests_to_the_url_of_users_are_refused_with_a_code(
    address: Address, issuer: FakeIssuer
) -> None:
    for token in (None, "a.b.c", issuer.token(exp=1), issuer.token(aud="another")):
        answer = ask(address, token)

        assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
        assert answer.headers["access-control-allow-origin"] == "*"


def test_a_token_is_no_key(address: Address, issuer: FakeIssuer) -> None:
    headers = {"authorization": f"Bearer {issuer.token()}"}

    answer = httpx.get(f"{address.api_url}/images", headers=headers, timeout=TIMEOUT_S)

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.fixture
def signed(session: boto3.Session, address: Address) -> Iterator[Callable[[str], httpx.Response]]:
    """Return a function that sends a signed request as a user who may list images."""
    iam = session.client("iam", endpoint_url=address.endpoint)
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    list_images = "arn:aws:execute-api:us-east-1:*:*/live/GET/images"
    allowed = {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": list_images}
    iam.put_user_policy(
        UserName="reader",
        PolicyName="list",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [allowed]}),
    )

    def send(method: str) -> httpx.Response:
        request = AWSRequest(method, f"{address.signed_api_url}/images")
        credentials = Credentials(key["AccessKeyId"], key["SecretAccessKey"])
        SigV4Auth(credentials, "execute-api", "us-east-1").add_auth(request)
        headers = dict(request.headers.items())
        return httpx.request(method, str(request.url), headers=headers, timeout=TIMEOUT_S)

    yield send
    iam.delete_user_policy(UserName="reader", PolicyName="list")
    iam.delete_access_key(UserName="reader", AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName="reader")


def test_iam_policies_decide_about_signed_requests(
    signed: Callable[[str], httpx.Response],
) -> None:
    assert signed("GET").status_code == 200
    assert signed("POST").status_code == 403


def test_an_unsigned_request_to_the_signed_url_is_refused_with_a_code(address: Address) -> None:
    answer = httpx.get(
        f"{address.signed_api_url}/images", headers={"origin": PAGE}, timeout=TIMEOUT_S
    )

    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")
    assert answer.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize("name", ["users_api_url", "signed_api_url"])
def test_preflights_and_health_need_no_credentials(address: Address, name: str) -> None:
    url = getattr(address, name)
    asked = {"origin": PAGE, "access-control-request-method": "DELETE"}

    assert httpx.options(f"{url}/images", headers=asked, timeout=TIMEOUT_S).status_code == 204
