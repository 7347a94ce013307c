"""Keys from the environment, and those that Lambda lends to a copy made from a snapshot."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.credentials import ContainerProvider
from fakes.aws_server import CannedResponse, FakeAwsServer, fake_aws

from imagemill.aws.errors import translated
from imagemill.aws.light.clients import DynamoDB
from imagemill.aws.light.credentials import (
    AccessKeys,
    ContainerCredentials,
    NoCredentials,
    credentials_provider,
)
from imagemill.errors import ConfigurationInvalid, StoreUnavailable

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
FULL_URI, TOKEN = "AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN"
OWN = {"AWS_ACCESS_KEY_ID": "own", "AWS_SECRET_ACCESS_KEY": "whisper", "AWS_SESSION_TOKEN": "t"}


@dataclass
class Watch:
    """A clock that is set by hand."""

    time: datetime = NOON

    def __call__(self) -> datetime:
        return self.time

    def passes(self, **amount: float) -> None:
        self.time += timedelta(**amount)


def lent(name: str = "lent", *, expires: datetime = NOON + timedelta(hours=1)) -> CannedResponse:
    """Return what Lambda's address answers."""
    found = {
        "AccessKeyId": name,
        "SecretAccessKey": f"{name}-hush",
        "Token": f"{name}-token",
        "Expiration": expires.isoformat().replace("+00:00", "Z"),
        "AccountId": "123456789012",
    }
    return CannedResponse(body=json.dumps(found).encode())


def environment(aws: FakeAwsServer) -> dict[str, str]:
    return {FULL_URI: f"{aws.endpoint}/2021/keys?of=role", TOKEN: "sesame"}


def test_keys_are_lent_as_botocore_borrows_them() -> None:
    later = lent(expires=datetime.now(UTC) + timedelta(hours=6))
    with fake_aws(later) as aws:
        credentials: Any = ContainerProvider(environment(aws)).load()

        keys = ContainerCredentials(environment(aws))()

    assert keys == AccessKeys(*credentials.get_frozen_credentials()[:3])
    [theirs, ours] = [
        (method, path, headers["accept"], headers["authorization"])
        for method, path, headers, _ in aws.requests
    ]
    assert ours == theirs == ("GET", "/2021/keys?of=role", "application/json", "sesame")


def test_keys_of_the_environment_come_first_and_nobody_is_asked() -> None:
    with fake_aws(lent()) as aws:
        keys = credentials_provider(environment(aws) | OWN)()

    assert keys == AccessKeys("own", "whisper", "t")
    assert aws.requests == []


def test_what_is_made_before_a_snapshot_asks_for_no_keys() -> None:
    with fake_aws(lent()) as aws:
        DynamoDB(environment(aws) | {"AWS_REGION": "eu-west-1"})

    assert aws.requests == []


def test_a_request_is_signed_with_lent_keys() -> None:
    table, keys = CannedResponse(body=b"{}"), lent(expires=datetime.now(UTC) + timedelta(hours=1))
    with fake_aws(keys) as lender, fake_aws(table) as aws:
        places = {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": aws.endpoint}
        DynamoDB(environment(lender) | places).get_item(TableName="t")

    [(_, _, headers, _)] = aws.requests
    assert headers["x-amz-security-token"] == "lent-token"
    assert " Credential=lent/" in headers["authorization"]


def test_lent_keys_are_asked_for_once_by_however_many_threads() -> None:
    with fake_aws(lent()) as aws, ThreadPoolExecutor(8) as pool:
        keys = ContainerCredentials(environment(aws), Watch())

        found = {one.result().key_id for one in [pool.submit(keys) for _ in range(32)]}

    assert found == {"lent"}
    assert len(aws.requests) == 1


@pytest.mark.parametrize(
    ("minutes", "name"), [(0, "first"), (49, "first"), (50, "second"), (90, "second")]
)
def test_lent_keys_are_renewed_ten_minutes_before_they_expire(minutes: int, name: str) -> None:
    watch = Watch()
    with fake_aws(lent("first"), lent("second")) as aws:
        keys = ContainerCredentials(environment(aws), watch)
        keys()

        watch.passes(minutes=minutes)

        assert keys().key_id == name


def test_the_token_is_the_one_that_stands_in_the_environment_by_then() -> None:
    with fake_aws(lent()) as aws:
        told = environment(aws)
        keys = ContainerCredentials(told, Watch())
        told[TOKEN] = "after the restore"

        keys()

    assert aws.requests[0][2]["authorization"] == "after the restore"


def test_keys_that_cannot_be_renewed_are_used_as_long_as_they_hold() -> None:
    watch = Watch()
    with fake_aws(lent(), CannedResponse(500)) as aws:
        keys = ContainerCredentials(environment(aws), watch)
        keys()
        watch.passes(minutes=55)

        assert [keys().key_id, keys().key_id] == ["lent", "lent"]

        assert len(aws.requests) == 2  # one that lends has half a minute's peace
        watch.passes(minutes=5)
        with pytest.raises(NoCredentials):
            keys()


def test_keys_that_hold_for_a_short_time_are_not_asked_for_each_time() -> None:
    watch = Watch()
    with fake_aws(lent(expires=NOON + timedelta(minutes=2))) as aws:
        keys = ContainerCredentials(environment(aws), watch)
        keys()
        watch.passes(seconds=29)
        keys()

    assert len(aws.requests) == 1


@pytest.mark.parametrize(
    "said",
    [
        CannedResponse(403, body=b'{"SecretAccessKey": "hush"}'),
        CannedResponse(hang_up=True),
        CannedResponse(body=b"hush"),
        CannedResponse(body=b'["hush"]'),
        CannedResponse(body=b'{"AccessKeyId": "a", "SecretAccessKey": "hush", "Token": "hush"}'),
        CannedResponse(body=b"\xff hush"),
        CannedResponse(body=b"hush", truncated=True),
    ],
)
def test_who_lends_nothing_is_a_store_that_is_away_and_no_secret_is_told(
    said: CannedResponse,
) -> None:
    with fake_aws(said) as aws:
        told = environment(aws) | {"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://h:1"}
        table = DynamoDB(told, lambda _: None)

        with (
            pytest.raises(StoreUnavailable, match="could not be reached: NoKeys") as caught,
            translated("DynamoDB"),
        ):
            table.get_item(TableName="t")

    assert "hush" not in every_word_of(caught.value)
    assert "sesame" not in every_word_of(caught.value)


def test_a_token_that_is_no_header_is_not_told() -> None:
    with fake_aws(lent()) as aws:
        keys = ContainerCredentials(environment(aws) | {TOKEN: "sesame\r\nx: y"})

        with pytest.raises(NoCredentials) as caught:
            keys()

    assert aws.requests == []
    assert "sesame" not in every_word_of(caught.value)


def test_the_text_of_keys_tells_no_secret() -> None:
    assert str(AccessKeys("id", "secret-1", "token-1")) == "Keys(key_id='id')"


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "[::1]", "169.254.170.2", "169.254.170.23", "[fd00:ec2::23]"]
)
def test_an_address_of_this_machine_may_be_asked_without_tls(host: str) -> None:
    assert ContainerCredentials({FULL_URI: f"http://{host}:9001/keys"})


@pytest.mark.parametrize(
    "address",
    ["http://example.com/", "http://169.254.169.254/", "http://10.0.0.1/", "ftp://localhost/", "x"],
)
def test_no_other_address_is_given_the_token(address: str) -> None:
    with pytest.raises(ConfigurationInvalid, match=FULL_URI):
        credentials_provider({FULL_URI: address})


def every_word_of(fault: BaseException) -> str:
    """Return what a log would tell of a fault, its causes and what they arose from."""
    said = [repr(fault), *(repr(one) for one in fault.args)]
    before = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return " ".join([*said, every_word_of(before) if before else ""])
