"""The credentials of a function's role, from the sources that Lambda provides.

Usually that is the environment. A function restored from a snapshot (SnapStart) has no credentials
there, because those would be as old as the snapshot. It gets the URL of an endpoint that returns
current credentials. Source: "Container credential provider" in the AWS SDKs and Tools Reference.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from threading import Lock
from urllib.parse import urlsplit

from imagemill.aws.light.connection import CONNECTION_ERRORS, ConnectionPool, Timeouts
from imagemill.aws.light.endpoint import Endpoint
from imagemill.aws.light.errors import ConfigurationError, CredentialsUnavailable

_URL = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
_TOKEN = "AWS_CONTAINER_AUTHORIZATION_TOKEN"  # noqa: S105  # the variable's name
# Hosts besides loopback that are asked without TLS: the link-local addresses of ECS and EKS.
# Source: `ContainerMetadataFetcher._ALLOWED_HOSTS` in botocore.
_LOCAL_HOSTS = frozenset({"localhost", "169.254.170.2", "169.254.170.23", "fd00:ec2::23"})
# How long before their expiry credentials are renewed: longer than any request takes.
_RENEW_BEFORE = timedelta(minutes=10)
# Shortest time between two attempts to renew credentials that are still valid.
_PAUSE = timedelta(seconds=30)
_OK = 200
_NEVER = datetime.min.replace(tzinfo=UTC)

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials to sign requests with; their text contains no secret."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(repr=False)


# Returns credentials that are valid now; raises CredentialsUnavailable.
CredentialsProvider = Callable[[], Credentials]


def credentials_provider(environ: Mapping[str, str]) -> CredentialsProvider:
    """Return the provider of the function's credentials; raises ConfigurationError without any.

    Nothing is requested yet, so a snapshot taken now contains no credentials.
    """
    if "AWS_ACCESS_KEY_ID" not in environ and _URL in environ:
        return ContainerCredentials(environ)
    try:
        credentials = Credentials(
            key_id=environ["AWS_ACCESS_KEY_ID"],
            secret=environ["AWS_SECRET_ACCESS_KEY"],
            token=environ.get("AWS_SESSION_TOKEN", ""),
        )
    except KeyError as missing:
        raise ConfigurationError(f"expected {missing.args[0]} to be set") from missing
    return lambda: credentials


class ContainerCredentials:
    """Credentials that are fetched from a local endpoint, and again before they expire.

    For any number of threads. Credentials that cannot be renewed are used until they expire.
    """

    def __init__(self, environ: Mapping[str, str], now: Now = lambda: datetime.now(UTC)) -> None:
        self._environ = environ
        self._now = now
        self._endpoint, self._target = _parse_url(environ[_URL])
        self._lock = Lock()
        self._credentials = Credentials("", "", "")
        self._renew_at = self._expires_at = _NEVER

    def __call__(self) -> Credentials:
        """Return credentials that are valid now; raises CredentialsUnavailable."""
        with self._lock:
            if self._now() >= self._renew_at:
                self._renew()
            return self._credentials

    def _renew(self) -> None:
        now = self._now()
        try:
            self._credentials, self._expires_at = self._fetch()
        except CredentialsUnavailable:
            if now >= self._expires_at:
                raise
            self._renew_at = min(now + _PAUSE, self._expires_at)
        else:
            earliest = min(now + _PAUSE, self._expires_at)
            self._renew_at = max(self._expires_at - _RENEW_BEFORE, earliest)

    def _fetch(self) -> tuple[Credentials, datetime]:
        headers = {"host": self._endpoint.host, "accept": "application/json"}
        headers |= self._authorization()
        try:
            pool = ConnectionPool(self._endpoint, Timeouts())
            with closing(pool.request("GET", self._target, headers, b"")) as response:
                data = response.read()
        except CONNECTION_ERRORS as error:
            raise CredentialsUnavailable(
                f"no response from {_URL}: {type(error).__name__}"
            ) from error
        if response.status != _OK:
            raise CredentialsUnavailable(f"{_URL} responded with {response.status}")
        return _parse(data)

    def _authorization(self) -> dict[str, str]:
        # Lambda replaces the token in the environment after a restore, so it is read each time.
        token = self._environ.get(_TOKEN, "")
        # The connection would quote an invalid header, and with it the token, in its error.
        if not (token.isascii() and token.isprintable()):
            raise CredentialsUnavailable(f"{_TOKEN} is not a valid header")
        return {"authorization": token} if token else {}


def _parse(data: bytes) -> tuple[Credentials, datetime]:
    try:
        found = json.loads(data)
        credentials = Credentials(found["AccessKeyId"], found["SecretAccessKey"], found["Token"])
        return credentials, datetime.fromisoformat(found["Expiration"]).astimezone(UTC)
    except (ValueError, KeyError, TypeError):
        # The cause is suppressed, because it may quote a secret.
        raise CredentialsUnavailable(f"{_URL} responded without credentials") from None


def _parse_url(url: str) -> tuple[Endpoint, str]:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_local(parts.hostname or "")):
        raise ConfigurationError(
            f"expected https or an address of this machine for {_URL}, got {parts.hostname!r}"
        )
    path = parts.path or "/"
    endpoint = Endpoint(is_tls=parts.scheme == "https", host=parts.netloc)
    return endpoint, f"{path}?{parts.query}" if parts.query else path


def _is_local(host: str) -> bool:
    try:
        return host in _LOCAL_HOSTS or ip_address(host).is_loopback
    except ValueError:
        return False
