"""The proxy passes requests on unchanged, and breaks them off when told to."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import httpx
import pytest
from chaos.proxy import proxy
from chaos.weather import Trouble, Weather
from fakes.aws_server import CannedResponse, fake_aws
from fakes.raw_server import environment
from live.stack import TIMEOUT_S

from imagemill.aws.errors import Unreachable
from imagemill.aws.light.clients import S3, DynamoDB, Events
from imagemill.aws.light.connection import Timeouts

Ask = Callable[[dict[str, str]], object]

SHORT = Timeouts(connect_s=5, answer_s=0.3)
"""Shorter than a request is stalled or deferred in `Fixed`."""
CHANCE = Random(0)  # noqa: S311  # chance, not secrets


def at_once(_: float) -> None:
    """Wait for nothing."""


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

    def stall_s(self) -> float:
        return 0.5

    def defer_s(self) -> float:
        return 0.5

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
            timeout=TIMEOUT_S,
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
        answer = httpx.put(endpoint, content=b"12", headers=headers, timeout=TIMEOUT_S)

    assert answer.status_code == status
    assert code in answer.text


CUTS = [trouble for trouble in Trouble if trouble.startswith("cut")]


@pytest.mark.parametrize("trouble", [Trouble.REFUSED, Trouble.STALLED, Trouble.DEFERRED, *CUTS])
def test_a_connection_breaks_off(upstream: str, trouble: Trouble) -> None:
    with proxy(upstream, Fixed(trouble)) as endpoint, pytest.raises(httpx.TransportError):
        httpx.put(endpoint, content=b"12", timeout=TIMEOUT_S)


class Cut(Fixed):
    """The same cut for everybody, by FIN or by RST."""

    def __init__(self, trouble: Trouble, *, by_reset: bool, requests: int) -> None:
        super().__init__(trouble)
        self.by_reset = by_reset
        self.left = requests

    def draw(self, path: str) -> Trouble | None:
        self.left -= 1
        return super().draw(path) if self.left >= 0 else None

    def cut(self, trouble: Trouble, head: int, whole: int) -> tuple[int, bool]:
        return super().cut(trouble, head, whole)[0], self.by_reset


def get(environ: dict[str, str]) -> object:
    body = S3(environ, at_once).get_object(Bucket="b", Key="k")["Body"]
    try:
        return body.read()
    finally:
        body.close()


def put(environ: dict[str, str]) -> object:
    return S3(environ, at_once, SHORT).put_object(Bucket="b", Key="a/k", Body=b"1", IfNoneMatch="*")


def delete(environ: dict[str, str]) -> object:
    S3(environ, at_once, SHORT).delete_object(Bucket="b", Key="a/k", IfMatch='"e"')
    return "deleted"


def put_item(environ: dict[str, str]) -> object:
    return DynamoDB(environ, at_once, SHORT).put_item(TableName="t", Item={"id": {"S": "a"}})


STORED = CannedResponse(headers={"ETag": '"e"'})
WRITES: dict[str, tuple[Ask, CannedResponse]] = {
    "PutObject": (put, STORED),
    "DeleteObject": (delete, CannedResponse(204)),
    "PutItem": (put_item, CannedResponse(body=b"{}")),
}
OPERATIONS: dict[str, tuple[Ask, CannedResponse]] = {
    **WRITES,
    "GetObject": (get, CannedResponse(headers={"ETag": '"e"'}, body=b"an image")),
    "HeadObject": (
        lambda aws: S3(aws, at_once).head_object(Bucket="b", Key="k"),
        CannedResponse(headers={"ETag": '"e"', "Last-Modified": "Sun, 22 Nov 2026 10:11:12 GMT"}),
    ),
    "GetItem": (
        lambda aws: DynamoDB(aws, at_once).get_item(TableName="t", Key={"id": {"S": "a"}}),
        CannedResponse(body=b'{"Item":{"id":{"S":"a"}}}'),
    ),
    "PutEvents": (
        lambda aws: Events(aws, at_once).put_events(Entries=[{"Source": "s"}]),
        CannedResponse(body=b'{"FailedEntryCount":0,"Entries":[{"EventId":"1"}]}'),
    ),
}


@pytest.mark.parametrize("by_reset", [False, True])
@pytest.mark.parametrize("trouble", CUTS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_client_takes_no_answer_that_was_cut_and_all_others(
    operation: str, trouble: Trouble, by_reset: bool
) -> None:
    ask, said = OPERATIONS[operation]
    weather = Cut(trouble, by_reset=by_reset, requests=3)
    with fake_aws(said) as aws, proxy(aws.endpoint, weather) as endpoint:
        environ = environment(endpoint)
        while weather.left > 0:
            with pytest.raises(Unreachable):
                ask(environ)

        weather.left = 0
        assert ask(environ) is not None

    assert sum(weather.met.values()) == 3
    assert len(aws.requests) == 4


@pytest.mark.parametrize("trouble", [Trouble.STALLED, Trouble.DEFERRED])
@pytest.mark.parametrize("operation", WRITES)
def test_a_write_is_applied_after_its_client_has_given_up(operation: str, trouble: Trouble) -> None:
    ask, said = WRITES[operation]
    weather = Cut(trouble, by_reset=True, requests=3)
    with fake_aws(said) as aws, proxy(aws.endpoint, weather) as endpoint:
        with pytest.raises(Unreachable):
            ask(environment(endpoint))
        before = len(aws.requests)

        while weather.silence_s() == 0:
            time.sleep(0.01)

    assert (before < 3, len(aws.requests)) == (True, 3)
    assert weather.late == (set() if operation == "PutItem" else {"a/k"})


@pytest.mark.parametrize("operation", WRITES)
def test_a_write_is_applied_after_its_retry(operation: str) -> None:
    ask, said = WRITES[operation]
    weather = Cut(Trouble.DEFERRED, by_reset=True, requests=1)
    with fake_aws(said) as aws, proxy(aws.endpoint, weather) as endpoint:
        assert ask(environment(endpoint)) is not None
        before = len(aws.requests)

        while weather.silence_s() == 0:
            time.sleep(0.01)

    assert (before, len(aws.requests)) == (1, 2)


def test_an_answer_is_cut_everywhere() -> None:
    weather = Weather(CHANCE)

    found = {trouble: {weather.cut(trouble, 9, 12) for _ in range(400)} for trouble in CUTS}

    counts = {trouble: {count for count, _ in cuts} for trouble, cuts in found.items()}
    assert counts == {
        Trouble.CUT_BEFORE_HEAD: {0},
        Trouble.CUT_IN_HEAD: set(range(1, 9)),
        Trouble.CUT_AFTER_HEAD: {9},
        Trouble.CUT_IN_BODY: {10, 11},
        Trouble.CUT_LAST_BYTE: {11},
    }
    assert all({by_reset for _, by_reset in cuts} == {True, False} for cuts in found.values())


def test_only_troubles_that_were_asked_for_are_met() -> None:
    weather = Weather(CHANCE, rate=1, squall_rate=1, troubles=[Trouble.LATE])
    weather.is_calm = False

    assert {weather.draw(f"/{number}") for number in range(500)} == {Trouble.LATE}


def test_calm_weather_troubles_nobody() -> None:
    weather = Weather(CHANCE, rate=1, squall_rate=1)

    calm = weather.draw("/a")
    weather.is_calm = False

    assert calm is None
    assert weather.draw("/a") is not None
