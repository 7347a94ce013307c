"""Requests to the gate of the embedded AWS, signed by botocore, and the lookups that it makes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import unquote, urlsplit

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from imagemill.local.request import Message, Request, read_request
from imagemill.local.sigv4 import Credential

PORT = 4566
DAY_S = 86_400
ENDPOINT = f"http://127.0.0.1:{PORT}"
OWNER = Credentials("LKIAOWNEROWNEROWNER2", "owner-secret")
ROLE = Credentials("ASIA" + "ROLE" * 4, "role-secret", "role-token")
BUCKET = "originals"


@dataclass
class FakeLookups:
    """Two keys, one bucket, one distribution."""

    keys: dict[str, Credential] = field(
        default_factory=lambda: {
            OWNER.access_key: Credential(OWNER.secret_key),
            ROLE.access_key: Credential(ROLE.secret_key, str(ROLE.token), data_only=True),
        }
    )

    def credential(self, access_key_id: str) -> Credential | None:
        return self.keys.get(access_key_id)

    def is_distribution(self, label: str) -> bool:
        return label == "d1"

    def is_bucket(self, name: str) -> bool:
        return name == BUCKET


def scope(
    method: str = "GET",
    address: str = "/",
    headers: Mapping[str, str] | None = None,
    *,
    host: str = f"127.0.0.1:{PORT}",
) -> Message:
    """Return the ASGI scope of a request; `host` may be overridden by the headers."""
    path, _, query = address.partition("?")
    named = {"host": host} | {name.lower(): value for name, value in (headers or {}).items()}
    return {
        "type": "http",
        "method": method,
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [(n.encode(), v.encode("latin-1")) for n, v in named.items()],
    }


def request(
    method: str = "GET",
    address: str = "/",
    headers: Mapping[str, str] | None = None,
    *,
    host: str = f"127.0.0.1:{PORT}",
) -> Request:
    """Return a request as the gate parses it."""
    return read_request(scope(method, address, headers, host=host))


def signed_headers(
    method: str,
    address: str,
    service: str,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    keys: Credentials = OWNER,
) -> dict[str, str]:
    """Return the headers of a request that botocore signed for a service."""
    unsigned = AWSRequest(method, ENDPOINT + address, headers=dict(headers or {}), data=body)
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    signer(keys, service, "us-east-1").add_auth(unsigned)
    return {"host": f"127.0.0.1:{PORT}"} | {n.lower(): str(v) for n, v in unsigned.headers.items()}


def presigned(
    method: str, address: str, keys: Credentials = ROLE, expires_s: int = DAY_S, service: str = "s3"
) -> str:
    """Return the path and query of a URL that botocore presigned.

    By default it works for a day, because many are made before the first test starts.
    """
    unsigned = AWSRequest(method, ENDPOINT + address)
    S3SigV4QueryAuth(keys, service, "us-east-1", expires_s).add_auth(unsigned)
    parts = urlsplit(str(unsigned.url))
    return f"{parts.path}?{parts.query}"


def now() -> datetime:
    return datetime.now(UTC)
