"""Signed URLs from unsigned ones, for all grammars."""

import re
from urllib.parse import quote, urlsplit, urlunsplit

from imagemill.requests import iiif, imgix, imgproxy
from imagemill.requests.faults import InvalidUrl, UnknownRoute
from imagemill.requests.query import read_query
from imagemill.requests.route import Refusal, route
from imagemill.requests.settings import SIGNATURE_BYTES, KeyPair, Settings
from imagemill.requests.signatures import EXPIRES, SIGNATURE, signature_of, signed_text

# Characters that stay as they are; `%` is one, so that a key is encoded once.
_SAFE = "%/:@!$&'()*+,;=~-._[]|^`\\{}\"<>"
_EXPIRY = re.compile(r"(?:exp|expires):[0-9]*/")


def sign(url: str, pair: KeyPair, expires: int | None = None, length: int = SIGNATURE_BYTES) -> str:
    """Return the URL signed, valid until `expires` (Unix time, s) or for ever.

    The URL may be a whole one or a path with a query. It may be signed already: the signature and
    the expiry are replaced. Raises UrlFault if the edge would refuse the result.
    """
    parts = urlsplit(url)
    path, query = quote(parts.path, safe=_SAFE), quote(parts.query, safe=_SAFE)
    if path.startswith(imgproxy.PREFIX):
        path = _signed_path(path, pair, expires, length)
    elif path.startswith((imgix.PREFIX, iiif.PREFIX)):
        query = _signed_query(path, query, pair, expires, length)
    else:
        raise UnknownRoute("expected a path that begins with /~/, /~p/ or /iiif/")
    _check(path, query, Settings(0, (pair,), signature_bytes=length))
    return urlunsplit((parts.scheme, parts.netloc, path, query, ""))


def _signed_path(path: str, pair: KeyPair, expires: int | None, length: int) -> str:
    """Return the path with the signature in place of the first segment after the prefix."""
    _, _, rest = path.removeprefix(imgproxy.PREFIX).partition("/")
    rest = imgproxy.normalized(rest)
    if expires is not None:
        rest = f"exp:{expires}/{_EXPIRY.sub('', rest, count=1)}"
    return f"{imgproxy.PREFIX}{signature_of('/' + rest, pair, length)}/{rest}"


def _signed_query(path: str, query: str, pair: KeyPair, expires: int | None, length: int) -> str:
    parameters = read_query(query)
    if expires is not None:
        parameters[EXPIRES] = str(expires)
    signature = signature_of(signed_text(path, parameters), pair, length)
    return "&".join(
        f"{name}={value}" for name, value in {**parameters, SIGNATURE: signature}.items()
    )


def _check(path: str, query: str, settings: Settings) -> None:
    answer = route(path, query, "", settings)
    if isinstance(answer, Refusal):
        raise InvalidUrl(answer.detail, answer.option)
