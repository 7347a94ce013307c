"""A client that gives up leaves nothing behind that is delivered later."""

import gc
import os
import signal
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fakes.raw_server import (
    ConnectionEnd,
    RawResponse,
    RawServer,
    environment,
    http_response,
    raw_server,
    unread_server,
)

from imagemill.aws.errors import Unreachable
from imagemill.aws.light.clients import S3
from imagemill.aws.light.connection import Timeouts, tls_context
from imagemill.aws.light.endpoint import Endpoint
from imagemill.aws.light.wire import Wire

BODY = bytes(400_000)
"""More than a server's small receive buffer holds, and less than the kernel takes to send it."""
MOST_ARRIVED = 150_000
SHORT = Timeouts(connect_s=1, answer_s=0.2)
PATIENT = Timeouts()
PUT: dict[str, Any] = {"Bucket": "b", "Key": "k", "Body": BODY}
STORED = http_response("200 OK", ['ETag: "e"'])


def at_once(_: float) -> None:
    """Wait for nothing."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate of localhost, with its key in the same file."""
    place = tmp_path_factory.mktemp("tls") / "localhost.pem"
    asked = f"""openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2
        -subj /CN=localhost -addext subjectAltName=DNS:localhost
        -keyout {place} -out {place.with_suffix(".crt")}"""
    subprocess.run(asked.split(), check=True, capture_output=True)
    with place.open("a") as both:
        both.write(place.with_suffix(".crt").read_text())
    return place


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """Have clients trust the certificate; return what a server shows it with."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate.with_suffix(".crt")))
    tls_context.cache_clear()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # later ones send what a client may not read
    context.load_cert_chain(certificate)
    yield context
    tls_context.cache_clear()


def timed_out(endpoint: str) -> None:
    """Have a client put an object and give up."""
    with pytest.raises(Unreachable, match="TimeoutError"):
        S3(environment(endpoint), at_once, SHORT).put_object(**PUT)


def test_a_request_that_was_given_up_is_reset_and_not_delivered() -> None:
    with unread_server() as server:
        timed_out(f"http://127.0.0.1:{server.port}")

        count, end = server.received()

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def test_a_request_over_tls_that_was_given_up_is_reset_and_not_delivered(
    trusted: ssl.SSLContext,
) -> None:
    with unread_server(trusted) as server:
        timed_out(f"https://localhost:{server.port}")

        count, end = server.received()

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def test_a_connection_over_tls_is_reset_and_its_request_not_delivered(
    trusted: ssl.SSLContext,
) -> None:
    with unread_server(trusted) as server:
        wire = Wire(Endpoint(is_tls=True, host=f"localhost:{server.port}"), Timeouts())
        wire.send(b"PUT ", BODY)
        wire.abort()

        count, end = server.received()

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def test_a_frozen_client_has_its_request_discarded_by_the_kernel() -> None:
    with unread_server() as server:
        wire = connected(server.port, SHORT)
        wire.send(b"PUT ", BODY)
        time.sleep(5 * SHORT.answer_s)

        count, end = server.received()
        wire.abort()

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def sent_and_dropped(port: int) -> None:
    wire = connected(port)
    wire.send(b"PUT ", BODY)
    del wire
    gc.collect()


def sent_and_killed(port: int) -> None:
    child = os.fork()
    if not child:
        connected(port).send(b"PUT ", BODY)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("end_by", [sent_and_dropped, sent_and_killed])
def test_however_a_client_ends_its_request_is_not_delivered(end_by: Callable[[int], None]) -> None:
    with unread_server() as server:
        end_by(server.port)

        count, end = server.received()

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def test_a_forked_child_does_not_keep_a_request_alive() -> None:
    with unread_server() as server:
        wire = connected(server.port)
        wire.send(b"PUT ", BODY)
        lives, tells = os.pipe()
        child = os.fork()
        if not child:
            os.write(tells, b"!")
            time.sleep(60)
            os._exit(0)
        os.read(lives, 1)

        wire.abort()
        count, end = server.received()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def test_a_connection_that_is_no_longer_needed_is_closed_politely() -> None:
    with unread_server() as server:
        connected(server.port).close()

        assert server.received() == (0, ConnectionEnd.FIN)


def connected(port: int, timeouts: Timeouts = PATIENT) -> Wire:
    return Wire(Endpoint(is_tls=False, host=f"127.0.0.1:{port}"), timeouts)


def idle(server: RawServer, count: int) -> S3:
    """Return a client with so many idle connections."""
    client = S3(server.environment, at_once, SHORT)
    bodies = [client.get_object(Bucket="b", Key="k")["Body"] for _ in range(count)]
    for body in bodies:
        body.read()
        body.close()
    return client


def test_connections_that_died_silently_cost_one_timeout_and_one_retry() -> None:
    got = RawResponse(http_response("200 OK", ['ETag: "e"'], b"image"))
    with raw_server(got, got, got, RawResponse(STORED)) as server:
        client = idle(server, 3)
        server.silent_connections = 3
        started = time.monotonic()

        client.put_object(Bucket="b", Key="k", Body=b"1")

    assert time.monotonic() - started < 2 * SHORT.answer_s
    assert len(server.requests) == 5


def test_what_arrives_after_an_answer_ends_its_connection() -> None:
    with raw_server(RawResponse(STORED + b"HTTP/1.1 500 late\r\n"), RawResponse(STORED)) as server:
        client = S3(server.environment, at_once)

        client.put_object(Bucket="b", Key="k", Body=b"1")

    assert (len(server.requests), server.connections) == (2, 2)
