"""The tables of docs/urls: every example becomes what they say, and no option is left out."""

import re

import pytest

from benchmarks.conformance import (
    IIIF,
    IMGIX,
    IMGIX_UNSUPPORTED,
    IMGPROXY,
    IMGPROXY_UNSUPPORTED,
    Row,
)
from imagemill.requests.imgix import FREE, SIGNED
from imagemill.requests.imgproxy_names import SHORT_NAMES
from imagemill.requests.route import Redirect, Refusal, Rewrite, route
from imagemill.requests.settings import KeyPair, Settings
from imagemill.requests.signatures import signature_of, signed_text

PAIR = KeyPair(b"key", b"salt")
SETTINGS = Settings(now=1_796_000_000, keys=(PAIR,))


SIGNED_ROWS = [row for row in IMGIX if row.note.startswith("signed")]


def name_of(row: Row) -> str:
    return f"{row.option} {row.example}"


def becomes(path: str, query: str) -> str:
    """Return the answer in the words of the table."""
    match route(path, query, "", SETTINGS):
        case Rewrite(path):
            return path.rpartition("/")[2]
        case Refusal(status, code):
            return f"{status} {code}"
        case Redirect(location):
            return f"303 to `{location.rpartition('/')[2]}`"


def by_imgix(query: str) -> str:
    parameters = dict(pair.split("=") for pair in query.split("&"))
    signature = signature_of(signed_text("/~/a.jpg", parameters), PAIR)
    return becomes("/~/a.jpg", f"{query}&sig={signature}")


def by_imgproxy(options: str) -> str:
    rest = f"{options}/plain/a.jpg"
    return becomes(f"/~p/{signature_of('/' + rest, PAIR)}/{rest}", "")


@pytest.mark.parametrize("row", IMGIX, ids=name_of)
def test_examples_of_imgix(row: Row) -> None:
    assert by_imgix(row.example) == row.becomes


@pytest.mark.parametrize("row", IMGPROXY, ids=name_of)
def test_examples_of_imgproxy(row: Row) -> None:
    assert by_imgproxy(row.example) == row.becomes


@pytest.mark.parametrize("row", IIIF, ids=name_of)
def test_examples_of_iiif(row: Row) -> None:
    path = "/iiif/3/kcnq2rsbu7b3ucep7iuflhi7k4" + f"/{row.example}".rstrip("/")

    assert becomes(path, "") == row.becomes


@pytest.mark.parametrize("name", IMGIX_UNSUPPORTED)
def test_missing_parameters_of_imgix(name: str) -> None:
    assert by_imgix(f"{name}=1") == "400 unsupported_option"


@pytest.mark.parametrize("name", IMGPROXY_UNSUPPORTED)
def test_missing_options_of_imgproxy(name: str) -> None:
    assert by_imgproxy(f"{name}:1") == "400 unsupported_option"


@pytest.mark.parametrize(
    "row", [row for row in IMGIX if row.note.startswith("signed")], ids=name_of
)
def test_the_rows_marked_as_signed_need_a_signature(row: Row) -> None:
    assert becomes("/~/a.jpg", row.example) == "403 signature_required"


def test_every_option_that_is_read_is_in_the_table() -> None:
    imgix = {word for row in IMGIX for word in re.findall(r"[a-z-]+", row.option)}
    imgproxy = {word for row in IMGPROXY for word in re.findall(r"[a-z_]+", row.option)}

    assert {*FREE, *SIGNED} <= imgix
    assert {*SHORT_NAMES, *SHORT_NAMES.values()} <= imgproxy
