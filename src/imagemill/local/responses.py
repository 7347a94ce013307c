"""The headers that visitors get with images on request, as edge/response.js sets them."""

from collections.abc import Mapping

# Deleted and overwritten images disappear from caches after two minutes at most.
SHORT = "public, max-age=60, stale-while-revalidate=60"
YEAR = "public, max-age=31536000, immutable"


def for_visitors(headers: Mapping[str, str], version: str | None) -> dict[str, str]:
    """Return the headers of an answer below 400; `version` is the one that the URL names.

    Only an answer that has the version of the URL stays the same for a year.
    """
    stored = headers.get("x-amz-meta-version")
    kept = {name: value for name, value in headers.items() if not name.startswith("x-amz-")}
    if stored or "cache-control" not in kept:
        is_named = stored and version == stored
        kept |= {"cache-control": YEAR if is_named else SHORT, "vary": "Accept"}
    return kept | {"access-control-allow-origin": "*"}
