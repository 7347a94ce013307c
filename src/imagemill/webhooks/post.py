"""Send a webhook: one HTTPS request that follows no redirect, uses no proxy and has a deadline."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from threading import Timer
from urllib.parse import urlsplit

from imagemill.addresses import host_to_connect, is_this_machine
from imagemill.dataclass import dataclass
from imagemill.errors import ConfigurationInvalid, TransientFault

# Longest time for connecting and for the answer to a request, s, and for both together.
_TIMEOUT_S = 10
_PORTS = {"http": 80, "https": 443}


class WebhookFailed(TransientFault):
    """The receiver did not answer with 2xx; another attempt may succeed."""

    code = "webhook_failed"


@dataclass(frozen=True, slots=True)
class Receiver:
    """A receiver of webhooks: scheme, host and port, and path with query.

    With `only_public`, an address inside of a network is refused for every host name.
    """

    is_encrypted: bool
    host: str
    port: int
    target: str
    only_public: bool

    @classmethod
    def parse(cls, url: str, *, on_laptop: bool = False) -> "Receiver":
        """Return the receiver at a URL; raises ConfigurationInvalid.

        On a laptop it may be on this machine, also without encryption.
        """
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        except (ValueError, KeyError):
            host, port = "", 0
        is_plain = bool(host) and parts.scheme == "http"
        if not host or parts.username is not None or parts.fragment or not _is_visible(url):
            raise ConfigurationInvalid(
                "expected a webhook URL such as https://app.example.com/hook"
            )
        if is_plain and not (on_laptop and is_this_machine(host)):
            raise ConfigurationInvalid("expected a webhook URL with https://")
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return cls(not is_plain, host, port, target, only_public=not on_laptop)


def post(
    receiver: Receiver, body: bytes, headers: Mapping[str, str], timeout_s: float = _TIMEOUT_S
) -> None:
    """Send a body; raises WebhookFailed unless the answer has a status from 200 to 299."""
    try:
        with _connected(receiver, timeout_s) as connection:
            connection.request("POST", receiver.target, body, dict(headers))
            status = connection.getresponse().status
    except TimeoutError as fault:
        raise WebhookFailed(f"no answer within {timeout_s:g} s") from fault
    except (OSError, HTTPException, ValueError) as fault:
        raise WebhookFailed(f"no answer: {fault or type(fault).__name__}") from fault
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise WebhookFailed(f"status {status}")


@contextmanager
def _connected(receiver: Receiver, timeout_s: float) -> Iterator[HTTPConnection]:
    """Yield a connection that is cut off after the timeout."""
    place = (host_to_connect(receiver.host), receiver.port)
    stream = socket.create_connection(place, timeout_s)
    with stream if not receiver.is_encrypted else _tls(stream, receiver.host) as stream:
        if receiver.only_public and not ip_address(stream.getpeername()[0]).is_global:
            raise OSError("the address of the host is not a public one")
        # The timeout of a socket is for each packet: a receiver that sends one a second has none.
        timer = Timer(timeout_s, _cut_off, [stream])
        timer.daemon = True
        timer.start()
        try:
            yield _over(stream, receiver)
        finally:
            timer.cancel()


def _tls(stream: socket.socket, host: str) -> ssl.SSLSocket:
    """Return an encrypted stream; its handshake is made with the first bytes that are sent."""
    return tls_settings().wrap_socket(stream, server_hostname=host, do_handshake_on_connect=False)


def _over(stream: socket.socket, receiver: Receiver) -> HTTPConnection:
    """Return a connection that uses an open socket; its class gives the header Host its port."""
    kind = HTTPSConnection if receiver.is_encrypted else HTTPConnection
    connection = kind(receiver.host, receiver.port)
    connection.sock = stream
    return connection


def _cut_off(stream: socket.socket) -> None:
    with suppress(OSError):
        stream.shutdown(socket.SHUT_RDWR)


@cache
def tls_settings() -> ssl.SSLContext:
    """Return the settings of TLS; loading the certificates takes 20 ms."""
    return ssl.create_default_context()


def _is_visible(url: str) -> bool:
    """Return whether a URL has only characters that a request line may have."""
    return url.isascii() and url.isprintable() and " " not in url
