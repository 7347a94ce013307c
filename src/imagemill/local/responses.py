"""The headers that visitors get with images, and problems, as the functions in edge/ make them."""

import json
import re
from collections.abc import Mapping

from imagemill.requests.settings import IiifProfile

# Deleted and overwritten images disappear from caches after two minutes at most.
SHORT = "public, max-age=60, stale-while-revalidate=60"
YEAR = "public, max-age=31536000, immutable"
_IIIF = re.compile(r"(https?://[^/]+/iiif/([23])/[^/?<>]+)/")


def of_version(headers: Mapping[str, str], version: str) -> dict[str, str]:
    """Return the headers of a rendition at an address with a version, as edge/immutable.js does."""
    stored = f"{headers.get('x-amz-meta-sequencer')}-{headers.get('x-amz-meta-recipe')}"
    return {**headers, "cache-control": YEAR if version == stored else "public, max-age=60"}


def for_visitors(
    headers: Mapping[str, str], version: str | None, url: str, profile: IiifProfile
) -> dict[str, str]:
    """Return the headers of an answer below 400; `version` is the one that the URL names.

    Only an answer that has the version of the URL stays the same for a year. `url` is the one that
    the visitor sent, `profile` that of the stack.
    """
    stored = headers.get("x-amz-meta-version")
    kept = {name: value for name, value in headers.items() if not name.startswith("x-amz-")}
    if stored or "cache-control" not in kept:
        is_named = stored and version == stored
        kept |= {"cache-control": YEAR if is_named else SHORT, "vary": "Accept"}
    return kept | _links(headers, url, profile) | {"access-control-allow-origin": "*"}


def problem(
    status: int, code: str, detail: str, option: str | None = None
) -> tuple[dict[str, str], bytes]:
    """Return headers and body of the edge's answer to a URL that it refuses (RFC 9457)."""
    fields = {"status": status, "code": code, "option": option, "detail": detail}
    headers = {
        "access-control-allow-origin": "*",
        "cache-control": "public, max-age=60",
        "content-type": "application/problem+json",
        "x-content-type-options": "nosniff",
    }
    body = json.dumps({name: value for name, value in fields.items() if value is not None})
    return headers, body.encode()


def _links(headers: Mapping[str, str], url: str, profile: IiifProfile) -> dict[str, str]:
    """Return the links to the profile, and to the canonical URI of an image; none for other URLs.

    Source: IIIF Image API 3.0, 4.8 and 6; 2.1, 4.7 and 6.
    """
    image = _IIIF.match(url)
    if image is None:
        return {}
    uri, api = image.groups()
    found = [f'<http://iiif.io/api/image/{api}/{profile}.json>;rel="profile"']
    canonical = headers.get(f"x-amz-meta-iiif-{api}")
    if canonical:
        found.append(f'<{uri}/{canonical}>;rel="canonical"')
    return {"link": ", ".join(found)}
