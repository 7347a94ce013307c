"""Pairs of secrets in Secrets Manager."""

from collections.abc import Mapping
from dataclasses import dataclass

import boto3
import pytest
from botocore.exceptions import ClientError
from fakes.aws_server import CannedResponse, fake_aws
from moto import mock_aws

from imagemill.aws.light import SecretsManager
from imagemill.aws.secret_pairs import KeptSecrets, StoredPair
from imagemill.domain.secret_pair import SecretPair
from imagemill.errors import SetupFailed, StoreUnavailable

NAME = "the secret"


@dataclass
class Clock:
    """A clock that a test sets."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Client:
    """A client whose secret changes, and which fails if there is none."""

    present: str = "a"
    reads: int = 0

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, object]:  # noqa: N803  # boto3's name
        self.reads += 1
        if not self.present:
            raise ClientError(
                {"Error": {"Code": "Internal", "Message": SecretId}}, "GetSecretValue"
            )
        return {"SecretString": f'{{"present": "{self.present}"}}'}


def test_a_rotation_is_stored() -> None:
    with mock_aws():
        client = boto3.Session("key", "secret", region_name="eu-west-1").client("secretsmanager")
        arn = client.create_secret(Name="hook", SecretString='{"present": "a"}')["ARN"]
        store = StoredPair(client, arn, NAME)

        store.write(store.read().rotated())

        assert store.read().previous == "a"


def test_a_refused_request_is_explained() -> None:
    with mock_aws():
        client = boto3.Session("key", "secret", region_name="eu-west-1").client("secretsmanager")
        store = StoredPair(client, "missing", NAME)

        with pytest.raises(SetupFailed, match=r"cannot be used: .*ResourceNotFound"):
            store.read()
        with pytest.raises(SetupFailed, match=r"cannot be used: .*ResourceNotFound"):
            store.write(SecretPair("a"))


def test_a_function_reads_the_secrets() -> None:
    answer = CannedResponse(
        body=b'{"SecretString":"{\\"present\\":\\"a\\",\\"previous\\":\\"b\\"}"}'
    )
    with fake_aws(answer) as aws:
        secrets = KeptSecrets(SecretsManager(aws.environment), "arn", Clock(), NAME)

        assert secrets() == ("a", "b")


def test_a_new_secret_is_used_after_five_minutes() -> None:
    client, clock = Client(), Clock()
    secrets = KeptSecrets(client, "arn", clock, NAME)
    found = [secrets()]
    client.present = "b"
    for clock.now in (300, 301):
        found.append(secrets())

    assert found == [("a",), ("a",), ("b",)]
    assert client.reads == 2


def test_the_secrets_stay_if_they_cannot_be_read_again() -> None:
    client, clock = Client(), Clock()
    secrets = KeptSecrets(client, "arn", clock, NAME)
    secrets()
    client.present, clock.now = "", 301

    assert secrets() == ("a",)


def test_without_any_secret_it_is_a_temporary_error() -> None:
    with pytest.raises(StoreUnavailable):
        KeptSecrets(Client(present=""), "arn", Clock(), NAME)()
