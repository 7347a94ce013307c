"""The CloudFront Functions and `route` agree about URLs that no table lists: mutated ones."""

import random
from pathlib import Path
from typing import Any

import pytest
from fakes.edge_functions import (
    CASES,
    ENGINES,
    GRAMMARS,
    ROOT,
    as_expected,
    event,
    require,
    run,
)

from imagemill.requests.route import Redirect, Refusal, Rewrite, route
from imagemill.requests.settings import KeyPair, Settings

PIECES = [
    *"0123456789.,:;/?&=%+-_^!~@#",
    "%2F",
    "%00",
    "%C3%A9",
    "%3A",
    "plain",
    "pct:",
    "1e9",
    "٣",
]
# Mutated URLs of each case, and mutations of each URL.
COPIES, MOST_MUTATIONS = 4, 3


def mutated(text: str, chance: random.Random) -> str:
    """Return the text with a piece added, removed, replaced or repeated."""
    for _ in range(chance.randint(1, MOST_MUTATIONS)):
        at = chance.randrange(len(text) + 1)
        piece = chance.choice([*PIECES, "", text[at : at + 6]])
        text = text[:at] + piece + text[at + chance.randrange(3) :]
    return text


def mutants(prefix: str) -> list[dict[str, Any]]:
    """Return cases with a mutated path behind its prefix, or a mutated query."""
    chance = random.Random(prefix)  # noqa: S311  # no secret
    found = []
    for case in [case for case in CASES if case["path"].startswith(prefix)] * COPIES:
        changed = event(case)
        name = chance.choice(["path", "query"] if case.get("query") else ["path"])
        kept = prefix if name == "path" else ""
        found.append(changed | {name: kept + mutated(changed[name].removeprefix(kept), chance)})
    return found


def expected(one: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of `route` to a case, in the form of the table."""
    given = one["settings"]
    pairs = tuple(
        KeyPair(bytes.fromhex(pair["key"]), bytes.fromhex(pair["salt"]))
        for pair in one["keys"] or ()
    )
    settings = Settings(
        one["now"], pairs, tuple(given["widths"]), tuple(given["qualities"]),
        given["iiif"], given["private"], given["signatureBytes"],
    )  # fmt: skip
    match route(one["path"], one["query"], one["accept"], settings):
        case Rewrite(path, version, placeholder):
            fields = {"version": version, "placeholder": placeholder}
            return {"path": path} | {name: one for name, one in fields.items() if one}
        case Redirect(location):
            return {"redirect": location}
        case Refusal(status, code, _, option):
            return {"status": status, "code": code} | ({"option": option} if option else {})


@pytest.mark.parametrize("prefix", GRAMMARS)
@pytest.mark.parametrize("engine", ENGINES)
def test_mutated_urls_get_the_same_answer(engine: str, prefix: str, tmp_path: Path) -> None:
    require(engine)
    cases = mutants(prefix)

    answers = run(engine, (ROOT / f"edge/min/{GRAMMARS[prefix]}.js").read_text(), cases, tmp_path)

    differing = {
        f"{one['path']}?{one['query']}": (as_expected(answer), expected(one))
        for one, answer in zip(cases, answers, strict=True)
        if as_expected(answer) != expected(one)
    }
    assert differing == {}
    assert len(cases) > 200
