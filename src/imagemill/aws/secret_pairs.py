"""Pairs of secrets in Secrets Manager: those of webhooks and of share links."""

from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from imagemill.aws.errors import translated, usable
from imagemill.domain.secret_pair import SecretPair, pair_from_json, pair_to_json
from imagemill.errors import TransientFault

if TYPE_CHECKING:
    from imagemill.aws.private_keys import SecretReader

# Seconds for which a function uses the secrets that it has read. A request costs $0.000005.
_KEPT_S = 300


class SecretUpdater(Protocol):
    """The part of boto3's client that the commands use."""

    def get_secret_value(self, *, SecretId: str) -> "dict[str, object]":  # noqa: N803  # boto3's names
        """Return the current text of a secret."""

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> object:  # noqa: N803  # as above
        """Replace the text of a secret."""


class KeptSecrets:
    """The valid secrets, read again after some minutes; `clock` returns seconds.

    `name` is that of the secret in errors.
    """

    def __init__(
        self, client: "SecretReader", secret: str, clock: Callable[[], float], name: str
    ) -> None:
        self._client = client
        self._secret = secret
        self._clock = clock
        self._name = name
        self._found: SecretPair | None = None
        self._read_at = 0.0
        self._lock = Lock()

    def __call__(self, kept_s: float = _KEPT_S) -> tuple[str, ...]:
        """Return the valid secrets, the newest first, read at most `kept_s` seconds ago.

        Raises TransientFault if they were never read and cannot be read now.
        """
        # The messages of a batch are sent in parallel.
        with self._lock:
            if self._found is None or self._clock() - self._read_at > kept_s:
                self._found = self._read()
                self._read_at = self._clock()
            return self._found.valid

    def _read(self) -> SecretPair:
        try:
            with translated(self._name):
                text = self._client.get_secret_value(SecretId=self._secret)["SecretString"]
        except TransientFault:
            if self._found is None:
                raise
            return self._found
        return pair_from_json(str(text))


class StoredPair:
    """Implements `domain.secret_pair.SecretStore` with boto3; `secret` is the ARN.

    `name` is that of the secret in errors.
    """

    def __init__(self, client: SecretUpdater, secret: str, name: str) -> None:
        self._client = client
        self._secret = secret
        self._name = name

    def read(self) -> SecretPair:
        """Return the present secret and the one before; raises SetupFailed."""
        with usable(self._name):
            text = self._client.get_secret_value(SecretId=self._secret)["SecretString"]
        return pair_from_json(str(text))

    def write(self, new: SecretPair) -> None:
        """Replace the secrets; raises SetupFailed."""
        with usable(self._name):
            self._client.put_secret_value(SecretId=self._secret, SecretString=pair_to_json(new))
