"""AWS Signature Version 4. Source: "Create a signed AWS API request" in the IAM User Guide."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from imagemill.aws.light.credentials import Credentials
from imagemill.aws.light.endpoint import region_of

_ALGORITHM = "AWS4-HMAC-SHA256"
# Headers that a proxy may change on the way; a changed signed header would fail the request.
_UNSIGNED = frozenset({"accept-encoding", "user-agent"})


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs requests to one service in one region with a function's credentials."""

    credentials: Credentials
    region: str
    service: str

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], service: str) -> "Signer":
        """Return a signer with the function's credentials; raises ConfigurationError."""
        return cls(Credentials.from_environ(environ), region_of(environ), service)

    def signed(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, timestamp: str
    ) -> dict[str, str]:
        """Return the headers with the signature and the headers it needs.

        `target` is the encoded path with at most one query parameter; `headers` are keyed by
        lower-case names and include the host; `timestamp` is UTC, such as 20261122T101112Z.
        """
        credentials = self.credentials
        digest = sha256(body).hexdigest()
        every = {**headers, "x-amz-date": timestamp}
        if self.service == "s3":
            every["x-amz-content-sha256"] = digest
        if credentials.token:
            every["x-amz-security-token"] = credentials.token
        names = sorted(every.keys() - _UNSIGNED)
        lines = [f"{name}:{' '.join(every[name].split())}" for name in names]
        path, _, query = target.partition("?")
        signed_names = ";".join(names)
        canonical = "\n".join((method, path, query, *lines, "", signed_names, digest))
        scope = f"{timestamp[:8]}/{self.region}/{self.service}/aws4_request"
        canonical_digest = sha256(canonical.encode()).hexdigest()
        to_sign = f"{_ALGORITHM}\n{timestamp}\n{scope}\n{canonical_digest}"
        key = _signing_key(credentials.secret, scope)
        signature = hmac.digest(key, to_sign.encode(), "sha256").hex()
        every["authorization"] = (
            f"{_ALGORITHM} Credential={credentials.key_id}/{scope}, "
            f"SignedHeaders={signed_names}, Signature={signature}"
        )
        return every


def quote_path(key: str) -> str:
    """Return an object's key, encoded for a path."""
    return quote(key, safe="/-_.~")


def quote_query(text: str) -> str:
    """Return the value of a parameter, encoded for a query."""
    return quote(text, safe="-_.~")


def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
