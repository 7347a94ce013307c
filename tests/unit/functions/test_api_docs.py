"""The documentation page runs its own scripts and no others."""

import base64
import hashlib
import re

from fakes.api import FakeApiDeps, ask

API = "https://abc.execute-api.eu-central-1.amazonaws.com/live"


def test_the_page_allows_exactly_its_own_scripts() -> None:
    answer = ask(FakeApiDeps(), "GET", "/docs")

    scripts = re.findall(r"<script>(.*?)</script>", answer.body, re.DOTALL)
    hashes = [base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts]
    allowed = re.search("script-src ([^;]*);", answer.headers["Content-Security-Policy"])
    assert len(scripts) == 2
    assert allowed is not None
    assert allowed[1].split() == [f"'sha256-{one}'" for one in hashes]


def test_the_page_reads_the_document_of_its_own_api() -> None:
    answer = ask(FakeApiDeps(), "GET", "/docs/")

    assert f'url: "{API}/openapi.json"' in answer.body
    assert answer.headers["Content-Type"] == "text/html"
