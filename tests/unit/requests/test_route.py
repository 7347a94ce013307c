"""The rules of the edge, case by case: tests/cases/requests.json.

The CloudFront Function passes the same file. `settings` names the fields of `Settings`: `now` is
Unix time, `keys` are pairs of key and salt in hexadecimal digits, the present pair first. A case
has a path and, unless empty, a query and an `Accept`, as a client sends them; `settings` is
"default" unless it names another. `expect` is one of

    {"path": …, "version": …}                 ask the origin; a version only if the URL names one,
                                              and "placeholder": true if it wants one
    {"status": …, "code": …, "option": …}     refuse; an option only if one is at fault
    {"redirect": …}                           answer 303 with this path
"""

import json
from pathlib import Path
from typing import Any

import pytest

from imagemill.domain.image_request import ImageRequest
from imagemill.requests.route import Redirect, Refusal, Rewrite, route
from imagemill.requests.settings import KeyPair, Settings

TABLE = json.loads((Path(__file__).parents[2] / "cases/requests.json").read_text())
SETTINGS = {
    name: Settings(
        now=fields["now"],
        keys=tuple(
            KeyPair(bytes.fromhex(key), bytes.fromhex(salt)) for key, salt in fields["keys"]
        ),
        widths=tuple(fields["widths"]),
        qualities=tuple(fields["qualities"]),
        iiif_profile=fields["iiif_profile"],
        private=fields["private"],
        signature_bytes=fields["signature_bytes"],
    )
    for name, fields in TABLE["settings"].items()
}
CASES: list[dict[str, Any]] = TABLE["cases"]
VARIANTS = [case for case in CASES if "/~t/" in case["expect"].get("path", "")]


def name_of(case: dict[str, Any]) -> str:
    return str(case["name"])


def answer(case: dict[str, Any]) -> Rewrite | Refusal | Redirect:
    settings = SETTINGS[case.get("settings", "default")]
    return route(case["path"], case.get("query", ""), case.get("accept", ""), settings)


def as_json(answered: Rewrite | Refusal | Redirect) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    match answered:
        case Rewrite():
            fields = {
                "path": answered.path,
                "version": answered.version,
                "placeholder": answered.placeholder or None,
            }
        case Refusal():
            fields = {
                "status": answered.status,
                "code": answered.code,
                "option": answered.option,
            }
        case Redirect():
            fields = {"redirect": answered.location}
    return {name: value for name, value in fields.items() if value is not None}


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_url_gets_the_answer_of_the_table(case: dict[str, Any]) -> None:
    assert as_json(answer(case)) == case["expect"]


@pytest.mark.parametrize("case", VARIANTS, ids=name_of)
def test_every_variant_has_a_canonical_key(case: dict[str, Any]) -> None:
    path = case["expect"]["path"]

    assert "/info." in path or ImageRequest.parse_key(path.removeprefix("/")) is not None
