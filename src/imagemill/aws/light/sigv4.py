"""AWS Signature Version 4. Source: "Create a signed AWS API request" in the IAM User Guide."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import quote

from imagemill.aws.light.credentials import Keyring, credentials_provider

_ALGORITHM = "AWS4-HMAC-SHA256"
_UNSIGNED = frozenset({"accept-encoding", "user-agent"})
"""What a proxy may change on the way."""
SAFE_IN_PATHS = "/-_.~"


@dataclass(frozen=True, slots=True)
class Signer:
    """Signs requests to one service in one region, with the keys of a function's role."""

    keys: Keyring
    region: str
    service: str

    @classmethod
    def read(cls, environ: Mapping[str, str], service: str) -> "Signer":
        """Sign with the keys that Lambda gives a function; raises ConfigurationInvalid without."""
        return cls(credentials_provider(environ), region_of(environ), service)

    def signed(
        self, method: str, address: str, headers: Mapping[str, str], body: bytes, moment: str
    ) -> dict[str, str]:
        """Return headers with those that prove who asks.

        `address` is the path, encoded, with at most one parameter; `headers` names the host, in
        lower case like the others; `moment` is UTC as 20261122T101112Z. Raises NoKeys.
        """
        keys = self.keys()
        digest = sha256(body).hexdigest()
        whole = {**headers, "x-amz-date": moment}
        if self.service == "s3":
            whole["x-amz-content-sha256"] = digest
        if keys.token:
            whole["x-amz-security-token"] = keys.token
        names = sorted(whole.keys() - _UNSIGNED)
        lines = [f"{name}:{' '.join(whole[name].split())}" for name in names]
        path, _, query = address.partition("?")
        signed_names = ";".join(names)
        asked = "\n".join((method, path, query, *lines, "", signed_names, digest))
        scope = f"{moment[:8]}/{self.region}/{self.service}/aws4_request"
        to_sign = "\n".join((_ALGORITHM, moment, scope, sha256(asked.encode()).hexdigest()))
        proof = hmac.digest(_key(keys.secret, scope), to_sign.encode(), "sha256").hex()
        whole["authorization"] = (
            f"{_ALGORITHM} Credential={keys.key_id}/{scope}, "
            f"SignedHeaders={signed_names}, Signature={proof}"
        )
        return whole


def region_of(environ: Mapping[str, str]) -> str:
    """Return the region that a function runs in; raises KeyError where nothing tells."""
    return environ.get("AWS_REGION") or environ["AWS_DEFAULT_REGION"]


def in_path(key: str) -> str:
    """Return an object's key as it stands in a path."""
    return quote(key, safe=SAFE_IN_PATHS)


def in_query(text: str) -> str:
    """Return the value of a parameter as it stands in an address."""
    return quote(text, safe="-_.~")


def _key(secret: str, scope: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
