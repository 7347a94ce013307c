"""Whatever a client sends, the edge answers: no exception, and only canonical paths."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from imagemill.domain.image_request import ImageRequest
from imagemill.requests.accept import negotiated
from imagemill.requests.imgix import FREE, SIGNED
from imagemill.requests.imgproxy_names import SHORT_NAMES
from imagemill.requests.route import Redirect, Refusal, Rewrite, route
from imagemill.requests.settings import KeyPair, Settings
from imagemill.requests.signatures import signature_of, signed_text

PAIR = KeyPair(b"key", b"salt")
SETTINGS = [
    Settings(1_796_000_000, (PAIR,)),
    Settings(1_796_000_000, (PAIR,), iiif_profile="level0"),
    Settings(1_796_000_000, (PAIR,), widths=(100,), qualities=(), private=True),
]
NUMBERS = ["0", "1", "-0", "1e9", "0.5", ".5", "99999999999", "16382", "16383", "\u0663", "", "NaN"]
words = st.sampled_from([*NUMBERS, "auto", "format", "focalpoint", "crop", "min", "jpg", "100:200"])
anything = words | st.text(max_size=8)
ascii_text = st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=12)
names = st.sampled_from([*FREE, *SIGNED, "s", "txt"])
queries = st.lists(st.tuples(names, words | ascii_text), max_size=5).map(
    lambda pairs: "&".join(f"{name}={value}" for name, value in pairs)
)
settings = st.sampled_from(SETTINGS)
INFO = re.compile(r"/~t/[a-z2-7]{26}/info\.[23](\.key)?\.json")


def check(answer: object) -> None:
    """Fail unless the answer is one that the edge can give."""
    match answer:
        case Rewrite(path):
            is_canonical = ImageRequest.parse_key(path.removeprefix("/")) is not None
            assert is_canonical or INFO.fullmatch(path)
        case Refusal(status, _, detail):
            assert status in {400, 403, 404, 501}
            assert detail.isprintable()
        case Redirect(location):
            assert location.startswith("/iiif/")
            assert location.isascii()
            assert location.isprintable()
        case _:
            raise AssertionError(answer)


@given(path=st.text(), query=st.text(), accept=st.text(), rules=settings)
@example(path="/~/\ud800", query="w=\ud800", accept="\ud800", rules=SETTINGS[0])
def test_any_text(path: str, query: str, accept: str, rules: Settings) -> None:
    check(route(path, query, accept, rules))


@given(key=ascii_text, query=queries, rules=settings)
def test_queries_of_imgix(key: str, query: str, rules: Settings) -> None:
    check(route(f"/~/{key}", query, "image/avif", rules))


@given(pairs=st.dictionaries(names, words | ascii_text.map(lambda text: text.replace("&", "."))))
def test_signed_queries_of_imgix(pairs: dict[str, str]) -> None:
    text = signed_text("/~/a.jpg", pairs)
    query = "&".join(f"{name}={value}" for name, value in pairs.items() if name != "sig")

    check(route("/~/a.jpg", f"{query}&sig={signature_of(text, PAIR)}", "", SETTINGS[0]))


@given(
    options=st.lists(
        st.tuples(st.sampled_from(sorted(SHORT_NAMES)), st.lists(words | ascii_text, max_size=5)),
        max_size=4,
    ),
    source=st.sampled_from(["plain/a.jpg", "plain/a.jpg@webp", "YS5qcGc", "YS5qcGc.png", ""])
    | ascii_text,
)
def test_signed_options_of_imgproxy(options: list[tuple[str, list[str]]], source: str) -> None:
    path = "".join(":".join([name, *arguments]) + "/" for name, arguments in options) + source
    signature = signature_of("/" + path.replace("%3A", ":"), PAIR)

    check(route(f"/~p/{signature}/{path}", "", "", SETTINGS[0]))


@given(parts=st.lists(anything | ascii_text, max_size=7), number=st.sampled_from("23"))
def test_parts_of_iiif(parts: list[str], number: str) -> None:
    for rules in SETTINGS:
        check(route(f"/iiif/{number}/" + "/".join(parts), "", "", rules))


@given(
    region=st.sampled_from(["full", "square"])
    | st.lists(words, min_size=3, max_size=5).map(",".join)
    | st.lists(words, min_size=4, max_size=4).map(lambda four: "pct:" + ",".join(four)),
    size=st.sampled_from(["max", "full", "^max"])
    | st.lists(words, min_size=1, max_size=3).map(",".join)
    | words.map("pct:{}".format),
    rotation=words | st.sampled_from(["!0", "90", "!270", "360"]),
    file=st.sampled_from(["default.jpg", "gray.webp", "bitonal.png", "a.gif"]),
)
def test_requests_of_iiif(region: str, size: str, rotation: str, file: str) -> None:
    for rules in SETTINGS:
        check(route(f"/iiif/3/a/{region}/{size}/{rotation}/{file}", "", "", rules))


@given(accept=st.text() | st.lists(words).map(",".join))
def test_any_accept(accept: str) -> None:
    assert negotiated(accept) in {None, "avif", "jxl", "webp"}
