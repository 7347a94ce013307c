"""The handler of TransformFunction: events of its Function URL, answers, log lines and metrics."""

import base64
import io
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from fakes.events import removed
from fakes.images import jpeg
from fakes.transform import Transforms
from fakes.variants import request_of
from PIL import Image

from imagemill.costs.transforms import LOG_BYTES
from imagemill.domain.keys import image_id
from imagemill.domain.record import Fault
from imagemill.domain.transitions import pending
from imagemill.errors import Crashed, ImagemillError, OverBudget, StoreUnavailable
from imagemill.functions import transform
from imagemill.functions.logs import formatter
from imagemill.functions.metric_units import Values
from imagemill.functions.metrics import publish
from imagemill.functions.statuses import MEDIA_TYPE
from imagemill.pipeline.handle_task import handle_task
from imagemill.transform import serve

OPERATIONS = (Path(__file__).parents[3] / "docs/operations.md").read_text()
URL = "https://example.com/~/a.jpg?w=40"
KEY = request_of("a.jpg", "40x30_cover.webp").key


@dataclass
class Visitor:
    """Calls the handler, and keeps its metrics."""

    transforms: Transforms
    metrics: list[tuple[Values, Mapping[str, str] | None]] = field(default_factory=list)

    def get(
        self, path: str = f"/{KEY}", query: str = "", method: str = "GET", url: str = URL
    ) -> dict[str, Any]:
        event = {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": query,
            "headers": {"x-imagemill-url": url},
            "requestContext": {"requestId": "r-1", "http": {"method": method}},
        }
        context: Any = SimpleNamespace(
            aws_request_id="r", get_remaining_time_in_millis=lambda: 29_000, function_name="f"
        )
        return transform.handler(event, context)


@pytest.fixture
def visitor(monkeypatch: pytest.MonkeyPatch) -> Visitor:
    """Return a visitor of a stack with one image of 120 × 80 px."""
    transforms = Transforms()
    transforms.put(jpeg(120, 80))
    monkeypatch.setattr(transform, "transform_deps", lambda: transforms.deps)
    monkeypatch.setattr(transform, "isolate", lambda: None)
    visitor = Visitor(transforms)

    def keep(values: Values, dimensions: Mapping[str, str] | None = None) -> None:
        visitor.metrics.append((values, dimensions))

    monkeypatch.setattr(transform, "publish", keep)
    return visitor


def body_of(answer: dict[str, Any]) -> bytes:
    assert answer["isBase64Encoded"]
    return base64.b64decode(answer["body"])


def test_a_variant_is_answered_with_its_headers(visitor: Visitor) -> None:
    answer = visitor.get()

    assert Image.open(io.BytesIO(body_of(answer))).size == (40, 30)
    assert answer["statusCode"] == 200
    assert answer["headers"] == {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": "public, max-age=60, stale-while-revalidate=60",
        "Content-Disposition": "inline; filename=\"a.webp\"; filename*=UTF-8''a.webp",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Type": "image/webp",
        "X-Content-Type-Options": "nosniff",
        "x-amz-meta-version": "v1",
    }


@pytest.mark.parametrize(("version", "is_immutable"), [("v1", True), ("v0", False)])
def test_only_the_current_version_is_immutable(
    visitor: Visitor, version: str, *, is_immutable: bool
) -> None:
    plain = request_of("a.jpg", "40x30_cover.webp")
    key = replace(plain, version=version).key

    cached = visitor.get(f"/{key}", query=f"v={version}")["headers"]["Cache-Control"]

    assert ("immutable" in cached) == is_immutable
    # The answer to another version is the present image, and is stored as such.
    stored = visitor.transforms.pipeline.renditions.objects
    assert (key in stored, plain.key in stored) == (is_immutable, not is_immutable)


def test_without_a_version_nothing_is_immutable(visitor: Visitor) -> None:
    record = visitor.transforms.pipeline.record
    visitor.transforms.pipeline.records.items[record.id] = replace(record, version_id="")

    headers = visitor.get(query="v=")["headers"]

    assert "immutable" not in headers["Cache-Control"]
    assert "x-amz-meta-version" not in headers


def test_a_variant_that_iiif_has_words_for_names_its_canonical_uris(visitor: Visitor) -> None:
    path = "/" + request_of("a.jpg", "40x_strict.jpg").key

    answers = [visitor.get(path)["headers"] for _ in ("made", "stored")]

    for headers in answers:
        assert headers["x-amz-meta-iiif-2"] == "full/40,/0/default.jpg"
        assert headers["x-amz-meta-iiif-3"] == "full/40,27/0/default.jpg"


def test_a_head_request_makes_the_variant_and_has_no_body(visitor: Visitor) -> None:
    answer = visitor.get(method="HEAD")

    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "image/webp")
    assert body_of(answer) == b""
    assert KEY in visitor.transforms.pipeline.renditions.objects


def test_a_large_variant_is_a_redirect_to_the_same_url(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serve, "MAX_ANSWER_BYTES", 10)

    answer = visitor.get()

    assert (answer["statusCode"], body_of(answer)) == (302, b"")
    assert answer["headers"]["Location"] == URL
    assert answer["headers"]["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/~t",
        f"/{KEY}x",
        f"/{KEY.upper()}",
        f"//{KEY}",
        f"/{KEY}/",
        f"/{KEY.replace('40x30', '040x30')}",
        f"/{KEY.replace('cover.webp', 'webp')}",
        f"/~t/{image_id('a.jpg')}/../40x.webp",
        "/~t/" + "a" * 5_000,
        f"/{KEY}\0",
    ],
)
def test_a_path_that_is_no_canonical_key_is_not_found(visitor: Visitor, path: str) -> None:
    answer = visitor.get(path)

    assert (answer["statusCode"], json.loads(body_of(answer))["code"]) == (404, "not_found")
    assert visitor.transforms.registry.calls == []


def test_other_methods_are_not_allowed(visitor: Visitor) -> None:
    answer = visitor.get(method="POST")

    assert (answer["statusCode"], answer["headers"]["Allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    ("file", "media_type"),
    [
        ("info.2.json", "application/ld+json"),
        (
            "info.3.key.json",
            'application/ld+json;profile="http://iiif.io/api/image/3/context.json"',
        ),
    ],
)
def test_an_information_document_has_the_visitors_url(
    visitor: Visitor, file: str, media_type: str
) -> None:
    answer = visitor.get(f"/~t/{image_id('a.jpg')}/{file}", url="https://e.com/iiif/3/a/info.json")

    document = json.loads(body_of(answer))
    assert (document.get("id") or document["@id"], document["width"]) == (
        "https://e.com/iiif/3/a",
        120,
    )
    assert answer["headers"]["Content-Type"] == media_type
    assert visitor.metrics == []


def test_a_part_outside_of_the_image_is_a_bad_request(visitor: Visitor) -> None:
    answer = visitor.get(f"/{request_of('a.jpg', 'max_crop9x9x120x0.jpg').key}")

    problem = json.loads(body_of(answer))
    assert (answer["statusCode"], problem["code"], problem["option"]) == (
        400,
        "invalid_request",
        "region",
    )


def test_an_error_is_a_small_problem_that_caches_keep(visitor: Visitor) -> None:
    handle_task(removed(), visitor.transforms.pipeline.deps)

    answer = visitor.get()

    assert json.loads(body_of(answer)) == {
        "type": "about:blank",
        "title": "Gone",
        "status": 410,
        "detail": f"image {image_id('a.jpg')} was deleted",
        "code": "gone",
        "request_id": "r-1",
    }
    assert answer["headers"]["Content-Type"] == MEDIA_TYPE
    assert answer["headers"]["Cache-Control"] == "public, max-age=60"


def test_an_image_in_progress_is_unavailable_for_a_second(visitor: Visitor) -> None:
    visitor.transforms.pipeline.records.items[image_id("a.jpg")] = pending("a.jpg", 9, "", 0)

    answer = visitor.get()

    headers = answer["headers"]
    assert (answer["statusCode"], headers["Retry-After"]) == (503, "1")
    assert headers["Cache-Control"] == "public, max-age=1"


def test_a_rejected_image_is_a_problem_with_its_code(visitor: Visitor) -> None:
    record = visitor.transforms.pipeline.record
    fault = Fault("too_many_bytes", "expected less")
    visitor.transforms.pipeline.records.items[record.id] = replace(
        record, status="rejected", error=fault
    )

    answer = visitor.get()

    assert (answer["statusCode"], json.loads(body_of(answer))["code"]) == (422, "too_many_bytes")
    assert answer["headers"]["Cache-Control"] == "public, max-age=60"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        (OverBudget("too much"), 422, "over_budget"),
        (StoreUnavailable("no answer"), 503, "store_unavailable"),
        (Crashed("it died"), 500, "crashed"),
        (ZeroDivisionError(), 500, ImagemillError.code),
    ],
)
def test_a_rendering_that_fails_is_a_problem(
    visitor: Visitor, fault: Exception, status: int, code: str
) -> None:
    visitor.transforms.while_rendering = raising(fault)

    answer = visitor.get()

    assert (answer["statusCode"], json.loads(body_of(answer))["code"]) == (status, code)


@pytest.mark.parametrize(
    ("canonical", "size"),
    [
        ("640x480_cover.webp", (640, 480)),
        ("640x.webp", (640, 480)),
        ("x480.webp", (640, 480)),
        ("max.webp", (4, 3)),
        ("16000x8000.jpg", (4096, 2048)),
        ("1x.jpg", (1, 1)),
    ],
)
def test_an_error_is_an_image_of_the_size_asked_for_on_request(
    visitor: Visitor, canonical: str, size: tuple[int, int]
) -> None:
    path = f"/{request_of('unknown.jpg', canonical).key}"

    answer = visitor.get(path, query="placeholder=1")

    image = Image.open(io.BytesIO(body_of(answer)))
    image.load()
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (404, "image/png")
    assert (image.format, image.size) == ("PNG", size)
    assert image.convert("RGB").getpixel((0, 0)) == (0xE0, 0xE0, 0xE0)
    assert len(body_of(answer)) < 10_000


def test_a_placeholder_of_no_image_is_a_problem(visitor: Visitor) -> None:
    assert visitor.get("/x", query="placeholder")["headers"]["Content-Type"] == MEDIA_TYPE


def test_the_log_says_how_the_variant_was_made(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        visitor.get()
        visitor.get()

    made, found = (vars(line) for line in caplog.records if line.message == "variant answered")
    assert (made["variant"], made["status"], made["source"], made["rounds"]) == (
        KEY,
        200,
        "original",
        1,
    )
    assert made["bytes_in"] > made["bytes_out"] > 0
    assert (found["source"], "bytes_in" in found) == ("stored", False)


def test_the_docs_name_every_field_of_the_log(
    visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        visitor.get()
        visitor.get("/x")

    standard = set(vars(logging.makeLogRecord({}))) | {"message"}
    fields = {name for line in caplog.records for name in vars(line)} - standard
    assert {"variant", "code", "bytes_out"} <= fields
    assert [name for name in sorted(fields) if f"`{name}`" not in OPERATIONS] == []


def test_a_miss_writes_as_many_bytes_of_log_as_the_estimate_assumes(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.INFO):
        visitor.get()
    publish(*visitor.metrics[0])

    lines = [formatter().format(record) for record in caplog.records]
    lines += capsys.readouterr().out.splitlines()
    # CloudWatch adds 26 bytes to each line.
    written = sum(len(line.encode()) + 26 for line in lines)
    assert len(lines) == 2
    assert 0.8 * LOG_BYTES < written < 1.1 * LOG_BYTES


def test_the_metrics_count_what_was_made_found_and_refused(visitor: Visitor) -> None:
    visitor.get()
    visitor.get()
    visitor.get("/x")

    assert visitor.metrics == [
        ({"Variants": [1]}, None),
        ({"VariantsFound": [1]}, None),
        ({"VariantProblems": [1]}, {"code": "not_found"}),
    ]


def test_the_metrics_count_decoders_that_were_compiled(visitor: Visitor) -> None:
    render = visitor.transforms.deps.render
    visitor.transforms.with_deps(
        render=lambda *args: replace(render(*args), compiled=2),
    )

    visitor.get()

    assert visitor.metrics == [({"Variants": [1]}, None), ({"Compilations": [2]}, None)]


def raising(fault: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise fault

    return fail
