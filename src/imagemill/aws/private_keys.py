"""The keys of private images of a stack, in Secrets Manager."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from imagemill.aws.errors import error_code, error_responses, translated, usable
from imagemill.private.keys import keys_from_json, keys_to_json

if TYPE_CHECKING:
    from imagemill.private.keys import StoredKey

_STORE = "the secret with the keys of private images"
_MISSING = "ResourceNotFoundException"


class SecretReader(Protocol):
    """The part of a client of Secrets Manager that reads."""

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, object]:  # noqa: N803  # boto3's names
        """Return the current text of a secret."""


class SecretWriter(SecretReader, Protocol):
    """The part of boto3's client that the commands use."""

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> object:  # noqa: N803  # as above
        """Replace the text of a secret."""

    def create_secret(self, *, Name: str, Description: str, SecretString: str) -> object:  # noqa: N803  # as above
        """Make a secret."""


def read_keys(client: SecretReader, secret: str) -> "tuple[StoredKey, ...]":
    """Return the keys in a secret, the newest first; raises TransientFault if it cannot be read."""
    with translated(_STORE):
        text = client.get_secret_value(SecretId=secret)["SecretString"]
    return keys_from_json(str(text))


class SecretKeys:
    """Implements `private.keys.PrivateKeys` with boto3; `secret` is the name."""

    def __init__(self, client: SecretWriter, secret: str) -> None:
        self._client = client
        self._secret = secret

    def read(self) -> "tuple[StoredKey, ...]":
        """Return the newest key and the one before; none if there is no secret."""
        with usable(_STORE):
            try:
                found = self._client.get_secret_value(SecretId=self._secret)
            except error_responses() as fault:
                if error_code(fault) == _MISSING:
                    return ()
                raise
        return keys_from_json(str(found["SecretString"]))

    def write(self, keys: "tuple[StoredKey, ...]") -> None:
        """Replace the keys, and make the secret if there is none."""
        text = keys_to_json(keys)
        with usable(_STORE):
            try:
                self._client.put_secret_value(SecretId=self._secret, SecretString=text)
            except error_responses() as fault:
                if error_code(fault) != _MISSING:
                    raise
                self._client.create_secret(
                    Name=self._secret,
                    Description="Keys that sign the URLs and cookies of private images",
                    SecretString=text,
                )
