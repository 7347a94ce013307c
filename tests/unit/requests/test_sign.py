import pytest

from imagemill.requests.faults import InvalidUrl, UnknownRoute
from imagemill.requests.route import Refusal, Rewrite, route
from imagemill.requests.settings import KeyPair, Settings
from imagemill.requests.sign import sign

PAIR = KeyPair(b"key", b"salt")
ID = "kcnq2rsbu7b3ucep7iuflhi7k4"
URLS = [
    "/~/a.jpg",
    "/~/a.jpg?rect=0,0,9,9&fm=webp",
    "/~p/unsafe/rs:fill:300:200/plain/a.jpg@webp",
    f"/iiif/3/{ID}/full/333,/90/gray.jpg",
    f"/iiif/2/{ID}/info.json",
]


def answer(url: str, now: int = 0) -> object:
    path, _, query = url.partition("?")
    return route(path, query, "", Settings(now, (PAIR,), private=True))


@pytest.mark.parametrize("url", URLS)
def test_a_signed_url_is_answered(url: str) -> None:
    assert isinstance(answer(sign(url, PAIR)), Rewrite)


@pytest.mark.parametrize("url", URLS)
def test_a_signed_url_expires(url: str) -> None:
    signed = sign(url, PAIR, expires=1000)

    assert isinstance(answer(signed, now=1000), Rewrite)
    assert answer(signed, now=1001) == Refusal(
        403, "expired", "the URL was valid until a time that is over", "expires"
    )


@pytest.mark.parametrize("url", URLS)
def test_signing_again_replaces_signature_and_expiry(url: str) -> None:
    assert sign(sign(url, PAIR, expires=1000), PAIR, expires=2000) == sign(url, PAIR, expires=2000)
    assert sign(sign(url, PAIR), PAIR) == sign(url, PAIR)


def test_scheme_and_host_stay() -> None:
    signed = sign("https://cdn.example.com/~/a.jpg?w=333#top", PAIR)

    assert signed.startswith("https://cdn.example.com/~/a.jpg?w=333&sig=")
    assert not signed.endswith("#top")


def test_a_key_as_typed_is_percent_encoded_and_an_encoded_key_stays() -> None:
    assert sign("/~/caf\u00e9 1.jpg", PAIR) == sign("/~/caf%C3%A9%201.jpg", PAIR)


@pytest.mark.parametrize("url", ["/500/a.jpg", "a.jpg", "", "https://cdn.example.com/"])
def test_other_urls_cannot_be_signed(url: str) -> None:
    with pytest.raises(UnknownRoute):
        sign(url, PAIR)


@pytest.mark.parametrize(
    ("url", "option"),
    [
        ("/~/a.jpg?w=0", "w"),
        ("/~/a.jpg?txt=a", "txt"),
        ("/~p/x/wm:1/plain/a.jpg", "wm"),
        (f"/iiif/3/{ID}/full/^max/0/default.jpg", "size"),
        ("/~/a/../b.jpg", "key"),
    ],
)
def test_a_url_that_the_edge_refuses_is_not_signed(url: str, option: str) -> None:
    with pytest.raises(InvalidUrl) as fault:
        sign(url, PAIR)

    assert fault.value.option == option
