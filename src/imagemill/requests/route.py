"""The rules of the edge: a URL becomes a path for the origin, a redirect or an error.

The CloudFront Function applies the same rules; both pass the cases of tests/cases/requests.json.
"""

from dataclasses import replace
from http import HTTPStatus
from typing import cast
from urllib.parse import urlencode

from imagemill.dataclass import dataclass
from imagemill.domain.image_request import VARIANT_PREFIX, ImageRequest
from imagemill.requests import iiif, imgix, imgproxy
from imagemill.requests.accept import negotiated
from imagemill.requests.faults import (
    InvalidUrl,
    SignatureInvalid,
    SignatureRequired,
    UnknownRoute,
    UnsupportedOption,
    UrlExpired,
    UrlFault,
)
from imagemill.requests.ladder import snapped
from imagemill.requests.options import Wanted, normal
from imagemill.requests.query import decoded, read_query
from imagemill.requests.settings import Settings
from imagemill.requests.signatures import EXPIRES, SIGNATURE, is_signed, signed_text
from imagemill.requests.values import (
    id_of,
    integer,
    is_printable_ascii,
    percent_decoded,
    version,
)

# Longest path and query together, bytes: the limit of CloudFront.
MAX_URL_BYTES = 8192
STATUSES: dict[str, HTTPStatus] = {
    "invalid_request": HTTPStatus.BAD_REQUEST,
    "unsupported_option": HTTPStatus.BAD_REQUEST,
    "signature_required": HTTPStatus.FORBIDDEN,
    "signature_invalid": HTTPStatus.FORBIDDEN,
    "expired": HTTPStatus.FORBIDDEN,
    "not_found": HTTPStatus.NOT_FOUND,
    "not_implemented": HTTPStatus.NOT_IMPLEMENTED,
}
# Parameters of IIIF URLs; the API itself has none.
_IIIF_PARAMETERS = ("v", EXPIRES, SIGNATURE)


@dataclass(frozen=True, slots=True)
class Rewrite:
    """Ask the origin for `path`; `version` is the one that the URL names.

    With `placeholder`, an error is answered with an image. The three are the cache key, with
    nothing else of the request.
    """

    path: str
    version: str | None = None
    placeholder: bool = False

    @property
    def query(self) -> str:
        """The query for the origin."""
        fields = {"v": self.version, "placeholder": "1" if self.placeholder else None}
        return urlencode({name: value for name, value in fields.items() if value})


@dataclass(frozen=True, slots=True)
class Refusal:
    """Answer an error without asking the origin; `option` is the part of the URL at fault."""

    status: int
    code: str
    detail: str
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Redirect:
    """Answer 303 with the path of another URL."""

    location: str


def route(path: str, query: str, accept: str, settings: Settings) -> Rewrite | Refusal | Redirect:
    """Return the edge's answer; path and query are as the client sent them, percent-encoded."""
    try:
        return _route(path, query, accept, settings)
    except UrlFault as fault:
        return Refusal(int(STATUSES[fault.code]), fault.code, str(fault), fault.option)


def _route(path: str, query: str, accept: str, settings: Settings) -> Rewrite | Redirect:
    if len(path) + len(query) > MAX_URL_BYTES:
        raise InvalidUrl(f"expected a URL of at most {MAX_URL_BYTES} bytes")
    if not is_printable_ascii(path + query):
        raise InvalidUrl("expected a percent-encoded URL")
    if path.startswith(imgix.PREFIX):
        return _imgix(path, query, accept, settings)
    if path.startswith(imgproxy.PREFIX):
        return _imgproxy(path, settings)
    if path.startswith(iiif.PREFIX):
        return _iiif(path, query, settings)
    raise UnknownRoute("expected a URL that begins with /~/, /~p/ or /iiif/")


def _imgix(path: str, query: str, accept: str, settings: Settings) -> Rewrite:
    pairs = read_query(query)
    is_verified = _is_verified(path, pairs, settings)
    image_id = id_of(percent_decoded(path.removeprefix(imgix.PREFIX), "key"))
    for name in pairs:
        if name not in imgix.FREE + imgix.SIGNED:
            raise UnsupportedOption(f"expected a parameter that imagemill has, got {name}", name)
    for name in pairs:
        if name in imgix.SIGNED and not is_verified:
            raise SignatureRequired(f"expected a signed URL for {name}", name)
    wanted = imgix.parse(decoded(pairs))
    if not is_verified:
        wanted = replace(wanted, preset=snapped(wanted.preset, settings))
    return _rewrite(image_id, wanted, accept)


def _imgproxy(path: str, settings: Settings) -> Rewrite:
    signature, _, rest = path.removeprefix(imgproxy.PREFIX).partition("/")
    text = "/" + imgproxy.normalized(rest)
    if not is_signed(text, signature, settings.keys, settings.signature_bytes):
        raise SignatureInvalid("the signature belongs to another URL or key", "signature")
    source = imgproxy.parse(rest, settings.now)
    return _rewrite(id_of(source.key), source.wanted)


def _iiif(path: str, query: str, settings: Settings) -> Rewrite | Redirect:
    number, _, rest = path.removeprefix(iiif.PREFIX).partition("/")
    name, *parts = rest.split("/")
    if number not in {"2", "3"} or not name or len(parts) not in {0, 1, iiif.PARTS}:
        raise UnknownRoute("expected /iiif/3/{id}/{region}/{size}/{rotation}/{quality}.{format}")
    pairs = read_query(query)
    for parameter in pairs:
        if parameter not in _IIIF_PARAMETERS:
            message = f"expected only v, expires and sig after a IIIF URL, got {parameter}"
            raise UnsupportedOption(message, parameter)
    is_verified = _is_verified(path, pairs, settings)
    key = percent_decoded(name, "key")
    image_id = id_of(key)
    if not parts:
        return Redirect(f"{path}/info.json")
    named = version(pairs["v"], "v") if "v" in pairs else None
    if len(parts) == 1:
        return _info(parts[0], number, image_id, is_key=key != image_id)
    api = cast("iiif.Api", number)
    wanted = iiif.parse([percent_decoded(part) for part in parts], api)
    if settings.iiif_profile == "level0" and not is_verified:
        wanted = iiif.level0(wanted, settings.widths)
    return _rewrite(image_id, replace(wanted, version=named))


def _info(file: str, number: str, image_id: str, *, is_key: bool) -> Rewrite:
    if file != "info.json":
        raise UnknownRoute("expected info.json after the identifier")
    return Rewrite(f"/{VARIANT_PREFIX}{image_id}/info.{number}{'.key' if is_key else ''}.json")


def _is_verified(path: str, pairs: dict[str, str], settings: Settings) -> bool:
    """Return whether the URL is signed; raises UrlFault if it has to be, or wrongly is."""
    if SIGNATURE not in pairs:
        if settings.private:
            raise SignatureRequired("expected a signed URL: the images are private")
        return False
    text = signed_text(path, pairs)
    if not is_signed(text, pairs[SIGNATURE], settings.keys, settings.signature_bytes):
        raise SignatureInvalid("the signature belongs to another URL or key", SIGNATURE)
    if EXPIRES in pairs and integer(pairs[EXPIRES], EXPIRES, 0, 9_999_999_999) < settings.now:
        raise UrlExpired("the URL was valid until a time that is over", EXPIRES)
    return True


def _rewrite(image_id: str, wanted: Wanted, accept: str = "") -> Rewrite:
    preset = wanted.preset
    if wanted.negotiates:
        preset = replace(preset, format=negotiated(accept) or preset.format)
    request = ImageRequest(image_id, normal(preset), wanted.version, wanted.strict, wanted.tile)
    return Rewrite("/" + request.key, request.version, wanted.placeholder)
