"""The proxy passes requests on unchanged, and breaks them off when told to."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import httpx
import pytest
from chaos.proxy import Trouble, Weather, proxy
from live.stack import PATIENCE_S

CHANCE = Random(0)  # noqa: S311  # chance, not secrets


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        told = f"{self.path} {self.headers['Host']} {self.headers['X-Odd']} ".encode() + body
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_: object) -> None:
        pass


class Fixed(Weather):
    """The same trouble for everybody."""

    def __init__(self, trouble: Trouble | None) -> None:
        super().__init__(CHANCE)
        self.trouble = trouble

    def draw(self, _: str) -> Trouble | None:
        return self.trouble


@pytest.fixture
def upstream() -> Iterator[str]:
    """Run a server that tells what it was asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_request_goes_on_as_it_came(upstream: str) -> None:
    with proxy(upstream, Fixed(None)) as endpoint:
        host = endpoint.removeprefix("http://")
        answer = httpx.put(
            f"{endpoint}/a%20b/%2F?x=%2B",
            content=b"\x00\r\n",
            headers={"X-Odd": "a;  b=+"},
            timeout=PATIENCE_S,
        )

    assert answer.content == f"/a%20b/%2F?x=%2B {host} a;  b=+ ".encode() + b"\x00\r\n"


@pytest.mark.parametrize(
    ("trouble", "headers", "status", "code"),
    [
        (Trouble.SLOW_DOWN, {}, 503, "<Code>SlowDown</Code>"),
        (Trouble.INTERNAL, {}, 500, "<Code>InternalError</Code>"),
        (Trouble.DENIED, {}, 500, "<Code>InternalError</Code>"),
        (Trouble.SLOW_DOWN, {"X-Amz-Target": "Dynamo"}, 400, "#ThrottlingException"),
        (Trouble.INTERNAL, {"X-Amz-Target": "Dynamo"}, 500, "#InternalServerError"),
    ],
)
def test_an_error_speaks_the_words_of_the_service(
    upstream: str, trouble: Trouble, headers: dict[str, str], status: int, code: str
) -> None:
    with proxy(upstream, Fixed(trouble)) as endpoint:
        answer = httpx.put(endpoint, content=b"12", headers=headers, timeout=PATIENCE_S)

    assert answer.status_code == status
    assert code in answer.text


@pytest.mark.parametrize("trouble", [Trouble.REFUSED, Trouble.UNHEARD, Trouble.CUT])
def test_a_connection_breaks_off(upstream: str, trouble: Trouble) -> None:
    with proxy(upstream, Fixed(trouble)) as endpoint, pytest.raises(httpx.TransportError):
        httpx.put(endpoint, content=b"12", timeout=PATIENCE_S)


def test_calm_weather_troubles_nobody() -> None:
    weather = Weather(CHANCE, rate=1, squall_rate=1)

    calm = weather.draw("/a")
    weather.is_calm = False

    assert calm is None
    assert weather.draw("/a") is not None
