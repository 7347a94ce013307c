"""The proxy forwards requests unchanged, and applies the injector's faults."""

import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

import httpx
import pytest
from chaos.faults import FaultInjector, FaultKind
from chaos.proxy import proxy
from fakes.aws_server import CannedResponse, fake_aws
from fakes.raw_server import environment
from live.stack import TIMEOUT_S

from imagemill.aws.light import S3, DynamoDB, Events, NoValidResponse, Timeouts

Ask = Callable[[dict[str, str]], object]

# Shorter than the delays of `FixedFault`.
SHORT = Timeouts(connect_s=5, answer_s=0.3)
CHANCE = Random(0)  # noqa: S311  # not a secret


def at_once(_: float) -> None:
    """Return without waiting."""


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        echo = f"{self.path} {self.headers['Host']} {self.headers['X-Odd']} ".encode() + body
        self.send_response(200)
        self.send_header("Content-Length", str(len(echo)))
        self.end_headers()
        self.wfile.write(echo)

    def log_message(self, *_: object) -> None:
        pass


class FixedFault(FaultInjector):
    """Injects the same fault into every request."""

    def __init__(self, fault: FaultKind | None) -> None:
        super().__init__(CHANCE)
        self.fault = fault

    def stall_s(self) -> float:
        return 0.5

    def defer_s(self) -> float:
        return 0.5

    def next_fault(self, _: str) -> FaultKind | None:
        return self.fault


@pytest.fixture
def upstream() -> Iterator[str]:
    """Run a server that answers with the request, and yield its URL."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_request_is_forwarded_unchanged(upstream: str) -> None:
    with proxy(upstream, FixedFault(None)) as endpoint:
        host = endpoint.removeprefix("http://")
        answer = httpx.put(
            f"{endpoint}/a%20b/%2F?x=%2B",
            content=b"\x00\r\n",
            headers={"X-Odd": "a;  b=+"},
            timeout=TIMEOUT_S,
        )

    assert answer.content == f"/a%20b/%2F?x=%2B {host} a;  b=+ ".encode() + b"\x00\r\n"


@pytest.mark.parametrize(
    ("fault", "headers", "status", "code"),
    [
        (FaultKind.SLOW_DOWN, {}, 503, "<Code>SlowDown</Code>"),
        (FaultKind.INTERNAL, {}, 500, "<Code>InternalError</Code>"),
        (FaultKind.ERROR_AFTER, {}, 500, "<Code>InternalError</Code>"),
        (FaultKind.SLOW_DOWN, {"X-Amz-Target": "Dynamo"}, 400, "#ThrottlingException"),
        (FaultKind.INTERNAL, {"X-Amz-Target": "Dynamo"}, 500, "#InternalServerError"),
    ],
)
def test_an_error_has_the_format_of_the_service(
    upstream: str, fault: FaultKind, headers: dict[str, str], status: int, code: str
) -> None:
    with proxy(upstream, FixedFault(fault)) as endpoint:
        answer = httpx.put(endpoint, content=b"12", headers=headers, timeout=TIMEOUT_S)

    assert answer.status_code == status
    assert code in answer.text


CUTS = [fault for fault in FaultKind if fault.startswith("cut")]


@pytest.mark.parametrize("fault", [FaultKind.RESET, FaultKind.STALLED, FaultKind.DEFERRED, *CUTS])
def test_a_fault_ends_the_connection(upstream: str, fault: FaultKind) -> None:
    with proxy(upstream, FixedFault(fault)) as endpoint, pytest.raises(httpx.TransportError):
        httpx.put(endpoint, content=b"12", timeout=TIMEOUT_S)


class Cut(FixedFault):
    """Cuts the answers to the first requests, by FIN or by RST."""

    def __init__(self, fault: FaultKind, *, by_reset: bool, requests: int) -> None:
        super().__init__(fault)
        self.by_reset = by_reset
        self.left = requests

    def next_fault(self, path: str) -> FaultKind | None:
        self.left -= 1
        return super().next_fault(path) if self.left >= 0 else None

    def cut(self, fault: FaultKind, head: int, whole: int) -> tuple[int, bool]:
        return super().cut(fault, head, whole)[0], self.by_reset


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
@pytest.mark.parametrize("fault", CUTS)
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_client_rejects_cut_answers_and_accepts_complete_ones(
    operation: str, fault: FaultKind, by_reset: bool
) -> None:
    ask, said = OPERATIONS[operation]
    injector = Cut(fault, by_reset=by_reset, requests=3)
    with fake_aws(said) as aws, proxy(aws.endpoint, injector) as endpoint:
        environ = environment(endpoint)
        while injector.left > 0:
            with pytest.raises(NoValidResponse):
                ask(environ)

        injector.left = 0
        assert ask(environ) is not None

    assert sum(injector.counts.values()) == 3
    # On a busy machine an answer may take longer than the short timeout, and is requested again.
    assert len(aws.requests) >= 4


@pytest.mark.parametrize("fault", [FaultKind.STALLED, FaultKind.DEFERRED])
@pytest.mark.parametrize("operation", WRITES)
def test_a_write_is_applied_after_its_client_has_given_up(operation: str, fault: FaultKind) -> None:
    ask, said = WRITES[operation]
    injector = Cut(fault, by_reset=True, requests=3)
    with fake_aws(said) as aws, proxy(aws.endpoint, injector) as endpoint:
        with pytest.raises(NoValidResponse):
            ask(environment(endpoint))
        before = len(aws.requests)

        while injector.idle_s() == 0:
            time.sleep(0.01)

    assert (before < 3, len(aws.requests)) == (True, 3)
    assert injector.late_keys == (set() if operation == "PutItem" else {"a/k"})


@pytest.mark.parametrize("operation", WRITES)
def test_a_write_is_applied_after_its_retry(operation: str) -> None:
    ask, said = WRITES[operation]
    injector = Cut(FaultKind.DEFERRED, by_reset=True, requests=1)
    with fake_aws(said) as aws, proxy(aws.endpoint, injector) as endpoint:
        assert ask(environment(endpoint)) is not None
        before = len(aws.requests)

        while injector.idle_s() == 0:
            time.sleep(0.01)

    assert (before, len(aws.requests)) == (1, 2)


def test_answers_are_cut_at_every_position() -> None:
    injector = FaultInjector(CHANCE)

    found = {fault: {injector.cut(fault, 9, 12) for _ in range(400)} for fault in CUTS}

    counts = {fault: {count for count, _ in cuts} for fault, cuts in found.items()}
    assert counts == {
        FaultKind.CUT_BEFORE_HEAD: {0},
        FaultKind.CUT_IN_HEAD: set(range(1, 9)),
        FaultKind.CUT_AFTER_HEAD: {9},
        FaultKind.CUT_IN_BODY: {10, 11},
        FaultKind.CUT_LAST_BYTE: {11},
    }
    assert all({by_reset for _, by_reset in cuts} == {True, False} for cuts in found.values())


def test_only_the_selected_faults_are_injected() -> None:
    injector = FaultInjector(CHANCE, rate=1, burst_rate=1, kinds=[FaultKind.LATE])
    injector.is_paused = False

    assert {injector.next_fault(f"/{number}") for number in range(500)} == {FaultKind.LATE}


def test_a_paused_injector_injects_no_fault() -> None:
    injector = FaultInjector(CHANCE, rate=1, burst_rate=1)

    while_paused = injector.next_fault("/a")
    injector.is_paused = False

    assert while_paused is None
    assert injector.next_fault("/a") is not None
