"""The messages of ArchiveFunction."""

import json
import logging

import pytest

from imagemill.archive.archive_original import Result
from imagemill.archive.messages import QueuedImage, archive_all
from imagemill.errors import StoreUnavailable

ID = "a" * 26
BODIES = ["", "[]", "{}", '{"detail": {"image": {"id": 5}}}', '{"detail": {"image": {"id": ".."}}}']


def message(name: str, image_id: object = ID) -> QueuedImage:
    return QueuedImage(name, json.dumps({"detail": {"image": {"id": image_id}}}))


def test_only_messages_that_failed_are_delivered_again(caplog: pytest.LogCaptureFixture) -> None:
    def archive(image_id: str) -> Result:
        if image_id != ID:
            raise StoreUnavailable("no answer")
        return Result.PACKED

    with caplog.at_level(logging.INFO):
        failed = archive_all([message("1"), message("2", "b" * 26), message("3")], archive)

    assert failed == ["2"]
    lines = [(line.message, line.__dict__["id"]) for line in caplog.records]
    assert lines == [
        ("original handled", ID),
        ("archiving failed", "b" * 26),
        ("original handled", ID),
    ]


@pytest.mark.parametrize("body", BODIES)
def test_a_message_of_another_form_fails_and_archives_nothing(body: str) -> None:
    archived: list[str] = []

    def archive(image_id: str) -> Result:
        archived.append(image_id)
        return Result.PACKED

    assert archive_all([QueuedImage("1", body)], archive) == ["1"]
    assert archived == []
