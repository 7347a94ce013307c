"""Credentials from the environment, and from the endpoint that Lambda provides after a restore."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.credentials import ContainerProvider
from fakes.aws_server import CannedResponse, FakeAwsServer, fake_aws

from imagemill.aws.light import ConfigurationError, DynamoDB, NoValidResponse
from imagemill.aws.light.credentials import ContainerCredentials, Credentials, credentials_provider
from imagemill.aws.light.errors import CredentialsUnavailable
from imagemill.aws.light.inputs import GetItemInput

ITEM: GetItemInput = {"TableName": "t", "Key": {"id": {"S": "1"}}}
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FULL_URI, TOKEN = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "own",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_SESSION_TOKEN": "t",
}


@dataclass
class FakeClock:
    """A clock that tests set."""

    time: datetime = NOON

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **amount: float) -> None:
        self.time += timedelta(**amount)


def response(
    name: str = "fetched", *, expires: datetime = NOON + timedelta(hours=1)
) -> CannedResponse:
    """Return a response of the endpoint."""
    found = {
        "AccessKeyId": name,
        "SecretAccessKey": f"{name}-secret",
        "Token": f"{name}-token",
        "Expiration": expires.isoformat().replace("+00:00", "Z"),
        "AccountId": "123456789012",
    }
    return CannedResponse(body=json.dumps(found).encode())


def environment(aws: FakeAwsServer) -> dict[str, str]:
    return {FULL_URI: f"{aws.endpoint}/2021/keys?of=role", TOKEN: "sesame"}


def test_credentials_are_fetched_as_botocore_fetches_them() -> None:
    later = response(expires=datetime.now(UTC) + timedelta(hours=6))
    with fake_aws(later) as aws:
        expected: Any = ContainerProvider(environment(aws)).load()

        credentials = ContainerCredentials(environment(aws))()

    assert credentials == Credentials(*expected.get_frozen_credentials()[:3])
    [theirs, ours] = [
        (method, path, headers["accept"], headers["authorization"])
        for method, path, headers, _ in aws.requests
    ]
    assert ours == theirs == ("GET", "/2021/keys?of=role", "application/json", "sesame")


def test_credentials_in_the_environment_come_first_without_a_request() -> None:
    with fake_aws(response()) as aws:
        credentials = credentials_provider(environment(aws) | ENVIRONMENT)()

    assert credentials == Credentials("own", "secret", "t")
    assert aws.requests == []


def test_making_a_client_fetches_no_credentials() -> None:
    with fake_aws(response()) as aws:
        DynamoDB(environment(aws) | {"AWS_REGION": "eu-west-1"})

    assert aws.requests == []


def test_a_request_is_signed_with_fetched_credentials() -> None:
    empty, found = (
        CannedResponse(body=b"{}"),
        response(expires=datetime.now(UTC) + timedelta(hours=1)),
    )
    with fake_aws(found) as endpoint, fake_aws(empty) as aws:
        table = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": aws.endpoint}
        DynamoDB(environment(endpoint) | table).get_item(**ITEM)

    [(_, _, headers, _)] = aws.requests
    assert headers["x-amz-security-token"] == "fetched-token"
    assert " Credential=fetched/" in headers["authorization"]


def test_many_threads_fetch_credentials_once() -> None:
    with fake_aws(response()) as aws, ThreadPoolExecutor(8) as pool:
        credentials = ContainerCredentials(environment(aws), FakeClock())

        found = {one.result().key_id for one in [pool.submit(credentials) for _ in range(32)]}

    assert found == {"fetched"}
    assert len(aws.requests) == 1


@pytest.mark.parametrize(
    ("minutes", "name"), [(0, "first"), (49, "first"), (50, "second"), (90, "second")]
)
def test_credentials_are_renewed_ten_minutes_before_they_expire(minutes: int, name: str) -> None:
    clock = FakeClock()
    with fake_aws(response("first"), response("second")) as aws:
        credentials = ContainerCredentials(environment(aws), clock)
        credentials()

        clock.advance(minutes=minutes)

        assert credentials().key_id == name


def test_the_token_is_read_from_the_environment_at_each_request() -> None:
    with fake_aws(response()) as aws:
        environ = environment(aws)
        credentials = ContainerCredentials(environ, FakeClock())
        environ[TOKEN] = "after the restore"

        credentials()

    assert aws.requests[0][2]["authorization"] == "after the restore"


def test_credentials_that_cannot_be_renewed_are_used_until_they_expire() -> None:
    clock = FakeClock()
    with fake_aws(response(), CannedResponse(500)) as aws:
        credentials = ContainerCredentials(environment(aws), clock)
        credentials()
        clock.advance(minutes=55)

        assert [credentials().key_id, credentials().key_id] == ["fetched", "fetched"]

        # The second call is within 30 seconds of the first, so it makes no request.
        assert len(aws.requests) == 2
        clock.advance(minutes=5)
        with pytest.raises(CredentialsUnavailable):
            credentials()


def test_short_lived_credentials_are_not_fetched_for_each_call() -> None:
    clock = FakeClock()
    with fake_aws(response(expires=NOON + timedelta(minutes=2))) as aws:
        credentials = ContainerCredentials(environment(aws), clock)
        credentials()
        clock.advance(seconds=29)
        credentials()

    assert len(aws.requests) == 1


@pytest.mark.parametrize(
    "said",
    [
        CannedResponse(403, body=b'{"SecretAccessKey": "s3cr3t"}'),
        CannedResponse(hang_up=True),
        CannedResponse(body=b"s3cr3t"),
        CannedResponse(body=b'["s3cr3t"]'),
        CannedResponse(
            body=b'{"AccessKeyId": "a", "SecretAccessKey": "s3cr3t", "Token": "s3cr3t"}'
        ),
        CannedResponse(body=b"\xff s3cr3t"),
        CannedResponse(body=b"s3cr3t", truncated=True),
    ],
)
def test_an_endpoint_without_credentials_raises_an_error_without_secrets(
    said: CannedResponse,
) -> None:
    with fake_aws(said) as aws:
        table = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://h:1"}
        client = DynamoDB(environment(aws) | table, lambda _: None)

        with pytest.raises(NoValidResponse, match=r"^CredentialsUnavailable$") as caught:
            client.get_item(**ITEM)

    assert "s3cr3t" not in whole_text(caught.value)
    assert "sesame" not in whole_text(caught.value)


def test_a_token_that_is_not_a_valid_header_is_not_quoted() -> None:
    with fake_aws(response()) as aws:
        credentials = ContainerCredentials(environment(aws) | {TOKEN: "sesame\r\nx: y"})

        with pytest.raises(CredentialsUnavailable) as caught:
            credentials()

    assert aws.requests == []
    assert "sesame" not in whole_text(caught.value)


def test_the_text_of_credentials_contains_no_secret() -> None:
    assert str(Credentials("id", "secret-1", "token-1")) == "Credentials(key_id='id')"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]
)
def test_an_endpoint_on_this_machine_is_allowed_without_tls(host: str) -> None:
    assert ContainerCredentials({FULL_URI: f"http://{host}:9001/keys"})


@pytest.mark.parametrize(
    "address",
    ["http://example.com/", "http://169.254.169.254/", "http://10.0.0.1/", "ftp://localhost/", "x"],
)
def test_another_endpoint_needs_tls(address: str) -> None:
    with pytest.raises(ConfigurationError, match=FULL_URI):
        credentials_provider({FULL_URI: address})


def whole_text(fault: BaseException) -> str:
    """Return the text of an error, of its causes and of their contexts, as a log shows it."""
    texts = [repr(fault), *(repr(part) for part in fault.args)]
    before = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return " ".join([*texts, whole_text(before) if before else ""])
