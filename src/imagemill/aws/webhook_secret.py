"""The secrets of a stack's webhooks, in Secrets Manager."""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from imagemill.aws.errors import translated, usable
from imagemill.errors import TransientFault
from imagemill.webhooks.rotation import WebhookSecrets, secrets_from_json, secrets_to_json

if TYPE_CHECKING:
    from imagemill.aws.private_keys import SecretReader

_STORE = "the secret of the webhooks"
# Seconds for which a function uses the secrets that it has read. A request costs $0.000005.
_KEPT_S = 300


class SecretUpdater(Protocol):
    """The part of boto3's client that the commands use."""

    def get_secret_value(self, *, SecretId: str) -> "dict[str, object]":  # noqa: N803  # boto3's names
        """Return the current text of a secret."""

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> object:  # noqa: N803  # as above
        """Replace the text of a secret."""


class KeptSecrets:
    """The secrets to sign with, read again after some minutes; `clock` returns seconds."""

    def __init__(self, client: "SecretReader", secret: str, clock: Callable[[], float]) -> None:
        self._client = client
        self._secret = secret
        self._clock = clock
        self._found: WebhookSecrets | None = None
        self._read_at = 0.0
        self._lock = Lock()

    def __call__(self) -> tuple[str, ...]:
        """Return the valid secrets, the newest first.

        Raises TransientFault if they were never read and cannot be read now.
        """
        # The messages of a batch are sent in parallel.
        with self._lock:
            if self._found is None or self._clock() - self._read_at > _KEPT_S:
                self._found = self._read()
                self._read_at = self._clock()
            return self._found.valid

    def _read(self) -> WebhookSecrets:
        try:
            with translated(_STORE):
                text = self._client.get_secret_value(SecretId=self._secret)["SecretString"]
        except TransientFault:
            if self._found is None:
                raise
            return self._found
        return secrets_from_json(str(text))


class WebhookSecret:
    """Implements `webhooks.rotation.SecretStore` with boto3; `secret` is the ARN."""

    def __init__(self, client: SecretUpdater, secret: str) -> None:
        self._client = client
        self._secret = secret

    def read(self) -> WebhookSecrets:
        """Return the present secret and the one before; raises SetupFailed."""
        with usable(_STORE):
            text = self._client.get_secret_value(SecretId=self._secret)["SecretString"]
        return secrets_from_json(str(text))

    def write(self, new: WebhookSecrets) -> None:
        """Replace the secrets; raises SetupFailed."""
        with usable(_STORE):
            self._client.put_secret_value(SecretId=self._secret, SecretString=secrets_to_json(new))
