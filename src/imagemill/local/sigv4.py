"""Verify AWS Signature Version 4, in headers and in queries.

Source: "Create a signed AWS API request" in the IAM User Guide, "Authenticating Requests (AWS
Signature Version 4)" in the S3 API Reference. Only HMAC-SHA256 is accepted: no Signature Version 2,
no asymmetric Version 4a.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest, digest
from urllib.parse import quote, unquote_to_bytes

from imagemill.dataclass import dataclass
from imagemill.local.request import Request

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD"
# Largest difference between the time of a signature and the clock; the limit of S3.
_WINDOW = timedelta(minutes=15)
# Longest lifetime of a presigned URL, the limit of S3.
_LONGEST_LINK_S = 7 * 24 * 3600
_UNRESERVED = "-_.~"
_HEADER = re.compile(
    rf"{ALGORITHM} Credential=([^\s,]+), ?SignedHeaders=([a-z0-9;_-]+), ?Signature=([0-9a-f]{{64}})"
)
_SCOPE = re.compile(r"(\w{16,128})/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request", re.ASCII)
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Credential:
    """The secret and the session token of an access key."""

    secret: str
    token: str = ""
    """Session token; empty for a long-term key."""
    data_only: bool = False
    """True for the session of a function, which may use only services that store data."""


# Returns the credential of an access key id; None if it is unknown or expired.
Lookup = Callable[[str], Credential | None]


class Refused(Exception):
    """A request that is refused; `code` is the error code that AWS returns."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class CredentialScope:
    """The credential scope of a signature."""

    access_key_id: str
    date: str
    region: str
    service: str

    def __str__(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


@dataclass(frozen=True, slots=True)
class Signed:
    """A request with a valid signature; its body must still be compared with `payload`."""

    scope: CredentialScope
    credential: Credential
    moment: str
    signature: str
    payload: str
    """SHA-256 of the body in hexadecimal, or a constant such as UNSIGNED-PAYLOAD."""


@dataclass(frozen=True, slots=True)
class _Claim:
    scope: CredentialScope
    moment: str
    names: str
    signature: str
    token: str


def claimed_key(request: Request) -> str:
    """Return the access key id of the Authorization header, unverified; raises Refused."""
    return parse_scope(_header_parts(request)[1]).access_key_id


def verify_header(request: Request, payload: str, lookup: Lookup, now: datetime) -> Signed:
    """Verify a request that is signed in its headers, and return the signer; raises Refused.

    `payload` is the header `x-amz-content-sha256`, or the hash of the body if it is missing.
    """
    found = _header_parts(request)
    claim = _Claim(
        scope=parse_scope(found[1]),
        moment=request.header("x-amz-date"),
        names=found[2],
        signature=found[3],
        token=request.header("x-amz-security-token"),
    )
    if abs(parse_moment(claim.moment) - now) > _WINDOW:
        raise Refused(
            "RequestTimeTooSkewed", "the time of the signature differs by more than 15 minutes"
        )
    return _verified(request, claim, payload, lookup)


def _header_parts(request: Request) -> re.Match[str]:
    found = _HEADER.fullmatch(request.header("authorization"))
    if found is None or request.query_credentials:
        raise Refused("IncompleteSignature", "the Authorization header is malformed")
    return found


def verify_query(request: Request, lookup: Lookup, now: datetime) -> Signed:
    """Verify a presigned S3 URL and its lifetime, and return the signer; raises Refused."""
    given = {name: value for name, value in request.query if name.startswith("X-Amz-")}
    folded = [name.lower() for name, _ in request.query]
    if any(folded.count(name.lower()) > 1 for name in given) or "authorization" in request.headers:
        raise Refused("InvalidRequest", "a request must be signed in one way only")
    if "awsaccesskeyid" in folded:
        raise Refused(
            "InvalidRequest", "Signature Version 2 is not supported: set signature_version=s3v4"
        )
    if given.get("X-Amz-Algorithm") != ALGORITHM or not _HEX.fullmatch(
        given.get("X-Amz-Signature", "")
    ):
        raise Refused("AuthorizationQueryParametersError", "the query's signature is incomplete")
    claim = _Claim(
        scope=parse_scope(given.get("X-Amz-Credential", "")),
        moment=given.get("X-Amz-Date", ""),
        names=given.get("X-Amz-SignedHeaders", ""),
        signature=given["X-Amz-Signature"],
        token=given.get("X-Amz-Security-Token", ""),
    )
    if claim.scope.service != "s3":
        raise Refused("AccessDenied", "only URLs of objects can be signed in the query")
    _check_lifetime(parse_moment(claim.moment), given.get("X-Amz-Expires", ""), now)
    return _verified(request, claim, UNSIGNED_PAYLOAD, lookup)


def parse_scope(credential: str) -> CredentialScope:
    """Return the parts of `KEY/DATE/REGION/SERVICE/aws4_request`; raises Refused."""
    found = _SCOPE.fullmatch(credential)
    if found is None:
        raise Refused("InvalidAccessKeyId", "the credential is malformed")
    return CredentialScope(*found.groups())


def parse_moment(text: str) -> datetime:
    """Return the time of `20261129T101112Z`; raises Refused."""
    found = _MOMENT.fullmatch(text)
    try:
        # `datetime.strptime` takes five times as long.
        year, month, day, hour, minute, second = map(int, found.groups() if found else ())
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as fault:
        raise Refused(
            "IncompleteSignature", "the time of the signature is missing or malformed"
        ) from fault


def known(scope: CredentialScope, token: str, lookup: Lookup) -> Credential:
    """Return the credential of a scope after a check of its session token; raises Refused."""
    credential = lookup(scope.access_key_id)
    if credential is None:
        raise Refused("InvalidClientTokenId", "the access key is unknown here")
    if not compare_digest(credential.token.encode(), token.encode()):
        raise Refused("InvalidToken", "the session token does not belong to the access key")
    return credential


def signature_of(secret: str, scope: CredentialScope, text: str) -> str:
    """Return the signature of a string to sign, 64 hexadecimal digits."""
    key = f"AWS4{secret}".encode()
    for part in str(scope).split("/"):
        key = digest(key, part.encode(), "sha256")
    return digest(key, text.encode(), "sha256").hex()


def _verified(request: Request, claim: _Claim, payload: str, lookup: Lookup) -> Signed:
    credential = known(claim.scope, claim.token, lookup)
    _check_names(request, claim)
    canonical = "\n".join(
        (
            request.method,
            _canonical_path(request.raw_path, claim.scope.service),
            _canonical_query(request),
            *(
                f"{name}:{' '.join(request.header(name).split())}"
                for name in claim.names.split(";")
            ),
            "",
            claim.names,
            payload,
        )
    )
    text = "\n".join(
        (ALGORITHM, claim.moment, str(claim.scope), sha256(canonical.encode("latin-1")).hexdigest())
    )
    if not compare_digest(signature_of(credential.secret, claim.scope, text), claim.signature):
        raise Refused("SignatureDoesNotMatch", "the signature does not match the request")
    return Signed(claim.scope, credential, claim.moment, claim.signature, payload)


def _check_names(request: Request, claim: _Claim) -> None:
    """Raise Refused unless the signature covers the host and every `x-amz-` header."""
    names = claim.names.split(";")
    if names != sorted(set(names)) or "host" not in names:
        raise Refused("AccessDenied", "the signed headers are incomplete")
    unsigned = request.amz_headers - set(names)
    if unsigned or claim.moment[:8] != claim.scope.date:
        raise Refused("AccessDenied", "there were headers present that were not signed")


def _check_lifetime(signed_at: datetime, expires: str, now: datetime) -> None:
    if not re.fullmatch(r"[0-9]{1,6}", expires) or int(expires) > _LONGEST_LINK_S:
        raise Refused("AuthorizationQueryParametersError", "X-Amz-Expires is missing or too large")
    if signed_at > now + _WINDOW or now > signed_at + timedelta(seconds=int(expires)):
        raise Refused("AccessDenied", "Request has expired")


def _canonical_path(raw: str, service: str) -> str:
    """Return the canonical path: S3 encodes it once, other services encode it twice, normalized."""
    if service == "s3":
        return quote(unquote_to_bytes(raw), safe="/" + _UNRESERVED)
    kept: list[str] = []
    for part in raw.split("/"):
        if part == "..":
            kept[-1:] = []
        elif part not in {"", "."}:
            kept.append(part)
    ending = "/" if raw.endswith("/") and kept else ""
    return quote("/" + "/".join(kept) + ending, safe="/" + _UNRESERVED)


def _canonical_query(request: Request) -> str:
    pairs = sorted(
        (quote(name, safe=_UNRESERVED), quote(value, safe=_UNRESERVED))
        for name, value in request.query
        if name != "X-Amz-Signature"
    )
    return "&".join(f"{name}={value}" for name, value in pairs)
