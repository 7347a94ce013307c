"""Checks of the gallery's files without a browser."""

import re
from pathlib import Path

import pytest

from imagemill import errors
from imagemill.errors import ImagemillError, ImageRejected, TransientFault
from imagemill.functions.api.problems import STATUSES
from imagemill.local.page import page_path

PAGE = page_path()
WORDS = (PAGE / "words.js").read_text()
MARKUP = (PAGE / "index.html").read_text()
RECORDED = sorted(
    {
        kind.code
        for kind in vars(errors).values()
        if isinstance(kind, type)
        and issubclass(kind, ImageRejected | TransientFault)
        and kind not in {ImageRejected, TransientFault}
    }
    | {ImagemillError.code}
)
# Error codes of requests that the page never sends.
NOT_CAUSED_BY_THE_PAGE = {
    "bad_request",
    "failed",
    "invalid_cursor",
    "invalid_request",
    "method_not_allowed",
    "unknown_preset",
    "unsupported_media_type",
}


@pytest.mark.parametrize("code", RECORDED)
def test_every_error_code_of_a_record_has_a_text(code: str) -> None:
    assert re.search(rf'^  {code}: "[A-Z][^"]+\.",$', WORDS, re.MULTILINE)


@pytest.mark.parametrize("code", sorted(STATUSES.keys() - NOT_CAUSED_BY_THE_PAGE))
def test_every_error_code_of_the_api_has_a_text(code: str) -> None:
    assert re.search(rf"^  {code}: ", WORDS, re.MULTILINE)


def test_the_page_loads_scripts_and_styles_only_from_its_own_files() -> None:
    inline = re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", MARKUP)
    asked = re.findall(r'(?:src|href)="([^"]+)"', MARKUP)

    assert inline == []
    assert [
        one
        for one in asked
        if not re.fullmatch(r"#i-[a-z]+|#search=|\./|[a-z]+\.(js|css|svg)", one)
    ] == []


@pytest.mark.parametrize("path", sorted(PAGE.glob("*.js")), ids=lambda path: path.name)
def test_no_module_uses_an_html_or_script_sink(path: Path) -> None:
    sinks = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc"

    assert re.findall(sinks, path.read_text()) == []


def test_the_page_sends_no_file_through_api_gateway() -> None:
    """API Gateway answers a body over 10 MB without CORS headers, so a page could not read it."""
    modules = "".join(path.read_text() for path in PAGE.glob("*.js"))

    # Besides, the code and the tokens of a sign-in are posted to the issuer, without a file.
    assert 'method: "POST", body });' in (PAGE / "issuer.js").read_text()
    modules = modules.replace((PAGE / "issuer.js").read_text(), "")
    bodies = re.findall(r'"([^"]+)", \{ method: "(?:POST|PUT|PATCH)", (\w+)', modules)
    assert bodies == [("/uploads", "body")]
    assert "const body = JSON.stringify({ filename, content_type: type, bytes });" in modules
    # The requests for cookies and to process again have no body, a move and a change of a focal
    # point have no file, and an upload in parts has numbers and checksums. Files and parts go to
    # the bucket.
    others = (
        '"/cookies", { method: "POST" })',
        '/reprocess`, { method: "POST" })',
        'method: "PATCH", body: JSON.stringify({ focus }) });',
        'method: "POST", body: JSON.stringify({ prefix: folder }) });',
        'method: "POST", body: JSON.stringify(json) };',
        'sendBody({ method: "POST", url: ticket.url, headers: {} }, form, sending);',
        'sendBody({ method: "PUT", ...signed.parts[0] }, slice, part);',
    )
    assert all(modules.count(one) == 1 for one in others)
    for one in others:
        modules = modules.replace(one, "")
    assert len(re.findall(r'method: "(?:POST|PUT|PATCH)"', modules)) == len(bodies)


def test_every_module_of_the_first_view_is_preloaded() -> None:
    wanted, seen = ["main.js"], {"main.js"}
    while wanted:
        text = (PAGE / wanted.pop()).read_text()
        fresh = set(re.findall(r'^import [^;]*?"\./([\w.]+)";', text, re.MULTILINE)) - seen
        seen |= fresh
        wanted += fresh

    announced = set(re.findall(r'<link rel="modulepreload" href="([\w.]+)">', MARKUP))
    assert announced == seen - {"main.js"}
