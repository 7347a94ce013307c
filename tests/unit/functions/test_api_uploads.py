"""Uploads through the API: accepted and refused bodies."""

import base64
import json
from typing import Any

import pytest
from fakes.api import Answer, FakeApiDeps, ask, form, upload
from fakes.images import jpeg

from imagemill.domain.event import Focus, UploadChoices
from imagemill.functions.api.limits import MAX_BODY_BYTES
from imagemill.recipe_rules import DEFAULT_RULES, RecipeRules

INVALID = "invalid_request"
FILE = ("f", "a.jpg", "image/jpeg", b"x")
FORM = "multipart/form-data; boundary=b0"


def post_form(body: bytes, kind: str = FORM) -> tuple[Answer, FakeApiDeps]:
    deps = FakeApiDeps()
    return ask(deps, "POST", "/images", body, {"content-type": kind}), deps


def test_a_form_with_one_file_is_stored_byte_for_byte_under_its_own_name() -> None:
    data = bytes(range(256)) + b"\r\n--b\r\n\r\n" + jpeg()

    answer, deps = post_form(
        form(("note", None, "text/plain", b"x"), ("f", "é.jpg", "image/jpeg", data))
    )

    assert answer.status == 202
    assert list(deps.inbox.objects.values()) == [(data, "image/jpeg")]
    assert answer.json["key"].endswith("/é.jpg")


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"", FORM, 422, "empty"),
        (b"no form", FORM, 422, "invalid_request"),
        (form(), "multipart/form-data", 422, "invalid_request"),
        (form(), FORM, 422, "invalid_request"),
        (form(("f", None, "image/png", b"x")), FORM, 422, "invalid_request"),
        (form(*[("f", "a", "image/png", b"x")] * 2), FORM, 422, "invalid_request"),
        (form(*[("f", None, "text/plain", b"x")] * 16, FILE), FORM, 422, "invalid_request"),
        (form(("f", "a.txt", "text/plain", b"x")), FORM, 415, "unsupported_media_type"),
        (form(("f", "a.jpg", "image/jpeg", b"")), FORM, 422, "empty"),
    ],
)  # fmt: skip
def test_a_wrong_form_is_refused_and_stores_nothing(
    body: bytes, kind: str, status: int, code: str
) -> None:
    answer, deps = post_form(body, kind)

    assert (answer.status, answer.json["code"]) == (status, code)
    assert deps.inbox.objects == {}


def part(disposition: str, data: bytes = b"x", kind: str | None = "image/jpeg") -> bytes:
    """Return one part of a form with the given Content-Disposition."""
    typed = f"Content-Type: {kind}\r\n" if kind else ""
    return f"--b0\r\n{disposition}\r\n{typed}\r\n".encode() + data + b"\r\n"


DISPOSITION = 'Content-Disposition: form-data; name="f"'
UNUSED = part(f'{DISPOSITION}; filename=""', b"", "application/octet-stream")
END = b"--b0--\r\n"


@pytest.mark.parametrize(
    ("parameters", "stored"),
    [
        ("filename*=UTF-8''%E5%86%99%E7%9C%9F.jpg", "写真.jpg"),
        ("filename*=utf-8'en'a%20b.jpg", "a b.jpg"),
        ("filename*=iso-8859-1''%E9t%E9.jpg", "été.jpg"),
        ("FileName* = \"UTF-8''%C3%A9.jpg\"", "é.jpg"),
        ("filename=\"fallback.jpg\"; filename*=UTF-8''%C3%A9.jpg", "é.jpg"),
        ("filename*=UTF-8''%C3%A9.jpg; filename=\"fallback.jpg\"", "é.jpg"),
        ("filename=\"a.jpg\"; filename*=UTF-8''%FF.jpg", "a.jpg"),
        ("filename=\"a.jpg\"; filename*=KOI8-R''%C1.jpg", "a.jpg"),
        ("filename*=UTF-8''%FF.jpg", "image"),
        ("filename*=nonsense", "image"),
        ("filename=\"a; filename*=UTF-8''b.jpg\"", "a; filename*=UTF-8''b.jpg"),
        ("filename*=UTF-8''..%2F..%2Fetc%2Fpasswd%00%E2%80%AE", "passwd"),
    ],
)
def test_the_name_of_a_file_may_have_the_extended_form(parameters: str, stored: str) -> None:
    answer, _ = post_form(part(f"{DISPOSITION}; {parameters}") + END)

    assert answer.status == 202
    assert answer.json["key"].split("/", 2)[2] == stored


def test_a_file_with_an_extended_name_alone_may_leave_out_its_type() -> None:
    answer, deps = post_form(part(f"{DISPOSITION}; filename*=UTF-8''a.jpg", kind=None) + END)

    assert answer.status == 202
    assert list(deps.inbox.objects.values()) == [(b"x", "application/octet-stream")]


def test_a_file_input_that_was_not_used_does_not_count() -> None:
    answer, deps = post_form(UNUSED + part(f'{DISPOSITION}; filename="a.jpg"') + UNUSED + END)

    assert answer.status == 202
    assert list(deps.inbox.objects.values()) == [(b"x", "image/jpeg")]


def test_a_form_without_a_chosen_file_is_empty() -> None:
    answer, deps = post_form(UNUSED + END)

    assert (answer.status, answer.json["code"]) == (422, "empty")
    assert deps.inbox.objects == {}


@pytest.mark.parametrize(
    ("filename", "stored"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\win.ini", "win.ini"),
        ("a\x00b\x1b[31m.jpg", "ab[31m.jpg"),
        ("\u202egpj.exe", "gpj.exe"),
        ("..", "image"),
        ("\ud800.jpg", "jpg"),
        ("🦊" * 75 + ".jpg", "🦊" * 62 + ".jpg"),
    ],
)
def test_a_hostile_file_name_becomes_one_harmless_part_of_the_key(
    filename: str, stored: str
) -> None:
    answer = upload(FakeApiDeps(), filename)

    assert answer.status == 202
    assert answer.json["key"].split("/")[2:] == [stored]


def test_a_body_just_within_the_limit_of_lambda_is_accepted() -> None:
    assert upload(FakeApiDeps(), "a.jpg", bytes(MAX_BODY_BYTES)).status == 202


def test_a_larger_body_is_sent_to_uploads() -> None:
    answer = upload(FakeApiDeps(), "a.jpg", bytes(MAX_BODY_BYTES + 1))

    assert (answer.status, answer.json["code"]) == (413, "too_many_bytes")
    assert answer.json["links"] == {"uploads": "/uploads"}


def test_the_largest_body_and_its_envelope_fit_into_a_lambda_event() -> None:
    in_base64 = len(base64.b64encode(bytes(MAX_BODY_BYTES)))

    assert in_base64 + 60_000 < 6 * 1024 * 1024
    assert MAX_BODY_BYTES < 10_000_000


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"\xff"',
        b"[" * 100_000,
        b"[" * 16_000,
        b'{"filename":"a","content_type":"image/png"}',
        b'\xef\xbb\xbf{"filename":"a","bytes":1}',
        '{"filename":"a","bytes":1}'.encode("utf-16"),
        b'{"filename":"\\ud83e","bytes":1}',
        b'{"filename":"a","bytes":' + b"1" * 5_000 + b"}",
        b'{"filename":"a","bytes":1e30}',
        b'{"filename":"a","bytes":1e400}',
        b'{"filename":"a","bytes":NaN}',
    ],
)
def test_a_malformed_announcement_is_refused(body: bytes) -> None:
    headers = {"content-type": "application/json"}

    answer = ask(FakeApiDeps(), "POST", "/uploads", body, headers)

    assert (answer.status, answer.json["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"filename": "", "content_type": "image/png", "bytes": 1}, 422, INVALID),
        ({"filename": "a", "content_type": "text/html", "bytes": 1}, 422, INVALID),
        ({"filename": "a", "content_type": "image/png", "bytes": True}, 422, INVALID),
        ({"filename": "a", "content_type": "image/png", "bytes": "5"}, 422, INVALID),
        ({"filename": "a", "content_type": "image/png", "bytes": 5.5}, 422, INVALID),
        ({"filename": "a", "content_type": "image/png", "bytes": 0}, 422, INVALID),
        ({"filename": "a", "content_type": "image/png", "bytes": 1, "x": 1}, 422, INVALID),
        ({"filename": "a", "content_type": "image/png", "bytes": 10**9}, 413, "too_many_bytes"),
    ],
)  # fmt: skip
def test_a_wrong_announcement_is_refused(body: dict[str, Any], status: int, code: str) -> None:
    headers = {"content-type": "application/json"}

    answer = ask(FakeApiDeps(), "POST", "/uploads", json.dumps(body).encode(), headers)

    assert (answer.status, answer.json["code"]) == (status, code)


def test_a_size_of_5_0_is_an_integer() -> None:
    body = b'{"filename":"a","content_type":"image/png","bytes":5.0}'

    answer = ask(FakeApiDeps(), "POST", "/uploads", body, {"content-type": "application/json"})

    assert answer.status == 201


@pytest.mark.parametrize("kind", ["multipart/form-data", "text/plain", "image/png"])
def test_an_announcement_with_another_media_type_is_refused(kind: str) -> None:
    answer = ask(FakeApiDeps(), "POST", "/uploads", b"{}", {"content-type": kind})

    assert (answer.status, answer.json["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("named", "bound"),
    [
        ({"content_type": "image/heic"}, "image/heic"),
        ({"content_type": "IMAGE/Heic"}, "image/heic"),
        ({"content_type": ""}, "application/octet-stream"),
        ({}, "application/octet-stream"),
        ({"content_type": "application/octet-stream"}, "application/octet-stream"),
    ],
)
def test_a_file_may_be_announced_without_a_media_type(named: dict[str, str], bound: str) -> None:
    body = json.dumps({"filename": "IMG_0042.HEIC", "bytes": 6_000_000, **named}).encode()

    answer = ask(FakeApiDeps(), "POST", "/uploads", body, {"content-type": "application/json"})

    assert answer.status == 201
    assert answer.json["fields"]["Content-Type"] == bound
    assert answer.json["max_bytes"] == 6_001_024


NAMED = RecipeRules.parse("[hero] -> 2000; [small] s/ -> 9; * -> 500")
JSON = {"content-type": "application/json"}


def announced(deps: FakeApiDeps, **more: object) -> Answer:
    body = json.dumps({"filename": "a.jpg", "bytes": 9, **more}).encode()
    return ask(deps, "POST", "/uploads", body, JSON)


def posted(deps: FakeApiDeps, **query: str) -> Answer:
    return ask(deps, "POST", "/images", b"1", {"content-type": "image/jpeg"}, query)


def test_an_upload_chooses_a_rule_which_its_object_and_its_record_keep() -> None:
    deps = FakeApiDeps(recipes=NAMED)

    small = posted(deps, recipe="hero").json
    large = announced(deps, recipe="small").json

    assert deps.inbox.choices == {small["key"]: UploadChoices("hero")}
    assert large["fields"]["x-amz-meta-recipe"] == "small"
    assert [deps.records.items[one["id"]].rule for one in (small, large)] == ["hero", "small"]


def test_an_upload_names_its_focal_point_which_its_object_keeps() -> None:
    deps = FakeApiDeps()

    small = posted(deps, focus="0.3,.7").json
    large = announced(deps, focus={"x": 0.3, "y": 1}).json
    without = announced(deps, focus=None).json

    assert deps.inbox.choices == {small["key"]: UploadChoices("", Focus(0.3, 0.7))}
    assert large["fields"]["x-amz-meta-focus"] == "0.3,1"
    assert "x-amz-meta-focus" not in without["fields"]


def test_a_wrong_focal_point_of_an_upload_is_refused() -> None:
    deps = FakeApiDeps()

    answers = [posted(deps, focus="0.3,1.7"), announced(deps, focus={"x": 0.3})]

    assert [answer.json["code"] for answer in answers] == ["invalid_request"] * 2
    assert deps.inbox.choices == {}


def test_an_upload_without_a_choice_has_no_rule() -> None:
    deps = FakeApiDeps(recipes=NAMED)

    small, large = posted(deps).json, announced(deps).json

    assert deps.inbox.choices == {small["key"]: UploadChoices()}
    assert "x-amz-meta-recipe" not in large["fields"]
    assert [deps.records.items[one["id"]].rule for one in (small, large)] == [None, None]


@pytest.mark.parametrize(
    ("recipes", "name", "detail"),
    [
        (NAMED, "zero", "recipe: expected one of hero, small, got 'zero'"),
        (DEFAULT_RULES, "hero", "expected none, since no rule of this stack has a name, got"),
        (NAMED, "Hero", "recipe: expected the name of a rule"),
        (NAMED, "", "recipe: expected the name of a rule"),
    ],
)
def test_an_unknown_rule_is_refused_and_nothing_is_stored(
    recipes: RecipeRules, name: str, detail: str
) -> None:
    deps = FakeApiDeps(recipes=recipes)

    answers = [posted(deps, recipe=name), announced(deps, recipe=name)]

    assert [answer.status for answer in answers] == [422, 422]
    assert all(detail in answer.json["detail"] for answer in answers)
    assert (deps.inbox.objects, deps.records.items) == ({}, {})


def test_uploads_that_the_recipe_ignores_are_refused() -> None:
    deps = FakeApiDeps(recipes=RecipeRules.parse("[hero] -> 9; uploads/ -> ignore; * -> 500"))

    answers = [posted(deps), announced(deps), announced(deps, recipe="hero")]

    assert [(answer.status, answer.json["code"]) for answer in answers] == [(409, "ignored")] * 3
    assert (deps.inbox.objects, deps.records.items) == ({}, {})
