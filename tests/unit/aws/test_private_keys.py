"""The keys of private images in Secrets Manager."""

from collections.abc import Iterator, Mapping

import boto3
import pytest
from botocore.exceptions import ClientError
from fakes.aws_server import CannedResponse, fake_aws
from moto import mock_aws

from imagemill.aws.light import SecretsManager
from imagemill.aws.private_keys import SecretKeys, read_keys
from imagemill.errors import SetupFailed, StoreUnavailable
from imagemill.private.keys import StoredKey, keys_to_json

KEYS = (StoredKey(2, "private", "public"), StoredKey(1, "older", "public"))


@pytest.fixture
def store() -> Iterator[SecretKeys]:
    with mock_aws():
        session = boto3.Session("key", "secret", region_name="eu-west-1")
        yield SecretKeys(session.client("secretsmanager"), "shop/private-images")


def test_the_secret_is_made_with_the_first_keys(store: SecretKeys) -> None:
    before = store.read()
    store.write(KEYS[1:])
    store.write(KEYS)

    assert before == ()
    assert store.read() == KEYS


def test_a_function_reads_the_keys() -> None:
    text = keys_to_json(KEYS).replace('"', '\\"')
    with fake_aws(CannedResponse(body=f'{{"SecretString":"{text}"}}'.encode())) as aws:
        found = read_keys(SecretsManager(aws.environment), "shop/private-images")

    assert found == KEYS
    [(_, _, headers, body)] = aws.requests
    assert headers["x-amz-target"] == "secretsmanager.GetSecretValue"
    assert body == b'{"SecretId":"shop/private-images"}'


def test_an_answer_without_a_text_is_not_believed() -> None:
    with fake_aws(CannedResponse(body=b'{"SecretBinary":"AAAA"}')) as aws:
        client = SecretsManager(aws.environment)
        with pytest.raises(StoreUnavailable, match="no text"):
            read_keys(client, "a")


def test_a_refused_request_is_explained() -> None:
    class Refusing:
        """A client without permissions."""

        def get_secret_value(self, *, SecretId: str) -> Mapping[str, object]:  # noqa: N803
            raise denied(SecretId)

        def put_secret_value(self, *, SecretId: str, SecretString: str) -> object:  # noqa: N803
            raise denied(SecretId + SecretString)

        def create_secret(self, *, Name: str, Description: str, SecretString: str) -> object:  # noqa: N803
            raise denied(Name + Description + SecretString)

    keys = SecretKeys(Refusing(), "a")
    with pytest.raises(SetupFailed, match=r"cannot be used: .*AccessDenied"):
        keys.read()
    with pytest.raises(SetupFailed, match=r"cannot be used: .*AccessDenied"):
        keys.write(KEYS)


def denied(what: str) -> Exception:
    return ClientError({"Error": {"Code": "AccessDeniedException", "Message": what}}, "Any")
