"""A webhook is one request to the receiver, and to no other address."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from fakes.http_server import http_server
from fakes.webhook_receiver import webhook_receiver

from imagemill.errors import ConfigurationInvalid
from imagemill.webhooks.post import Receiver, WebhookFailed, post, tls_settings

HEADERS = {"Content-Type": "application/json"}


def test_the_receiver_gets_the_bytes_and_the_headers() -> None:
    with webhook_receiver() as receiver:
        post(Receiver.parse(receiver.url, on_laptop=True), b"body", HEADERS)

    [request] = receiver.requests
    assert (request.target, request.body) == ("/hook?from=imagemill", b"body")
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"


def test_a_receiver_below_localhost_is_this_machine_for_every_resolver() -> None:
    with webhook_receiver() as receiver:
        url = f"http://app.localhost:{receiver.port}/hook"
        post(Receiver.parse(url, on_laptop=True), b"body", HEADERS)

    assert receiver.requests[0].headers["host"] == f"app.localhost:{receiver.port}"


@pytest.mark.parametrize("status", [204, 299])
def test_every_status_of_success_is_one(status: int) -> None:
    with webhook_receiver() as receiver:
        receiver.statuses = [status]
        post(Receiver.parse(receiver.url, on_laptop=True), b"", HEADERS)


@pytest.mark.parametrize("status", [301, 307, 400, 410, 503])
def test_another_status_is_a_failure_and_no_redirect_is_followed(status: int) -> None:
    with webhook_receiver() as receiver:
        receiver.statuses = [status]

        with pytest.raises(WebhookFailed, match=f"status {status}"):
            post(Receiver.parse(receiver.url, on_laptop=True), b"", HEADERS)

    assert len(receiver.requests) == 1


def test_a_receiver_that_does_not_listen_is_a_failure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(WebhookFailed, match="no answer"):
        post(Receiver.parse(f"http://127.0.0.1:{port}/", on_laptop=True), b"", HEADERS)


def test_a_receiver_that_answers_forever_is_cut_off() -> None:
    with http_server() as server:

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                # A packet comes before each timeout of the socket, and the header never ends.
                waiting = threading.Event()
                while not waiting.wait(0.02):
                    self.wfile.write(b"x")

        server.RequestHandlerClass = Handler
        receiver = Receiver.parse(f"http://127.0.0.1:{server.server_address[1]}", on_laptop=True)

        with pytest.raises(WebhookFailed, match="no answer"):
            post(receiver, b"", HEADERS, timeout_s=0.3)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_on_aws_an_address_inside_of_a_network_is_refused(host: str) -> None:
    with webhook_receiver() as receiver, pytest.raises(WebhookFailed, match="not a public one"):
        post(Receiver.parse(f"https://{host}:{receiver.port}/"), b"", HEADERS)

    assert receiver.requests == []


def test_a_receiver_with_a_trusted_certificate_gets_the_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with encrypted(tmp_path) as url:
        with pytest.raises(WebhookFailed, match="certificate"):
            post(Receiver.parse(url, on_laptop=True), b"", HEADERS)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        tls_settings.cache_clear()

        post(Receiver.parse(url, on_laptop=True), b"", HEADERS)

    tls_settings.cache_clear()


@pytest.mark.parametrize(
    ("url", "host", "port", "target"),
    [
        ("https://app.example.com", "app.example.com", 443, "/"),
        ("https://app.example.com:8443/hook?a=b", "app.example.com", 8443, "/hook?a=b"),
        ("https://app.example.com?a", "app.example.com", 443, "/?a"),
    ],
)
def test_an_address_is_taken_apart(url: str, host: str, port: int, target: str) -> None:
    found = Receiver.parse(url)

    assert found == Receiver(
        is_encrypted=True, host=host, port=port, target=target, only_public=True
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "app.localhost"])
def test_on_a_laptop_a_receiver_on_this_machine_needs_no_encryption(host: str) -> None:
    assert not Receiver.parse(f"http://{host}:8000/", on_laptop=True).is_encrypted


@pytest.mark.parametrize(
    "url",
    [
        "http://app.example.com/",
        "http://localhost/",
        "ftp://app.example.com/",
        "https://",
        "https://user:password@app.example.com/",
        "https://app.example.com/#part",
        "https://app.example.com/a b",
        "https://app.example.com/é",
        "https://app.example.com:99999/",
        "app.example.com",
        "",
    ],
)
def test_another_address_is_refused_on_aws(url: str) -> None:
    with pytest.raises(ConfigurationInvalid, match="webhook URL"):
        Receiver.parse(url)


def test_on_a_laptop_only_this_machine_may_speak_plain_http() -> None:
    with pytest.raises(ConfigurationInvalid, match="https://"):
        Receiver.parse("http://192.168.0.1/", on_laptop=True)


@contextmanager
def encrypted(folder: Path) -> Iterator[str]:
    """Run a receiver with a certificate of its own, in `certificate.pem`; yield its URL."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    with http_server() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Print nothing."""

        server.RequestHandlerClass = Handler
        yield f"https://127.0.0.1:{server.server_address[1]}/"
