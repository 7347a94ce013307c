"""Responses have the form that openapi.json describes."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fakes.api import Answer, FakeApiDeps, FakeFeed, ask
from fakes.cloud import ready_record
from fakes.events import created
from fakes.images import jpeg
from fakes.stores import FakeRecords
from jsonschema import Draft202012Validator

from imagemill.domain.record import Fault, ImageRecord, Original
from imagemill.domain.transitions import AttemptTimes, failed, in_progress, pending, rejected
from imagemill.functions.api.routes import ROUTES

CONTRACT: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "openapi.json").read_text(encoding="utf-8")
)
WORK = AttemptTimes("r1", 1, "2026-05-04T10:20:30.123Z", 12)
FACTS = Original(5, 4_000, 3_000, "jpeg", 1, "2026-05-04T12:00:00", "Make Model")
READY = ready_record("é/日本.jpg")
RECORDS = [
    READY,
    replace(READY, original=FACTS, warnings=("truncated", "hdr")),
    replace(READY, original=None, renditions={}),
    ready_record("x/../y.jpg"),
    rejected(created("r.jpg"), WORK, Fault("corrupt", "why")),
    failed(created("f.jpg"), WORK, Fault("store_unavailable", "S3")),
    pending("p.jpg", 5, "2026-05-04T10:20:30.123Z", 0),
    in_progress(created("n.jpg"), READY, 2, "2026-05-04T10:20:31.000Z"),
]
JSON = {"content-type": "application/json"}


def assert_conforms(answer: Answer, method: str, path: str) -> None:
    """Fail unless the contract describes the status, media type and body of an answer."""
    entry = CONTRACT["paths"][path][method.lower()]["responses"][str(answer.status)]
    [(media_type, content)] = entry["content"].items()
    assert answer.headers["Content-Type"] == media_type
    schema = {**content["schema"], "components": CONTRACT["components"]}
    assert list(Draft202012Validator(schema).iter_errors(answer.json)) == []


def with_records(*records: ImageRecord) -> FakeApiDeps:
    return FakeApiDeps(FakeRecords({one.id: one for one in records}), feed=FakeFeed(list(records)))


@pytest.mark.parametrize("record", RECORDS)
def test_a_record_in_any_state_conforms(record: ImageRecord) -> None:
    answer = ask(with_records(record), "GET", f"/images/{record.id}")

    assert answer.status == 200
    assert_conforms(answer, "GET", "/images/{image_id}")


@pytest.mark.parametrize("records", [RECORDS, []])
def test_a_listing_conforms(records: list[ImageRecord]) -> None:
    answer = ask(with_records(*records), "GET", "/images")

    assert (answer.status, len(answer.json["images"])) == (200, len(records))
    assert_conforms(answer, "GET", "/images")


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", "/images", jpeg(), {"content-type": "image/jpeg"}, 202),
        ("POST", "/uploads", b'{"filename":"a.jpg","bytes":5}', JSON, 201),
        ("GET", "/health", b"", {}, 200),
        ("POST", "/images", b"", {"content-type": "image/jpeg"}, 422),
        ("POST", "/images", b"x", {"content-type": "text/plain"}, 415),
        ("POST", "/images", bytes(4_669_441), {"content-type": "image/jpeg"}, 413),
    ],
)
def test_an_answer_without_a_record_conforms(
    method: str, path: str, body: bytes, headers: Mapping[str, str], status: int
) -> None:
    answer = ask(FakeApiDeps(), method, path, body, dict(headers))

    assert answer.status == status
    assert_conforms(answer, method, path)


def test_a_deletion_and_what_follows_conform() -> None:
    deps = with_records(READY)
    path = f"/images/{READY.id}"

    answers = [ask(deps, "DELETE", path), ask(deps, "GET", path), ask(deps, "DELETE", path)]

    assert [one.status for one in answers] == [202, 410, 410]
    for answer, method in zip(answers, ("DELETE", "GET", "DELETE"), strict=True):
        assert_conforms(answer, method, "/images/{image_id}")


def test_every_documented_route_is_served() -> None:
    documented = {(m.upper(), path) for path, item in CONTRACT["paths"].items() for m in item}

    served = {(route.method, route.path) for route in ROUTES}

    assert served - documented == {("GET", "/docs"), ("GET", "/openapi.json")}
    assert documented <= served
