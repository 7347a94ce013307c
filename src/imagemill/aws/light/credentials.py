"""The keys of a function's role, from where Lambda tells them.

Usually that is the environment. To a copy made from a snapshot (SnapStart) Lambda tells none there,
since they would be those of the day the snapshot was taken, but an address that answers with the
keys of the moment. Source: "Container credential provider" in the AWS SDKs and Tools Reference.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from threading import Lock
from urllib.parse import urlsplit

from imagemill.aws.light.connection import BROKEN, ConnectionPool, Timeouts
from imagemill.aws.light.endpoint import Endpoint
from imagemill.errors import ConfigurationInvalid

_ADDRESS = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105  # the variable's name
_LOCAL = frozenset({"localhost", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"})
"""Hosts that may be asked without TLS besides loopback: they lead nowhere else."""
_EARLY = timedelta(minutes=10)
"""How long before they expire keys are renewed: longer than any request takes."""
_PAUSE = timedelta(seconds=30)
"""Between two tries to renew keys that still hold."""
_OK = 200
_NEVER = datetime.min.replace(tzinfo=UTC)

Now = Callable[[], datetime]


class NoCredentials(OSError):
    """Nobody told the keys; the message bears none of them, nor the token they are asked with."""


@dataclass(frozen=True, slots=True)
class AccessKeys:
    """What requests are signed with; its text tells no secret."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)


Keyring = Callable[[], AccessKeys]
"""Gives the keys of the moment; raises NoKeys."""


def credentials_provider(environ: Mapping[str, str]) -> Keyring:
    """Return what gives the function's keys; raises ConfigurationInvalid where nothing tells any.

    Nothing is asked yet: what is made before a snapshot has no keys in it.
    """
    if "AWS_ACCESS_KEY_ID" not in environ and _ADDRESS in environ:
        return ContainerCredentials(environ)
    try:
        keys = AccessKeys(
            key_id=environ["AWS_ACCESS_KEY_ID"],
            secret=environ["AWS_SECRET_ACCESS_KEY"],
            token=environ.get("AWS_SESSION_TOKEN", ""),
        )
    except KeyError as absent:
        raise ConfigurationInvalid(f"expected {absent.args[0]} to be set") from absent
    return lambda: keys


class ContainerCredentials:
    """Keys that are asked for at an address of Lambda's, and again before they expire.

    For any number of threads. Keys that cannot be renewed are used as long as they hold.
    """

    def __init__(self, environ: Mapping[str, str], now: Now = lambda: datetime.now(UTC)) -> None:
        self._environ = environ
        self._now = now
        self._endpoint, self._path = _place(environ[_ADDRESS])
        self._lock = Lock()
        self._keys = AccessKeys("", "", "")
        self._due = self._expires = _NEVER

    def __call__(self) -> AccessKeys:
        """Return the keys of the moment; raises NoKeys."""
        with self._lock:
            if self._now() >= self._due:
                self._renew()
            return self._keys

    def _renew(self) -> None:
        now = self._now()
        try:
            self._keys, self._expires = self._asked()
        except NoCredentials:
            if now >= self._expires:
                raise
            self._due = min(now + _PAUSE, self._expires)
        else:
            self._due = max(self._expires - _EARLY, min(now + _PAUSE, self._expires))

    def _asked(self) -> tuple[AccessKeys, datetime]:
        headers = {"host": self._endpoint.host, "accept": "application/json"} | self._proof()
        try:
            line = ConnectionPool(self._endpoint, Timeouts())
            with closing(line.ask("GET", self._path, headers, b"")) as answer:
                told = answer.read()
        except BROKEN as fault:
            raise NoCredentials(f"no answer from {_ADDRESS}: {type(fault).__name__}") from fault
        if answer.status != _OK:
            raise NoCredentials(f"{_ADDRESS} answered {answer.status}")
        return _read(told)

    def _proof(self) -> dict[str, str]:
        token = self._environ.get(_TOKEN, "")
        if not (token.isascii() and token.isprintable()):  # the client would tell it in its error
            raise NoCredentials(f"{_TOKEN} cannot stand in a header")
        return {"authorization": token} if token else {}


def _read(told: bytes) -> tuple[AccessKeys, datetime]:
    try:
        found = json.loads(told)
        keys = AccessKeys(found["AccessKeyId"], found["SecretAccessKey"], found["Token"])
        return keys, datetime.fromisoformat(found["Expiration"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError):
        raise NoCredentials(
            f"{_ADDRESS} answered with something else"
        ) from None  # which may be secret


def _place(address: str) -> tuple[Endpoint, str]:
    parts = urlsplit(address)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_local(parts.hostname or "")):
        raise ConfigurationInvalid(
            f"expected https or an address of this machine for {_ADDRESS}, got {parts.hostname!r}"
        )
    path = parts.path or "/"
    endpoint = Endpoint(is_tls=parts.scheme == "https", host=parts.netloc)
    return endpoint, f"{path}?{parts.query}" if parts.query else path


def _is_local(host: str) -> bool:
    try:
        return host in _LOCAL or ip_address(host).is_loopback
    except ValueError:
        return False
