"""Private images on the laptop: requests without a valid signature are refused."""

from dataclasses import replace
from http import HTTPStatus

from imagemill.local.cloudfront import Answer, Trusted
from imagemill.private.cookies import cookies_of
from imagemill.private.rsa import is_signed
from imagemill.private.verify import is_permitted

REFUSED = Answer(
    HTTPStatus.FORBIDDEN,
    {"content-type": "text/xml"},
    b'<?xml version="1.0" encoding="UTF-8"?>\n'
    b"<Error><Code>AccessDenied</Code><Message>Access denied</Message></Error>",
)


def may_pass(trusted: Trusted, target: str, cookie: str, now: int) -> bool:
    """Return whether a request has a valid signature, in its URL or in its header Cookie.

    `target` is the path with the query, as they were sent. Only the name of the distribution is
    part of the signed URL: a client may reach it by a name of loopback.
    """
    url = f"http://{trusted.host}{target}"
    return is_permitted(url, _cookies(cookie), trusted.keys, now, is_signed)


def for_one_visitor(answer: Answer) -> Answer:
    """Return an answer that shared caches do not keep, as the functions in edge/ make it."""
    kept = str(answer.headers.get("cache-control", ""))
    if not kept or answer.status >= HTTPStatus.BAD_REQUEST:
        return answer
    headers = answer.headers | {"cache-control": kept.replace("public", "private")}
    return replace(answer, headers=headers)


def set_cookies(query: str) -> Answer:
    """Return the answer of edge/cookies.js to a query."""
    pairs = (part.partition("=") for part in query.split("&"))
    lines = cookies_of({name: value for name, _, value in pairs})
    if lines is None:
        return Answer(HTTPStatus.BAD_REQUEST, {}, b"")
    return Answer(HTTPStatus.NO_CONTENT, {"cache-control": "no-store", "set-cookie": lines}, b"")


def _cookies(header: str) -> dict[str, str]:
    """Return the cookies of a header; of two with one name, the one of the longer path is first."""
    found: dict[str, str] = {}
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        found.setdefault(name, value)
    return found
