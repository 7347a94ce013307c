"""Signed cookies for the images that a caller may see.

The API has another host name than the distribution, so it cannot set cookies there. It returns a
URL of the distribution that sets them: edge/cookies.js does, and `cookies_of` on the laptop. They
belong to that host alone, without `Domain`.
"""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, urlencode

from imagemill.domain.caller import Caller
from imagemill.private.signer import LinkSigner, SignedPolicy

# The path that sets the cookies.
PATH = "/~cookies"
# The folder of the distribution that the cookies of each area are sent to.
AREAS = {"all": "/", "renditions": "/~~/", "sizes": "/~/", "iiif": "/iiif/"}
NAMES = ("CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id")
# No page of another site sends them with its images, and no script reads them.
_ATTRIBUTES = "Secure; HttpOnly; SameSite=Lax"
_SIGNED = re.compile(r"([A-Za-z0-9_~-]{1,1024})\.([A-Za-z0-9_~-]{1,1024})")
_KEY_ID = re.compile(r"[A-Za-z0-9]{1,32}")
_SECONDS = re.compile(r"[0-9]{1,7}")


def resources(site: str, caller: Caller, prefix: str = "") -> dict[str, str]:
    """Return the URLs that a caller may see, by their area; none if it has no images.

    `site` is the URL of the distribution, `prefix` that of all originals. An owner's patterns begin
    with its own folder: behind a `*`, a query could repeat the path of another's image.
    """
    if caller.sees_all:
        return {"all": f"{site}/*"}
    if not caller.owner:
        return {}
    folder = f"{prefix}uploads/~{caller.owner}/"
    return {
        "renditions": f"{site}/~~/~{caller.owner}/*",
        "sizes": f"{site}/~/{quote(folder)}*",
        "iiif": f"{site}/iiif/3/{quote(folder, safe='')}*",
    }


def cookies_url(site: str, wanted: Mapping[str, str], signer: LinkSigner) -> str:
    """Return the URL that sets cookies for the URLs in `wanted`, and deletes those of other areas.

    The cookies end with the signature.
    """
    signed = {area: signer.policy(resource) for area, resource in wanted.items()}
    values = {area: f"{one.policy}.{one.signature}" for area, one in signed.items()}
    seconds = signer.until - int(signer.now())
    query = urlencode({**values, "key": signer.key_id, "seconds": seconds}, safe="~")
    return f"{site}{PATH}?{query}"


def cookies_of(query: Mapping[str, str]) -> list[str] | None:
    """Return the values of `Set-Cookie` for the parameters of such a URL; None for others."""
    key_id, seconds = query.get("key", ""), query.get("seconds", "")
    given = {area: _SIGNED.fullmatch(query[area]) for area in AREAS if area in query}
    is_valid = _KEY_ID.fullmatch(key_id) and _SECONDS.fullmatch(seconds)
    if given and not (is_valid and all(given.values())):
        return None
    signed = {
        area: SignedPolicy(found[1], found[2], key_id) for area, found in given.items() if found
    }
    return [line for area in AREAS for line in _cookies(area, signed.get(area), seconds)]


def _cookies(area: str, signed: SignedPolicy | None, seconds: str) -> Iterator[str]:
    values = (signed.policy, signed.signature, signed.key_id) if signed else ("-", "-", "-")
    age = seconds if signed else "0"
    for name, value in zip(NAMES, values, strict=True):
        yield f"{name}={value}; Path={AREAS[area]}; Max-Age={age}; {_ATTRIBUTES}"
