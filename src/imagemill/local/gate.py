"""The gate of the embedded AWS: the rules that decide which requests it receives.

The embedded AWS runs uploaded code, and trusts many headers without checking them. The gate
therefore passes only these kinds of requests and refuses all others, from any browser or program:

* requests signed in their headers with a known key, except from web pages;
* presigned URLs of objects;
* upload forms with a signed policy;
* the REST API, which has its own key, and CORS preflights;
* the gallery and the renditions, at the host name of an existing distribution;
* images on request, also at the names of loopback: not every client resolves that host name.

The gate verifies signatures itself, before the embedded AWS receives the request.
"""

import re
from datetime import UTC, datetime
from enum import Enum, auto
from hashlib import sha256
from typing import Protocol

from imagemill.dataclass import dataclass
from imagemill.local import sigv4, upload_form
from imagemill.local.payload import check_payload
from imagemill.local.request import Request
from imagemill.local.sigv4 import Lookup, Refused, Signed

_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_SUBDOMAIN = re.compile(r"((?:[a-z0-9-]+\.)+localhost)(?::\d{1,5})?", re.IGNORECASE)
_GALLERY = re.compile(r"([a-z0-9]+)\.cloudfront\.localhost", re.IGNORECASE)
# An API's id, its stage, and a path of the API. `@connections` is an administrator's path.
_API = re.compile(
    r"/_aws/execute-api/[a-z0-9]{1,32}/[A-Za-z0-9_-]{1,128}(?:/(?!@connections).*)?", re.DOTALL
)
# Prefixes of the administrative paths of the embedded AWS, which it answers at any host name.
_ADMIN_PREFIXES = ("/_ministack", "/_localstack", "/_aws", "/_alb", "/_imagemill")
# Paths of images on request. No bucket is named so, because these paths are never signed here.
_IMAGES = ("/~/", "/~p/", "/iiif/")
_OBJECT = re.compile(r"/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/.*)?", re.DOTALL)
_BUCKET = re.compile(r"/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?")
# A JSON Web Token in its compact form (RFC 7519, RFC 6750).
_BEARER = re.compile(rb"[Bb]earer [A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
# Services that store data. All others control AWS, and no function needs them. Of Lambda, functions
# may only call other functions.
_DATA_SERVICES = frozenset(
    {
        *("s3", "sqs", "dynamodb", "events", "states", "logs", "monitoring", "sts", "execute-api"),
        "secretsmanager",
    }
)
# The path of Lambda's operation Invoke.
_INVOCATION = re.compile(r"/2015-03-31/functions/[A-Za-z0-9_-]{1,64}/invocations")
_ROUTING_HEADERS = ("x-amz-", "x-forwarded-", "x-ministack-", "forwarded")
# Prefix of our own paths, which need the root key.
OWN_PREFIX = "/_imagemill/"
# Browsers add one of these to every request that could do harm, and pages cannot remove it.
_BROWSER_HEADERS = ("origin", "sec-fetch-site")


class Kind(Enum):
    """The kinds of requests that may pass."""

    SIGNED = auto()
    """Signed in its headers; the body must still be checked."""
    LINK = auto()
    """A presigned URL of an object."""
    FORM = auto()
    """An upload form; its policy must still be checked."""
    API = auto()
    PREFLIGHT = auto()
    GALLERY = auto()


class Lookups(Protocol):
    """The questions that the gate asks the embedded AWS."""

    def credential(self, access_key_id: str) -> sigv4.Credential | None:
        """Return the credential of an access key; None if it is unknown or expired."""

    def is_distribution(self, label: str) -> bool:
        """Return whether a distribution has the host name `label`.cloudfront.localhost."""

    def is_bucket(self, name: str) -> bool:
        """Return whether a bucket of this name exists."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules for one port of loopback."""

    port: int
    lookups: Lookups

    def kind(self, request: Request, now: datetime) -> Kind:
        """Return the kind of a request; raises Refused if it is none of them."""
        host = request.header("host")
        name = _SUBDOMAIN.fullmatch(host)
        if name is None and not _LOOPBACK.fullmatch(host):
            # DNS rebinding: a page resolves its own host name to this machine.
            raise Refused(
                "AccessDenied", "only 127.0.0.1, localhost and its subdomains are served here"
            )
        # A preflight has the URL of the request that follows it, including its signature.
        if request.names_credentials and not request.is_preflight:
            closed = _ADMIN_PREFIXES if name else "/_"
            if request.path.startswith(closed) and not _is_own_or_api(request):
                raise Refused("AccessDenied", "administrative paths of the embedded AWS are closed")
            return self._signed(request, now)
        is_here = host.rpartition(":")[2] == str(self.port)
        if not is_here or (has_amz_parameters(request) and not request.is_preflight):
            raise Refused("AccessDenied", "Access Denied")
        return self._gallery(request, name[1]) if name else self._unsigned(request)

    def _signed(self, request: Request, now: datetime) -> Kind:
        if request.query_credentials:
            if not _OBJECT.fullmatch(request.path):
                raise Refused("AccessDenied", "only URLs of objects can be signed in the query")
            if request.method in {"GET", "HEAD"} and has_body(request):
                raise Refused("AccessDenied", "GET and HEAD must not have a body")
            sigv4.verify_query(request, self.lookups.credential, now)
            return Kind.LINK
        if any(name in request.headers for name in _BROWSER_HEADERS):
            raise Refused("AccessDenied", "web pages cannot use an access key here")
        if self.lookups.credential(sigv4.claimed_key(request)) is None:
            raise Refused("InvalidClientTokenId", "the access key is unknown here")
        return Kind.SIGNED

    def _gallery(self, request: Request, name: str) -> Kind:
        found = _GALLERY.fullmatch(name)
        is_read = request.method in {"GET", "HEAD"}
        if is_read and found and self.lookups.is_distribution(found[1].lower()):
            return Kind.GALLERY
        raise Refused("AccessDenied", "Access Denied")

    def _unsigned(self, request: Request) -> Kind:
        # They may have dot segments: the rules of the edge name the fault of a URL.
        if is_of_images(request.method, request.raw_path):
            return Kind.GALLERY
        if {".", ".."}.intersection(request.path.replace("\\", "/").split("/")):
            raise Refused("AccessDenied", "Access Denied")
        if _API.fullmatch(request.path) and _API.fullmatch(request.raw_path):
            if has_amz_parameters(request):
                raise Refused("AccessDenied", "Access Denied")
            return Kind.API
        bucket = _OBJECT.fullmatch(request.path)
        if bucket is None or not self.lookups.is_bucket(bucket[1]):
            raise Refused("AccessDenied", "Access Denied")
        if request.is_preflight and not request.amz_headers:
            return Kind.PREFLIGHT
        if request.method == "POST" and _BUCKET.fullmatch(request.path) and not request.query:
            upload_form.boundary_of(request.header("content-type"))
            return Kind.FORM
        raise Refused("AccessDenied", "Access Denied")


def check_signed(request: Request, body: bytes, lookup: Lookup, now: datetime) -> Signed:
    """Verify the signature of headers and body, and return the signer; raises Refused."""
    payload = request.header("x-amz-content-sha256") or sha256(body).hexdigest()
    signed = sigv4.verify_header(request, payload, lookup, now)
    check_payload(signed, body)
    is_call = signed.scope.service == "lambda" and _is_call(request)
    if signed.credential.data_only and signed.scope.service not in _DATA_SERVICES and not is_call:
        raise Refused("AccessDenied", f"a function may not use {signed.scope.service} here")
    return signed


def _is_call(request: Request) -> bool:
    """Return whether a request calls a function, which needs a permission of its role."""
    return request.method == "POST" and _INVOCATION.fullmatch(request.path) is not None


def is_of_images(method: str, raw_path: str) -> bool:
    """Return whether a request without credentials is for an image on request."""
    return method in {"GET", "HEAD"} and raw_path.startswith(_IMAGES)


def has_body(request: Request) -> bool:
    """Return whether a body follows the headers."""
    length = request.header("content-length") or "0"
    return length != "0" or "transfer-encoding" in request.headers


def is_harmless(name: str) -> bool:
    """Return whether a header of an unsigned request cannot select another service or identity."""
    return name != "authorization" and not name.startswith(_ROUTING_HEADERS)


def is_for_api(name: bytes, value: bytes) -> bool:
    """Return whether an unsigned request of the API may have a header; a token of a user may pass.

    The embedded AWS reads access keys from other forms of `authorization`.
    """
    if name.lower() == b"authorization":
        return _BEARER.fullmatch(value) is not None
    return is_harmless(name.decode("latin-1").lower())


def is_of_object(name: bytes, value: bytes) -> bool:
    """Return whether a request with a presigned URL may have a header.

    With the media type of a form, the embedded AWS would read a service's action from the body.
    """
    forged = name.startswith((b"x-forwarded-", b"x-ministack-", b"forwarded"))
    is_form = name == b"content-type" and value.startswith(b"application/x-www-form-urlencoded")
    return not forged and not is_form


def now() -> datetime:
    """Return the time that signatures are compared with."""
    return datetime.now(UTC)


def _is_own_or_api(request: Request) -> bool:
    return request.path.startswith(OWN_PREFIX) or bool(_API.fullmatch(request.path))


def has_amz_parameters(request: Request) -> bool:
    """Return whether an unsigned request has parameters that only signed requests need."""
    return bool(request.amz_headers) or any(
        name.lower().startswith("x-amz-") for name, _ in request.query
    )
