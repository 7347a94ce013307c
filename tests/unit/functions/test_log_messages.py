"""The functions' log messages, compared with their table in docs/operations.md."""

import ast
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from fakes.event_bus import FakeBus
from fakes.events import created, notification
from fakes.images import jpeg
from fakes.pipeline import unavailable
from fakes.pipeline_deps import fake_deps, render_here
from fakes.stores import FakeOriginals

from imagemill.imaging import Limits, Rendered
from imagemill.pipeline.batch import Delivery, process_batch
from imagemill.pipeline.deps import PipelineDeps
from imagemill.recipe import Recipe

ROOT = Path(__file__).parents[3]
SECTION = (ROOT / "docs/operations.md").read_text().partition("\n## Log messages\n")[2]
MODULES = [
    ROOT / "src/imagemill/pipeline/batch.py",
    ROOT / "src/imagemill/pipeline/handle_task.py",
    ROOT / "src/imagemill/webhooks/deliver.py",
    ROOT / "src/imagemill/archive/messages.py",
    *sorted((ROOT / "src/imagemill/functions").rglob("*.py")),
]
LEVELS = {
    "debug": "DEBUG",
    "info": "INFO",
    "warning": "WARNING",
    "error": "ERROR",
    "exception": "ERROR",
}
VERSION = "096fKKXTRTtl3on89fVO.nfljtsv6qko"


def test_the_table_lists_exactly_the_messages_of_the_code() -> None:
    rows = re.findall(r"^\| `([a-z ]+)` \| ([A-Z]+) \|", SECTION, re.MULTILINE)

    logged = {message for module in MODULES for message in messages_of(module)}

    assert set(rows) == logged


def test_the_tables_name_every_field_of_a_task(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="imagemill"):
        for body in (notification("ObjectCreated:Put", "a.jpg"), "no JSON"):
            process_batch([Delivery("m", body, 1, 17)], deps(), FakeBus())

    standard = set(vars(logging.makeLogRecord({}))) | {"message"}
    fields = {name for line in caplog.records for name in vars(line)} - standard
    assert {"id", "render_ms", "body", "why"} <= fields
    assert [name for name in sorted(fields) if f"`{name}`" not in SECTION] == []


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jpg", jpeg(), "task processed"),
        ("a.txt", b"words", "task rejected"),
        ("fails.jpg", b"fails", "task failed"),
    ],
)
def test_the_message_says_how_a_task_ended(
    name: str, content: bytes, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    originals = FakeOriginals()
    originals.add(created(name, version_id=VERSION), content)

    with caplog.at_level(logging.INFO, logger="imagemill"):
        body = notification("ObjectCreated:Put", name)
        process_batch([Delivery("m", body)], replace(deps(), originals=originals), FakeBus())

    assert [line.message for line in caplog.records] == [message]


def deps() -> PipelineDeps:
    """Return dependencies with one image."""
    originals = FakeOriginals()
    originals.add(created("a.jpg", version_id=VERSION), jpeg())
    return replace(fake_deps(originals), render=render_unless_it_fails)


def render_unless_it_fails(
    data: bytes, recipe: Recipe, limits: Limits, timeout_s: float
) -> Rendered:
    """Render, but raise StoreUnavailable for the bytes `fails`."""
    return unavailable() if data == b"fails" else render_here(data, recipe, limits, timeout_s)


def messages_of(module: Path) -> Iterator[tuple[str, str]]:
    """Yield the message and level of every call that logs."""
    for node in ast.walk(ast.parse(module.read_text())):
        match node:
            case ast.Call(
                func=ast.Attribute(value=value, attr=level), args=[ast.Constant(value=message), *_]
            ) if level in LEVELS and ast.unparse(value) in {"_log", "logger()", "_auditor()"}:
                yield str(message), LEVELS[level]
