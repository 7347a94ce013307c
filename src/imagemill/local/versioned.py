"""Addresses with a version on the laptop; edge/versioned.js has the same rules."""

import re
from urllib.parse import unquote

from imagemill.domain.keys import owner_of

# An address with a version, perhaps with an owner before it.
_VERSIONED = re.compile(
    r"/~~/(?:~(?P<owner>[^/]*)/)?(?P<version>[^/~][^/]*)(?P<key>/(?P<folder>[^/]+)/.*)"
)
_CLOSED_FOLDER = "~t"
_INCOMPLETE_ESCAPE = re.compile("%(?![0-9A-Fa-f]{2})")


def key_of_version(path: str) -> tuple[str, str] | None:
    """Return the version and the path of the rendition that an address with a version leads to.

    None for any other path, for keys of variants, and for a key of another owner than the address
    names.
    """
    found = _VERSIONED.fullmatch(path)
    if not found or _INCOMPLETE_ESCAPE.search(found["folder"]):
        return None
    folder = unquote(found["folder"])
    if folder == _CLOSED_FOLDER or "/" in folder or not _is_of(found["owner"], found["key"]):
        return None
    return found["version"], found["key"]


def _is_of(owner: str | None, path: str) -> bool:
    if owner is None:
        return True
    try:
        key = unquote(path[1:], errors="strict")
    except UnicodeDecodeError:
        return False
    is_whole = _INCOMPLETE_ESCAPE.search(path) is None
    return is_whole and owner != "" and owner_of(key.partition("/")[2]) == owner
