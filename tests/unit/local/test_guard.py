"""The gate as an ASGI application: forwarding of requests, and its refusals."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import pytest
from fakes.gate import OWNER, PORT, ROLE, FakeLookups, presigned, scope, signed_headers

from imagemill.local.gate import OWN_PREFIX, Gate
from imagemill.local.guard import Backends, guarded
from imagemill.local.payload import check_payload
from imagemill.local.request import Message
from imagemill.local.sigv4 import CredentialScope, Refused, Signed, signature_of

API = "/_aws/execute-api/3a0ed708/live"
FORM_TYPE = {"content-type": "multipart/form-data; boundary=XBOUND"}
_FILE = b'--XBOUND\r\nContent-Disposition: form-data; name="file"; filename="x"\r\n\r\n'


@dataclass
class Seen:
    """The requests that reached the applications, and the response."""

    reached: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    query: bytes = b""
    answer: list[Message] = field(default_factory=list)
    unread: int = 0

    @property
    def status(self) -> int:
        return int(self.answer[0]["status"])

    @property
    def text(self) -> str:
        return b"".join(one.get("body", b"") for one in self.answer).decode()


def send_request(asgi: Message, chunks: Iterable[bytes] = (b"",)) -> Seen:
    """Send a request through the gate."""
    seen = Seen()
    parts = list(chunks)
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": at < len(parts) - 1}
        for at, part in enumerate(parts)
    ]

    async def receive() -> Message:
        return messages.pop(0) if messages else {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        seen.answer.append(message)

    def app(name: str) -> Any:  # noqa: ANN401  # an ASGI application
        async def run(scope: Message, receive: Any, send: Any) -> None:  # noqa: ANN401  # ditto
            seen.reached.append(name)
            if scope["type"] != "lifespan":
                seen.headers = {n.decode(): v.decode() for n, v in scope["headers"]}
                seen.query = scope["query_string"]
                seen.body = (await receive())["body"]
            await send({"type": "http.response.start", "status": 200, "headers": []})

        return run

    backends = Backends(app("aws"), app("gallery"), app("own"))
    gate = guarded(Gate(PORT, FakeLookups()), OWNER.access_key, backends)

    async def run() -> None:
        await gate(asgi, receive, send)

    asyncio.run(run())
    seen.unread = len(messages)
    return seen


def signed(
    method: str,
    address: str,
    service: str,
    body: bytes = b"",
    keys: Any = OWNER,  # noqa: ANN401  # botocore's
) -> Message:
    return scope(method, address, signed_headers(method, address, service, body, keys=keys))


def test_a_signed_request_arrives_with_its_body() -> None:
    seen = send_request(
        signed("PUT", "/originals/a", "s3", b"0123456789"), [b"01234", b"", b"56789"]
    )

    assert (seen.reached, seen.body, seen.status) == (["aws"], b"0123456789", 200)


@pytest.mark.parametrize("service", ["s3", "sqs"])
def test_a_body_other_than_the_signed_one_is_refused(service: str) -> None:
    seen = send_request(signed("PUT", "/originals/a", service, b"0123456789"), [b"another"])

    assert (seen.reached, seen.status) == ([], 403)


def test_the_body_of_an_unknown_key_is_not_read() -> None:
    asgi = scope("PUT", "/originals/a", {"authorization": _authorization("LKIAUNKNOWNUNKNOWN22")})

    seen = send_request(asgi, [b"x"] * 100)

    assert (seen.reached, seen.status, seen.unread) == ([], 403, 100)


def test_an_upload_form_that_is_not_signed_is_refused_before_its_file_is_read() -> None:
    seen = send_request(scope("POST", "/originals", FORM_TYPE), [_FILE, *[b"x" * 1000] * 100])

    assert (seen.reached, seen.status, seen.unread) == ([], 403, 100)


def test_a_form_without_a_file_is_read_up_to_a_limit() -> None:
    field = b'--XBOUND\r\nContent-Disposition: form-data; name="a"\r\n\r\n'

    seen = send_request(scope("POST", "/originals", FORM_TYPE), [field, *[b"x" * 1000] * 100])

    assert (seen.reached, seen.status) == ([], 403)
    assert seen.unread > 70


def test_a_form_that_is_not_a_form_is_refused() -> None:
    asgi = scope("POST", "/originals", FORM_TYPE | {"content-encoding": "aws-chunked"})

    assert send_request(asgi, [_FILE]).reached == []


@pytest.mark.parametrize(
    ("address", "host", "reached"),
    [
        (f"{API}/images", f"127.0.0.1:{PORT}", "aws"),
        ("/_ministack/reset", f"d1.cloudfront.localhost:{PORT}", "gallery"),
        (presigned("GET", "/originals/a"), f"127.0.0.1:{PORT}", "aws"),
    ],
)
def test_unsigned_requests_arrive_without_routing_headers(
    address: str, host: str, reached: str
) -> None:
    routing = {
        "x-forwarded-host": "x",
        "X-Ministack-A": "1",
        "Forwarded": "host=x",
        "x-api-key": "k",
    }

    seen = send_request(scope("GET", address, routing, host=host))

    assert (seen.reached, set(seen.headers)) == ([reached], {"host", "x-api-key"})


@pytest.mark.parametrize(
    ("value", "passes"),
    [
        ("Bearer a-b.c_d.e", True),
        ("bearer a.b.c", True),
        ("Bearer a", False),
        ("Bearer a.b.c Credential=AKIA/20261129", False),
        ("Basic YTpi", False),
    ],
)
def test_only_a_token_passes_in_the_header_for_credentials(value: str, passes: bool) -> None:
    seen = send_request(scope("GET", f"{API}/images", {"Authorization": value}))

    assert seen.reached == ["aws"]
    assert ("authorization" in seen.headers) is passes


def test_a_token_passes_to_the_api_only() -> None:
    token = {"authorization": "Bearer a.b.c"}

    seen = send_request(scope("GET", "/", token, host=f"d1.cloudfront.localhost:{PORT}"))

    assert "authorization" not in seen.headers


def test_a_presigned_url_cannot_carry_a_service_action_in_its_body() -> None:
    kind = {"content-type": "application/x-www-form-urlencoded"}

    seen = send_request(
        scope("PUT", presigned("PUT", "/originals/a"), kind), [b"Action=CreateQueue"]
    )

    assert (seen.reached, set(seen.headers)) == (["aws"], {"host"})


@pytest.mark.parametrize(("keys", "reached"), [(OWNER, ["own"]), (ROLE, [])])
def test_our_own_paths_need_the_root_key(keys: Any, reached: list[str]) -> None:  # noqa: ANN401  # botocore's
    assert send_request(signed("POST", f"{OWN_PREFIX}save", "s3", keys=keys)).reached == reached


def test_a_preflight_arrives_without_the_signature_in_its_url() -> None:
    asks = {"origin": "https://a.example", "access-control-request-method": "GET"}

    seen = send_request(scope("OPTIONS", presigned("GET", "/originals/a"), asks))

    assert (seen.reached, seen.query) == (["aws"], b"")


def test_a_web_socket_is_closed() -> None:
    seen = send_request({"type": "websocket", "path": API, "headers": []})

    assert (seen.reached, seen.answer) == ([], [{"type": "websocket.close"}])


def test_lifespan_messages_pass_unchanged() -> None:
    assert send_request({"type": "lifespan"}).reached == ["aws"]


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("", "<Error><Code>AccessDenied</Code>"),
        ("application/x-www-form-urlencoded", "<ErrorResponse><Error><Code>AccessDenied</Code>"),
        ("application/x-amz-json-1.0", '{"__type": "AccessDenied"'),
    ],
)
def test_a_refusal_is_in_the_protocol_that_the_client_reads(kind: str, wanted: str) -> None:
    seen = send_request(scope("POST", "/", {"content-type": kind} if kind else {}))

    assert seen.text.startswith(wanted)
    assert b"access-control-allow-origin" not in dict(seen.answer[0]["headers"])


def test_a_refusal_of_a_head_request_has_no_body() -> None:
    assert send_request(scope("HEAD", "/")).text == ""


@pytest.mark.parametrize(("method", "has_body"), [("GET", True), ("HEAD", False)])
@pytest.mark.parametrize("address", ["/~/a.jpg?w=%ff", "/~p/x/plain/a?%ff", "/iiif/3/a?v=%fe"])
def test_a_malformed_url_of_an_image_is_a_problem(
    address: str, method: str, *, has_body: bool
) -> None:
    seen = send_request(scope(method, address))

    assert (seen.reached, seen.status) == ([], 400)
    assert dict(seen.answer[0]["headers"])[b"content-type"] == b"application/problem+json"
    assert ('"code": "invalid_request"' in seen.text) == has_body


def test_another_malformed_url_is_refused_as_by_s3() -> None:
    assert send_request(scope("GET", "/originals/a?x=%ff")).text.startswith("<Error>")
    assert send_request(scope("POST", "/~/a.jpg?w=%ff")).text.startswith("<Error>")


def test_a_refusal_names_no_bucket() -> None:
    assert "originals" not in send_request(scope("GET", "/originals/a")).text


# ------------------------------------------------------------------------------ bodies in chunks


def chunked(
    chunks: list[bytes], change: Mapping[int, bytes] | None = None
) -> tuple[Signed, bytes]:  # read only
    """Return signed chunks as the AWS SDK for Java sends them, with optional changes."""
    of = CredentialScope(OWNER.access_key, "20261129", "us-east-1", "s3")
    start = Signed(of, FakeLookups().keys[of.access_key_id], "20261129T000000Z", "0" * 64, _STREAM)
    previous, body = start.signature, b""
    for at, chunk in enumerate([*chunks, b""]):
        lines = (
            "AWS4-HMAC-SHA256-PAYLOAD",
            start.moment,
            str(of),
            previous,
            _hash(b""),
            _hash(chunk),
        )
        previous = signature_of(str(OWNER.secret_key), of, "\n".join(lines))
        sent = (change or {}).get(at, chunk)
        body += b"%x;chunk-signature=%b\r\n%b\r\n" % (len(sent), previous.encode(), sent)
    return start, body


_STREAM = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


def _hash(data: bytes) -> str:
    return sha256(data).hexdigest()


def _authorization(key: str) -> str:
    credential = f"{key}/20261129/us-east-1/s3/aws4_request"
    return f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature={'0' * 64}"


def test_signed_chunks_are_valid() -> None:
    check_payload(*chunked([b"first", b"second"]))


@pytest.mark.parametrize("change", [{0: b"fIrst"}, {1: b""}, {2: b"more"}])
def test_a_changed_chunk_is_refused(change: dict[int, bytes]) -> None:
    with pytest.raises(Refused):
        check_payload(*chunked([b"first", b"second"], change))


@pytest.mark.parametrize("body", [b"", b"5\r\nfirst\r\n0\r\n\r\n", b"no chunk"])
def test_unsigned_chunks_are_refused(body: bytes) -> None:
    with pytest.raises(Refused):
        check_payload(chunked([])[0], body)


def test_only_s3_takes_a_body_that_is_not_signed() -> None:
    start, _ = chunked([])
    one = {"s3": True, "sqs": False}

    for service, taken in one.items():
        unsigned = Signed(
            CredentialScope(OWNER.access_key, "20261129", "us-east-1", service),
            start.credential,
            start.moment,
            start.signature,
            "UNSIGNED-PAYLOAD",
        )
        assert _holds(unsigned) is taken


def _holds(signed: Signed) -> bool:
    try:
        check_payload(signed, b"anything")
    except Refused:
        return False
    return True


def test_a_refusal_for_json_is_json() -> None:
    seen = send_request(scope("POST", "/", {"content-type": "application/x-amz-json-1.1"}))

    assert json.loads(seen.text) == {"__type": "AccessDenied", "message": "Access Denied"}
