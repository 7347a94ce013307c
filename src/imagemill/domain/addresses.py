"""Addresses to which credentials may be sent."""

from urllib.parse import urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_encrypted_or_local(url: str) -> bool:
    """Return whether a URL has https://, or http:// and a host that is this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    is_local = host in _LOOPBACK or host.endswith(".localhost")
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_local))
