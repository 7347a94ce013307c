"""The gate of the embedded AWS: which requests reach it at all.

The embedded AWS runs the code that it is given and believes much that it is told. So the gate
lets only requests pass that it recognises as one of these kinds, and refuses all others, no matter
which browser or program sends them:

* signed in its headers with a key that is known here, by anything but a web page;
* a presigned address of an object;
* an upload form whose policy is signed;
* the REST API, which has its own key, and the preflights of browsers;
* the gallery and the renditions, at the name of a distribution that exists.

Signatures are verified here, by our own code, before the embedded AWS sees the request.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from hashlib import sha256
from typing import Protocol

from imagemill.local import sigv4, upload_form
from imagemill.local.payload import check_payload
from imagemill.local.request import Request
from imagemill.local.sigv4 import Lookup, Refused, Signed

_LOOPBACK = re.compile(r"(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?", re.IGNORECASE)
_BELOW = re.compile(r"((?:[a-z0-9-]+\.)+localhost)(?::\d{1,5})?", re.IGNORECASE)
_GALLERY = re.compile(r"([a-z0-9]+)\.cloudfront\.localhost", re.IGNORECASE)
# An API's id, its stage, and a path of the API. `@connections` is an administrator's path.
_API = re.compile(
    r"/_aws/execute-api/[a-z0-9]{1,32}/[A-Za-z0-9_-]{1,128}(?:/(?!@connections).*)?", re.DOTALL
)
# First parts of paths that the embedded AWS answers itself, at any host name.
_INSIDE = ("/_ministack", "/_localstack", "/_aws", "/_alb", "/_imagemill")
_OBJECT = re.compile(r"/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/.*)?", re.DOTALL)
_BUCKET = re.compile(r"/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/?")
# Services that hold data. Everything else controls AWS, and no function has business with it.
_DATA_SERVICES = frozenset(
    {"s3", "sqs", "dynamodb", "events", "states", "logs", "monitoring", "sts", "execute-api"}
)
_STEERING = ("x-amz-", "x-forwarded-", "x-ministack-", "forwarded")
OWN_PREFIX = "/_imagemill/"
"""Paths that we answer ourselves, to the root key alone."""
# Browsers send one of these with every request that could be harmful; they cannot be left out.
_OF_BROWSERS = ("origin", "sec-fetch-site")


class Kind(Enum):
    """The kinds of requests that are let through."""

    SIGNED = auto()
    """Signed in its headers; the body is still to be checked."""
    LINK = auto()
    """A presigned address of an object."""
    FORM = auto()
    """An upload form; its policy is still to be checked."""
    API = auto()
    PREFLIGHT = auto()
    GALLERY = auto()


class Facts(Protocol):
    """What the embedded AWS knows that decides whether a request may pass."""

    def credential(self, access_key_id: str) -> sigv4.Credential | None:
        """Return the credential of an access key; None if it is unknown or expired."""

    def is_distribution(self, label: str) -> bool:
        """Return whether a distribution has the name `label`.cloudfront.localhost."""

    def is_bucket(self, name: str) -> bool:
        """Return whether a bucket of this name exists."""


@dataclass(frozen=True, slots=True)
class Gate:
    """The rules, for one port of loopback."""

    port: int
    facts: Facts

    def kind(self, request: Request, now: datetime) -> Kind:
        """Return what a request is; raises Refused for anything that is none of the kinds."""
        host = request.header("host")
        name = _BELOW.fullmatch(host)
        if name is None and not _LOOPBACK.fullmatch(host):
            # By such a name a page asks that had its own name moved to this machine.
            raise Refused("AccessDenied", "this is 127.0.0.1, localhost and names below it only")
        # A preflight repeats the address of the request to come, its signature included.
        if request.names_credentials and not request.is_preflight:
            closed = _INSIDE if name else "/_"
            if request.path.startswith(closed) and not _is_own_or_api(request):
                raise Refused("AccessDenied", "the inside of the embedded AWS is closed")
            return self._signed(request, now)
        is_here = host.rpartition(":")[2] == str(self.port)
        if not is_here or (steers(request) and not request.is_preflight):
            raise Refused("AccessDenied", "Access Denied")
        return self._gallery(request, name[1]) if name else self._open(request)

    def _signed(self, request: Request, now: datetime) -> Kind:
        if request.query_credentials:
            if not _OBJECT.fullmatch(request.path):
                raise Refused("AccessDenied", "only addresses of objects are signed in the query")
            if request.method in {"GET", "HEAD"} and has_body(request):
                raise Refused("AccessDenied", "a read has no body")
            sigv4.verify_query(request, self.facts.credential, now)
            return Kind.LINK
        if any(name in request.headers for name in _OF_BROWSERS):
            raise Refused("AccessDenied", "web pages cannot use an access key here")
        if self.facts.credential(sigv4.claimed_key(request)) is None:
            raise Refused("InvalidClientTokenId", "the access key is unknown here")
        return Kind.SIGNED

    def _gallery(self, request: Request, name: str) -> Kind:
        found = _GALLERY.fullmatch(name)
        is_read = request.method in {"GET", "HEAD"}
        if is_read and found and self.facts.is_distribution(found[1].lower()):
            return Kind.GALLERY
        raise Refused("AccessDenied", "Access Denied")

    def _open(self, request: Request) -> Kind:
        if {".", ".."}.intersection(request.path.replace("\\", "/").split("/")):
            raise Refused("AccessDenied", "Access Denied")
        if _API.fullmatch(request.path) and _API.fullmatch(request.raw_path):
            if steers(request):
                raise Refused("AccessDenied", "Access Denied")
            return Kind.API
        bucket = _OBJECT.fullmatch(request.path)
        if bucket is None or not self.facts.is_bucket(bucket[1]):
            raise Refused("AccessDenied", "Access Denied")
        if request.is_preflight and not request.amz_headers:
            return Kind.PREFLIGHT
        if request.method == "POST" and _BUCKET.fullmatch(request.path) and not request.query:
            upload_form.boundary_of(request.header("content-type"))
            return Kind.FORM
        raise Refused("AccessDenied", "Access Denied")


def check_signed(request: Request, body: bytes, lookup: Lookup, now: datetime) -> Signed:
    """Return the signer of a request whose headers and body match; raises Refused."""
    payload = request.header("x-amz-content-sha256") or sha256(body).hexdigest()
    signed = sigv4.verify_header(request, payload, lookup, now)
    check_payload(signed, body)
    if signed.credential.data_only and signed.scope.service not in _DATA_SERVICES:
        raise Refused("AccessDenied", f"a function may not use {signed.scope.service} here")
    return signed


def has_body(request: Request) -> bool:
    """Return whether a body follows the headers."""
    length = request.header("content-length") or "0"
    return length != "0" or "transfer-encoding" in request.headers


def is_harmless(name: str) -> bool:
    """Return whether a header is unable to turn an open request into another one."""
    return name != "authorization" and not name.startswith(_STEERING)


def is_of_object(name: bytes, value: bytes) -> bool:
    """Return whether a header is one that a presigned address may bring along.

    A form's type would have the embedded AWS look for a service's action in the body.
    """
    forged = name.startswith((b"x-forwarded-", b"x-ministack-", b"forwarded"))
    is_form = name == b"content-type" and value.startswith(b"application/x-www-form-urlencoded")
    return not forged and not is_form


def now() -> datetime:
    """Return the time by which signatures are judged."""
    return datetime.now(UTC)


def _is_own_or_api(request: Request) -> bool:
    return request.path.startswith(OWN_PREFIX) or bool(_API.fullmatch(request.path))


def steers(request: Request) -> bool:
    """Return whether an unsigned request carries what only a signed one needs."""
    return bool(request.amz_headers) or any(
        name.lower().startswith("x-amz-") for name, _ in request.query
    )
