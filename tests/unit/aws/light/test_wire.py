"""A request that its client has given up is not delivered later."""

import gc
import os
import signal
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
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

from imagemill.aws.light import S3, DynamoDB, NoValidResponse, Timeouts, tls_context
from imagemill.aws.light.endpoint import Endpoint
from imagemill.aws.light.wire import Connection

# More than the server's small receive buffer, less than the send buffer of the kernel.
BODY = bytes(400_000)
MOST_ARRIVED = 150_000
SHORT = Timeouts(connect_s=1, answer_s=0.2)
PATIENT = Timeouts()
PUT: dict[str, Any] = {"Bucket": "b", "Key": "k", "Body": BODY}
STORED = http_response("200 OK", ['ETag: "e"'])


def no_pause(_: float) -> None:
    """Return at once."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a new certificate of localhost, with its key in the same file."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    command = f"""openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2
        -subj /CN=localhost -addext subjectAltName=DNS:localhost
        -keyout {path} -out {path.with_suffix(".crt")}"""
    subprocess.run(command.split(), check=True, capture_output=True)
    with path.open("a") as both:
        both.write(path.with_suffix(".crt").read_text())
    return path


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ssl.SSLContext]:
    """Make clients trust the certificate; return the context of a server that has it."""
    monkeypatch.setenv("AWS_CA_BUNDLE", str(certificate.with_suffix(".crt")))
    tls_context.cache_clear()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    # TLS 1.3 sends session tickets after the handshake, which the client does not read here.
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate)
    yield context
    tls_context.cache_clear()


def timed_out(endpoint: str) -> None:
    """Put an object; the request times out."""
    with pytest.raises(NoValidResponse, match="TimeoutError"):
        S3(environment(endpoint), no_pause, SHORT).put_object(**PUT)


def test_a_large_body_over_tls_is_read_into_memory(trusted: ssl.SSLContext) -> None:
    data, memory = bytes(range(256)) * 8_000, memoryview(bytearray(2_048_000))
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def serve() -> None:
            with trusted.wrap_socket(listener.accept()[0], server_side=True) as connection:
                connection.recv(4_096)
                connection.sendall(http_response("200 OK", ['ETag: "e"'], data))
                connection.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        client = S3(environment(f"https://localhost:{listener.getsockname()[1]}"), no_pause)
        with closing(client.get_object(Bucket="b", Key="k")["Body"]) as body:
            body.read_into(memory)

    assert memory == data


def test_a_request_that_timed_out_is_reset_and_not_delivered() -> None:
    with unread_server() as server:
        timed_out(f"http://127.0.0.1:{server.port}")

        count, end = server.received()

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def test_a_request_over_tls_that_timed_out_is_reset_and_not_delivered(
    trusted: ssl.SSLContext,
) -> None:
    with unread_server(trusted) as server:
        timed_out(f"https://localhost:{server.port}")

        count, end = server.received()

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def test_an_aborted_connection_over_tls_is_reset_and_its_request_not_delivered(
    trusted: ssl.SSLContext,
) -> None:
    with unread_server(trusted) as server:
        connection = Connection(Endpoint(is_tls=True, host=f"localhost:{server.port}"), Timeouts())
        connection.send(b"PUT ", BODY)
        connection.abort()

        count, end = server.received()

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def test_the_kernel_discards_the_request_of_a_frozen_client() -> None:
    with unread_server() as server:
        connection = connected(server.port, SHORT)
        connection.send(b"PUT ", BODY)
        time.sleep(5 * SHORT.answer_s)

        count, end = server.received()
        connection.abort()

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def sent_and_dropped(port: int) -> None:
    connection = connected(port)
    connection.send(b"PUT ", BODY)
    del connection
    gc.collect()


def sent_and_killed(port: int) -> None:
    child = os.fork()
    if not child:
        connected(port).send(b"PUT ", BODY)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child, 0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("end_by", [sent_and_dropped, sent_and_killed])
def test_the_request_of_a_client_that_ended_is_not_delivered(end_by: Callable[[int], None]) -> None:
    with unread_server() as server:
        end_by(server.port)

        count, end = server.received()

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def test_a_forked_child_does_not_keep_a_request_alive() -> None:
    with unread_server() as server:
        connection = connected(server.port)
        connection.send(b"PUT ", BODY)
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.write(writer, b"!")
            time.sleep(60)
            os._exit(0)
        os.read(reader, 1)

        connection.abort()
        count, end = server.received()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    assert (end, count < MOST_ARRIVED) == (ConnectionEnd.RST, True)


def test_closing_an_idle_connection_sends_fin() -> None:
    with unread_server() as server:
        connected(server.port).close()

        assert server.received() == (0, ConnectionEnd.FIN)


def connected(port: int, timeouts: Timeouts = PATIENT) -> Connection:
    return Connection(Endpoint(is_tls=False, host=f"127.0.0.1:{port}"), timeouts)


def idle(server: RawServer, count: int, timeouts: Timeouts = SHORT) -> S3:
    """Return a client with this number of idle connections."""
    client = S3(server.environment, no_pause, timeouts)
    bodies = [client.get_object(Bucket="b", Key="k")["Body"] for _ in range(count)]
    for body in bodies:
        body.read()
        body.close()
    return client


def test_dead_idle_connections_cost_one_timeout_and_one_retry() -> None:
    got = RawResponse(http_response("200 OK", ['ETag: "e"'], b"image"))
    with raw_server(got, got, got, RawResponse(STORED)) as server:
        client = idle(server, 3)
        server.silent_connections = 3

        client.put_object(Bucket="b", Key="k", Body=b"1")

    # Three connections, one request without an answer, and its retry over a new connection.
    assert len(server.requests) == 5


def test_dead_connections_of_all_clients_cost_one_timeout() -> None:
    got = RawResponse(http_response("200 OK", ['ETag: "e"'], b"image"))
    item = RawResponse(http_response("200 OK", [], b"{}"))
    with raw_server(got, got, RawResponse(STORED)) as s3, raw_server(item) as dynamodb:
        objects, items = idle(s3, 2), DynamoDB(dynamodb.environment, no_pause, SHORT)
        items.get_item(TableName="t", Key={"id": {"S": "i"}})
        s3.silent_connections, dynamodb.silent_connections = 2, 1

        objects.put_object(Bucket="b", Key="k", Body=b"1")
        items.get_item(TableName="t", Key={"id": {"S": "i"}})

    assert (len(s3.requests), len(dynamodb.requests)) == (4, 2)


def test_the_first_bytes_over_an_idle_connection_have_less_time() -> None:
    got = RawResponse(http_response("200 OK", ['ETag: "e"'], b"image"))
    with raw_server(got, RawResponse(STORED)) as server:
        client = idle(server, 1, Timeouts(idle_answer_s=0.1))
        server.silent_connections = 1
        started = time.monotonic()

        client.put_object(Bucket="b", Key="k", Body=b"1")

    assert 0.1 <= time.monotonic() - started < PATIENT.idle_answer_s
    assert (len(server.requests), server.connections) == (3, 2)


def test_a_connection_that_was_idle_for_too_long_is_not_used_again() -> None:
    got = RawResponse(http_response("200 OK", ['ETag: "e"'], b"image"))
    with raw_server(got, RawResponse(STORED)) as server:
        client = idle(server, 1, Timeouts(idle_s=0.01))
        time.sleep(0.02)

        client.put_object(Bucket="b", Key="k", Body=b"1")

    assert (len(server.requests), server.connections) == (2, 2)


def test_a_connection_from_the_future_is_not_used_again(monkeypatch: pytest.MonkeyPatch) -> None:
    got = RawResponse(http_response("200 OK", ['ETag: "e"'], b"image"))
    with raw_server(got, RawResponse(STORED)) as server:
        client = idle(server, 1, PATIENT)
        earlier = time.time() - 5
        monkeypatch.setattr(time, "time", lambda: earlier)

        client.put_object(Bucket="b", Key="k", Body=b"1")

    assert server.connections == 2


def test_bytes_after_a_response_end_its_connection() -> None:
    with raw_server(RawResponse(STORED + b"HTTP/1.1 500 late\r\n"), RawResponse(STORED)) as server:
        client = S3(server.environment, no_pause)

        client.put_object(Bucket="b", Key="k", Body=b"1")

    assert (len(server.requests), server.connections) == (2, 2)
