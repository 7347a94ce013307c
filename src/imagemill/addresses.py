"""Addresses to which credentials may be sent."""

from urllib.parse import urlsplit

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def is_this_machine(host: str) -> bool:
    """Return whether a host name in small letters is this machine: by its name, not by a look-up.

    Names below `localhost` are included, because nobody can register them (RFC 6761), and the
    gallery of a laptop has one. Other loopback addresses are not: no part of imagemill has one.
    """
    return host in _LOOPBACK or host.endswith(".localhost")


def host_to_connect(host: str) -> str:
    """Return the host to connect to for a host name: `localhost` for the names below it.

    Not every resolver knows that these are this machine, and one that does not would ask a server.
    """
    return "localhost" if host.endswith(".localhost") else host


def is_encrypted_or_local(url: str) -> bool:
    """Return whether a URL has https://, or http:// and a host that is this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    is_local = parts.scheme == "http" and is_this_machine(host)
    return (parts.scheme == "https" and bool(host)) or is_local
