"""AWS Signature Version 4. Source: "Create a signed AWS API request" in the IAM User Guide."""

import hmac
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import quote

from imagemill.aws.light.credentials import Credentials
from imagemill.aws.light.endpoint import region_of

ALGORITHM = "AWS4-HMAC-SHA256"
# Headers that a proxy may change on the way; a changed signed header would fail the request.
_UNSIGNED = frozenset({"accept-encoding", "user-agent"})


class Signer(NamedTuple):
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

        `target` is the encoded path, and query parameters that are encoded and sorted by name;
        `headers` are keyed by lower-case names and include the host; `timestamp` is UTC, such as
        20261122T101112Z.
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
        scope = self.scope(timestamp)
        canonical_digest = sha256(canonical.encode()).hexdigest()
        to_sign = f"{ALGORITHM}\n{timestamp}\n{scope}\n{canonical_digest}"
        signature = hmac.digest(self.key(scope), to_sign.encode(), "sha256").hex()
        every["authorization"] = (
            f"{ALGORITHM} Credential={self.credential(scope)}, "
            f"SignedHeaders={signed_names}, Signature={signature}"
        )
        return every

    def scope(self, timestamp: str) -> str:
        """Return the scope of signatures on the day of a timestamp."""
        return f"{timestamp[:8]}/{self.region}/{self.service}/aws4_request"

    def credential(self, scope: str) -> str:
        """Return the key id with the scope in which it signs."""
        return f"{self.credentials.key_id}/{scope}"

    def key(self, scope: str) -> bytes:
        """Return the key that signs in a scope; it changes daily, so it is derived once."""
        return _signing_key(self.credentials.secret, scope)


def quote_path(key: str) -> str:
    """Return an object's key, encoded for a path."""
    return quote(key, safe="/-_.~")


# Most presigned URLs share their media type and their Cache-Control.
@lru_cache(maxsize=64)
def quote_query(text: str) -> str:
    """Return the value of a parameter, encoded for a query."""
    return quote(text, safe="-_.~")


# Two services or two days at once.
@lru_cache(maxsize=4)
def _signing_key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
