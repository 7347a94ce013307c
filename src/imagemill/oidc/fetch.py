"""Fetch JSON documents of the issuer.

Only addresses that the stack's parameter names, or the issuer's own document, are requested: no
header or claim of a token is ever one.
"""

import json
from http import HTTPStatus
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

from imagemill.addresses import host_to_connect, is_encrypted_or_local
from imagemill.errors import IssuerUnavailable

# Longest wait for an answer, in seconds; a request of the API has 29.
_TIMEOUT_S = 3
# Largest document, in bytes; real key sets have some kilobytes.
_MAX_BYTES = 256 * 1024


class _NoRedirects(HTTPRedirectHandler):
    """Answers a redirect as an error: it could lead to an address inside of a network."""

    def redirect_request(self, *_: object) -> None:
        """Follow no redirect."""


_opener = build_opener(ProxyHandler({}), _NoRedirects())


def fetch_object(url: str) -> dict[str, Any]:
    """Return the JSON object at a URL; raises IssuerUnavailable."""
    if not is_encrypted_or_local(url):
        raise IssuerUnavailable("expected an address with https://")
    try:
        with _opener.open(_request(url), timeout=_TIMEOUT_S) as answer:
            text = answer.read(_MAX_BYTES + 1)
            status = answer.status
        found = json.loads(text) if status == HTTPStatus.OK and len(text) <= _MAX_BYTES else None
    except HTTPError as fault:
        fault.close()
        raise IssuerUnavailable(f"the issuer answered with status {fault.code}") from fault
    except (OSError, HTTPException, ValueError, RecursionError) as fault:
        raise IssuerUnavailable("the issuer gave no answer that can be read") from fault
    if not isinstance(found, dict):
        raise IssuerUnavailable("expected a JSON object from the issuer")
    return found


def _request(url: str) -> Request:
    """Return a request that names the host of the URL, and goes to the host to connect to."""
    parts = urlsplit(url)
    host = host_to_connect(parts.hostname or "")
    if host == parts.hostname:
        return Request(url)  # noqa: S310  # the scheme was checked
    netloc = f"{host}:{parts.port}" if parts.port else host
    headers = {"Host": parts.netloc}
    return Request(parts._replace(netloc=netloc).geturl(), headers=headers)  # noqa: S310  # as above
