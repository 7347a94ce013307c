"""Users with a token, AWS identities and keys with scopes, with IAM enforced."""

import json
import secrets
import time
from collections.abc import Callable, Iterator

import boto3
import httpx
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as SigningCredentials
from fakes.images import jpeg
from fakes.issuer import FakeIssuer
from live.stack import TIMEOUT_S, Stack, credentials_of

from imagemill.domain.api_key import KeyLimits, KeyRequest
from imagemill.domain.keys import owner_id
from imagemill.errors import SetupFailed
from imagemill.local.address import Address
from imagemill.wiring.api_keys import Keys, open_api_keys, open_audit_log

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
        credentials = SigningCredentials(key["AccessKeyId"], key["SecretAccessKey"])
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


def test_a_user_lists_reads_and_deletes_own_images_only(
    address: Address, issuer: FakeIssuer, stack: Stack
) -> None:
    alice, bob, root = (
        {"authorization": f"Bearer {issuer.token(**claims)}"}
        for claims in ({"sub": "alice"}, {"sub": "bob"}, {"sub": "root", "groups": ["admins"]})
    )
    with httpx.Client(base_url=address.users_api_url, timeout=TIMEOUT_S) as users:
        kind = {**alice, "content-type": "image/jpeg"}
        made = users.post("/images", headers=kind, content=jpeg(400, 300)).json()
        record = stack.wait_until_final(made["key"])
        path = f"/images/{made['id']}"

        assert record.status == "ready"
        listed = [users.get("/images", headers=who).json()["images"] for who in (alice, bob, root)]
        assert made["id"] in {one["id"] for one in listed[0]}
        assert {one["owner"] for one in listed[0]} == {owner_id("user:alice")}
        assert listed[1] == []
        assert made["id"] in {one["id"] for one in listed[2]}
        assert users.get(path, headers=bob).status_code == 404
        assert users.delete(path, headers=bob).status_code == 404
        assert users.delete(path, headers=alice).status_code == 202
        assert users.get(path, headers=root).status_code == 410


@pytest.fixture
def keys(address: Address) -> Iterator[Keys]:
    """Return the keys of the stack; those that the test makes are deleted."""
    opened = open_api_keys(address.stack, credentials_of(address))
    assert opened.has_owners
    yield opened.keys
    for key in opened.keys.all():
        opened.keys.delete(key.id)


def test_a_key_permits_what_it_was_made_for_up_to_its_quota(address: Address, keys: Keys) -> None:
    limits = KeyLimits(requests_per_day=2)
    made = keys.create(KeyRequest("photo-booth", frozenset({"upload", "read"}), limits))

    with httpx.Client(
        base_url=address.api_url, headers={"x-api-key": made.value}, timeout=TIMEOUT_S
    ) as client:
        answers = [client.delete(f"/images/{'a' * 26}"), client.get("/images")]
        over = client.get("/images")

    assert [one.status_code for one in answers] == [403, 200]
    assert (over.status_code, over.json()["code"]) == (429, "quota_exceeded")
    [listed] = keys.all()
    assert (listed.id, listed.name, listed.scopes) == (made.id, "photo-booth", ("upload", "read"))
    assert listed.limits.requests_per_day == 2


def test_a_deleted_key_is_no_longer_accepted(address: Address, keys: Keys) -> None:
    made = keys.create(KeyRequest("ops", frozenset({"admin"}), KeyLimits()))
    headers = {"x-api-key": made.value}
    before = httpx.get(f"{address.api_url}/images", headers=headers, timeout=TIMEOUT_S)

    keys.delete(made.id)
    after = httpx.get(f"{address.api_url}/images", headers=headers, timeout=TIMEOUT_S)

    assert (before.status_code, after.status_code) == (200, 403)
    with pytest.raises(SetupFailed):
        keys.delete(made.id)


def test_the_audit_log_names_uploads_deletions_and_changes_of_keys_with_their_actors(
    address: Address, issuer: FakeIssuer
) -> None:
    start_s = time.time() - 1
    user = f"dora-{secrets.token_hex(4)}"
    headers = {
        "authorization": f"Bearer {issuer.token(sub=user, groups=['admins'])}",
        "content-type": "image/jpeg",
    }
    with httpx.Client(base_url=address.users_api_url, headers=headers, timeout=TIMEOUT_S) as client:
        made = client.post("/images", content=jpeg(40, 30)).json()
        while client.delete(f"/images/{made['id']}").status_code == 409:
            time.sleep(0.1)
    log = open_audit_log(address.stack, credentials_of(address))
    log.add("create key", f"booth-{user}")

    found = log.entries(start_s)

    actions = [(one.action, one.actor) for one in found if one.image == made["id"]]
    assert actions == [("upload", f"user:{user}"), ("delete", f"user:{user}")]
    [change] = [one for one in found if one.target == f"booth-{user}"]
    assert (change.action, change.actor[:8]) == ("create key", "iam:arn:")
