"""The source of the CloudFront Functions uses only what their runtime offers.

Source: "JavaScript runtime 2.0 features for CloudFront Functions", and "Quotas" for the size, both
in the Amazon CloudFront Developer Guide.
"""

import re
from pathlib import Path

import pytest
from fakes.edge_functions import ROOT

SOURCES = sorted((ROOT / "edge").glob("*.js"))
MINIFIED = sorted((ROOT / "edge/min").glob("*.js"))
# Methods and functions of the documented ones that the sources call.
DOCUMENTED = {
    *("assign", "create", "keys"),
    *("call",),
    *("charAt", "charCodeAt", "endsWith", "includes", "indexOf", "lastIndexOf", "padStart"),
    *("decodeURIComponent", "replace", "slice", "split", "startsWith", "toLowerCase"),
    *("toFixed", "toString"),
    *("ceil", "floor", "max", "min", "abs"),
    *("concat", "every", "filter", "find", "findIndex", "forEach", "join", "map", "push"),
    *("reduce", "shift", "some", "sort"),
    *("exec", "test"),
    *("parse", "stringify", "now"),
    *("byteLength", "from", "subarray"),
    *("createHash", "createHmac", "update", "digest"),
    # Helpers of CloudFront, and of its key value stores.
    *("rawQueryString", "kvs", "exists", "get"),
    # `Object.prototype.hasOwnProperty.call`
    "hasOwnProperty",
}
# Syntax that the guide does not list, by a text that only it contains.
UNDOCUMENTED = {
    "optional chaining": r"\?\.[A-Za-z(\[]",
    "nullish coalescing": r"\?\?",
    "spread": r"\.\.\.",
    "for-of": r"\bof\b",
    "destructuring": r"\b(const|let)\s*[\[{]",
    "classes": r"\bclass\b",
    "sets and maps": r"\bnew (Set|Map)\b",
    "asynchronous closures": r"async\s*\(|(?<!^)async function(?! handler)",
    "await in arguments": r"\([^()]*\bawait [^()]*\([^()]*\)[^()]*\)",
}


def code_of(path: Path) -> str:
    """Return the source without comments, texts and regular expressions."""
    text = re.sub(r"^\s*//.*$", "", path.read_text(), flags=re.MULTILINE)
    text = re.sub(r"'(?:[^'\\\n]|\\.)*'", "''", text)
    return re.sub(r"(?<=[(=,!: ])/(?![/*])(?:[^/\\\n\[]|\\.|\[[^\]]*\])+/[a-z]*", "0", text)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_only_documented_methods_are_called(path: Path) -> None:
    called = set(re.findall(r"\.([A-Za-z]+)\(", code_of(path)))

    assert called <= DOCUMENTED


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
@pytest.mark.parametrize("syntax", UNDOCUMENTED)
def test_only_documented_syntax_is_used(path: Path, syntax: str) -> None:
    found = re.search(UNDOCUMENTED[syntax], code_of(path), flags=re.MULTILINE)

    # `if (await store.exists('keys'))` is a condition, not an argument.
    assert found is None or found[0].startswith("(await store.exists")


@pytest.mark.parametrize("path", MINIFIED, ids=lambda path: path.name)
def test_only_the_handler_is_asynchronous(path: Path) -> None:
    assert re.findall(r"async .{0,16}", path.read_text()) == ["async function handler("[:22]]


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_a_source_is_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 300
