"""Images on request on the laptop, without the embedded AWS."""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fakes.gate import scope

from imagemill.domain.keys import image_id
from imagemill.local.cloudfront import Answer, Behaviour, Trusted
from imagemill.local.guard import Receive, Send
from imagemill.local.on_request import on_request, settings_of
from imagemill.local.request import Message
from imagemill.local.signing_keys import FileKeys
from imagemill.private.cookies import NAMES
from imagemill.private.rsa import new_key, signer
from imagemill.private.signer import LinkSigner
from imagemill.requests.settings import Settings
from imagemill.requests.signatures import signature_of

HOST, LOOPBACK = "d1.cloudfront.localhost:4566", "127.0.0.1:4566"
CODE = 'const SETTINGS = {"widths": [100, 200], "qualities": []};\nconst a=1;'
ID = image_id("a.jpg")


@dataclass
class FakeEdge:
    """A distribution with a function for paths below `/~`, and with origins that answer 200."""

    code: str = CODE
    status: int = 200
    busy: int = 0
    """How many requests find all processes of the function busy."""
    guarded: Trusted | None = None
    """The keys of private images."""
    asked: list[tuple[str, str, str, dict[str, str]]] = field(default_factory=list)

    def behaviour(self, host: str, path: str) -> Behaviour | None:
        assert host in {HOST, LOOPBACK}
        return Behaviour(self.code, (), frozenset(), None, "arn") if path[:2] == "/~" else None

    def trusted(self, host: str, path: str) -> Trusted | None:
        del host
        return self.guarded if path.startswith(("/~", "/500/")) else None

    async def fetch(
        self, behaviour: Behaviour, method: str, path: str, query: str, headers: Mapping[str, str]
    ) -> Answer:
        assert behaviour.code == self.code
        self.asked.append((method, path, query, dict(headers)))
        if len(self.asked) <= self.busy:
            return Answer(429, {}, b"")
        return Answer(
            self.status, {"x-amz-meta-version": "1", "content-type": "image/webp"}, b"image"
        )

    def with_policy(self, behaviour: Behaviour, method: str, answer: Answer) -> Answer:
        assert (behaviour.code, method) == (self.code, self.asked[-1][0])
        return answer


@dataclass
class Got:
    """An answer to a visitor."""

    status: int
    headers: dict[str, str]
    body: bytes


def ask(
    edge: FakeEdge,
    folder: Path,
    address: str,
    method: str = "GET",
    host: str = HOST,
    **headers: str,
) -> Got:
    messages: list[Message] = []

    async def gallery(scope: Message, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 299, "headers": []})
        await send({"type": "http.response.body", "body": b"gallery"})

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    app = on_request(edge, FileKeys(folder), gallery)
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    async def run() -> None:
        await app(scope(method, address, named, host=host), receive, send)

    asyncio.run(run())
    start, body = messages
    got = {name.decode(): value.decode() for name, value in start["headers"]}
    return Got(start["status"], got, body["body"])


def test_a_url_of_a_grammar_asks_the_origins_for_the_variant(tmp_path: Path) -> None:
    edge = FakeEdge()

    got = ask(edge, tmp_path, "/~/a.jpg?w=150&auto=format", accept="image/webp", cookie="a=b")

    url = f"http://{HOST}/~/a.jpg?w=150&auto=format"
    assert edge.asked == [("GET", f"/~t/{ID}/200x.webp", "", {"x-imagemill-url": url})]
    assert (got.status, got.body) == (200, b"image")
    assert got.headers["cache-control"] == "public, max-age=60, stale-while-revalidate=60"
    assert not any(name.startswith("x-amz-") for name in got.headers)


def test_loopback_serves_images_on_request_and_nothing_else(tmp_path: Path) -> None:
    edge = FakeEdge()

    image = ask(edge, tmp_path, "/~/a.jpg?w=150", host=LOOPBACK)
    other = ask(edge, tmp_path, "/500/a.jpg", host=LOOPBACK)

    assert (image.status, other.status) == (200, 403)
    assert edge.asked[0][3]["x-imagemill-url"] == f"http://{LOOPBACK}/~/a.jpg?w=150"


def test_a_visitor_waits_while_all_processes_are_busy(tmp_path: Path) -> None:
    edge = FakeEdge(busy=2)

    got = ask(edge, tmp_path, "/~/a.jpg?w=150")

    assert (got.status, len(edge.asked)) == (200, 3)


def test_a_named_version_reaches_the_origins_and_is_immutable(tmp_path: Path) -> None:
    edge = FakeEdge()

    got = ask(edge, tmp_path, "/~/a.jpg?w=150&v=1")

    assert edge.asked[0][2] == "v=1"
    assert got.headers["cache-control"] == "public, max-age=31536000, immutable"


def test_conditions_and_ranges_reach_the_origins(tmp_path: Path) -> None:
    edge = FakeEdge()

    ask(edge, tmp_path, "/~/a.jpg?w=150", if_none_match='"1"', range="bytes=0-1")

    assert edge.asked[0][3]["if-none-match"] == '"1"'
    assert edge.asked[0][3]["range"] == "bytes=0-1"


@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/~/a.jpg?w=150&blur=3", 403, "signature_required"),
        ("/~/a.jpg?w=-1", 400, "invalid_request"),
        ("/~/a.jpg?s=md5", 400, "unsupported_option"),
        ("/~p/forged/w:150/plain/a.jpg", 403, "signature_invalid"),
    ],
)
def test_a_refused_url_reaches_no_origin(
    address: str, status: int, code: str, tmp_path: Path
) -> None:
    edge = FakeEdge()

    got = ask(edge, tmp_path, address)

    assert edge.asked == []
    assert (got.status, json.loads(got.body)["code"]) == (status, code)
    assert got.headers["content-type"] == "application/problem+json"


def test_the_keys_of_the_data_folder_verify_signatures(tmp_path: Path) -> None:
    [pair] = FileKeys(tmp_path).rotate()
    path = "/w:151/plain/a.jpg"
    edge = FakeEdge()

    got = ask(edge, tmp_path, f"/~p/{signature_of(path, pair)}{path}")

    assert got.status == 200
    assert edge.asked[0][1] == f"/~t/{ID}/151x.keep"


def test_an_error_of_the_origin_keeps_its_headers(tmp_path: Path) -> None:
    got = ask(FakeEdge(status=404), tmp_path, "/~/a.jpg?w=150")

    assert (got.status, got.headers["x-amz-meta-version"]) == (404, "1")


def test_an_answer_to_head_has_no_body(tmp_path: Path) -> None:
    edge = FakeEdge()

    got = ask(edge, tmp_path, "/~/a.jpg?w=150", method="HEAD")

    assert (got.status, got.body, edge.asked[0][0]) == (200, b"", "HEAD")


def test_a_function_without_settings_refuses_everything(tmp_path: Path) -> None:
    edge = FakeEdge(code="function handler() {}")

    assert ask(edge, tmp_path, f"/~t/{ID}/200x.webp").status == 403
    assert edge.asked == []


@cache
def key_pair() -> tuple[str, str]:
    return new_key()


def private_edge() -> FakeEdge:
    return FakeEdge(guarded=Trusted(HOST, {"K1": key_pair()[1]}))


def link_signer() -> LinkSigner:
    return LinkSigner("K1", signer(key_pair()[0]), 600, time.time)


@pytest.mark.parametrize(("path", "body"), [("/500/a.jpg", b"gallery"), ("/~/a.jpg", b"image")])
@pytest.mark.parametrize("host", [HOST, LOOPBACK])
def test_a_signed_request_passes_by_each_name_of_the_distribution(
    path: str, body: bytes, host: str, tmp_path: Path
) -> None:
    address = link_signer().url(f"http://{HOST}{path}").removeprefix(f"http://{HOST}")
    is_rendition_elsewhere = body == b"gallery" and host == LOOPBACK

    got = ask(private_edge(), tmp_path, address, host=host)

    assert got.body == (b"" if is_rendition_elsewhere else body)
    assert "public" not in got.headers.get("cache-control", "")


def test_signed_cookies_open_the_images(tmp_path: Path) -> None:
    signed = link_signer().policy(f"http://{HOST}/*")
    pairs = zip(NAMES, (signed.policy, signed.signature, signed.key_id), strict=True)
    cookie = "; ".join(f"{name}={value}" for name, value in pairs)

    got = ask(private_edge(), tmp_path, "/500/a.jpg", cookie=f"a=b; {cookie}")

    assert (got.status, got.body) == (299, b"gallery")


def test_an_unsigned_request_reaches_no_origin(tmp_path: Path) -> None:
    edge = private_edge()

    got = [ask(edge, tmp_path, path) for path in ("/500/a.jpg", "/~/a.jpg?w=150", "/~~/v/5/a")]

    assert [one.status for one in got] == [403] * 3
    assert b"AccessDenied" in got[0].body
    assert edge.asked == []


def test_the_path_of_cookies_sets_them(tmp_path: Path) -> None:
    edge = FakeEdge()

    got = ask(edge, tmp_path, "/~cookies?all=a.b&key=K1&seconds=9")
    wrong = ask(edge, tmp_path, "/~cookies?all=a&key=K1&seconds=9")

    assert (got.status, got.headers["cache-control"], wrong.status) == (204, "no-store", 400)
    assert "set-cookie" in got.headers


def test_other_paths_are_for_the_gallery(tmp_path: Path) -> None:
    assert ask(FakeEdge(), tmp_path, "/500/a.jpg").body == b"gallery"


def test_settings_come_from_the_first_line_of_the_code(tmp_path: Path) -> None:
    settings: Any = settings_of(CODE, FileKeys(tmp_path), 7)

    assert settings == Settings(7, widths=(100, 200), qualities=())
