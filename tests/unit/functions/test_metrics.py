"""Metrics in the log in CloudWatch's embedded metric format, one line per batch."""

import json
from typing import Any

import pytest
from fakes.api import FakeApiDeps, ask, upload, with_record
from fakes.cloud import ready_record

from imagemill.domain.upload_parts import StoredPart
from imagemill.functions.metrics import publish
from imagemill.functions.observer import FunctionObserver
from imagemill.pipeline.outcome import Outcome
from imagemill.pipeline.telemetry import Attempt, AttemptMetrics, Stage

READY = Attempt(
    Outcome.READY, None, 1, 70, AttemptMetrics({Stage.RENDER: 40}, 1_000, 200, 2, "drawn")
)
REJECTED = Attempt(Outcome.REJECTED, "corrupt", 1, 5, AttemptMetrics())


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "mill")
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "false")


def test_a_line_has_the_embedded_metric_format(capsys: pytest.CaptureFixture[str]) -> None:
    publish({"Render": [40, 90], "Ready": [2]})

    [line] = written_metrics(capsys)
    timestamp = line["_aws"].pop("Timestamp")
    assert timestamp > 1_700_000_000_000
    assert line == {
        "_aws": {
            "CloudWatchMetrics": [
                {
                    "Namespace": "imagemill",
                    "Dimensions": [["service"]],
                    "Metrics": [
                        {"Name": "Render", "Unit": "Milliseconds"},
                        {"Name": "Ready", "Unit": "Count"},
                    ],
                }
            ]
        },
        "service": "mill",
        "Render": [40, 90],
        "Ready": [2],
    }


def test_a_batch_is_one_line_and_one_more_for_each_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    FunctionObserver().publish([READY, REJECTED, READY, REJECTED])

    whole, by_code = written_metrics(capsys)
    assert (whole["Ready"], whole["Rejected"], whole["QueueAge"]) == ([2], [2], [70, 5, 70, 5])
    assert (by_code["code"], by_code["Rejected"]) == ("corrupt", [2])
    assert sorted(by_code["_aws"]["CloudWatchMetrics"][0]["Dimensions"][0]) == ["code", "service"]


def test_a_batch_of_nothing_is_no_line(capsys: pytest.CaptureFixture[str]) -> None:
    FunctionObserver().publish([])

    assert written_metrics(capsys) == []


def test_more_values_than_a_line_may_have_are_written_in_several(
    capsys: pytest.CaptureFixture[str],
) -> None:
    publish({"Render": list(range(230)), "Ready": [230]})

    lines = written_metrics(capsys)
    assert [value for line in lines for value in line["Render"]] == list(range(230))
    assert [len(line["Render"]) for line in lines] == [100, 100, 30]
    assert [line.get("Ready") for line in lines] == [[230], None, None]
    names = [line["_aws"]["CloudWatchMetrics"][0]["Metrics"] for line in lines]
    assert [len(each) for each in names] == [2, 1, 1]


def test_disabled_metrics_are_not_written(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POWERTOOLS_METRICS_DISABLED", "true")

    publish({"Ready": [2]})

    assert written_metrics(capsys) == []


def test_an_upload_that_the_api_accepts_is_counted(capsys: pytest.CaptureFixture[str]) -> None:
    upload(FakeApiDeps(), "a.jpg")

    [line] = written_metrics(capsys)
    assert line["Accepted"] == [1]


def test_a_problem_of_the_api_is_counted_by_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    ask(FakeApiDeps(), "GET", "/nowhere")

    [line] = written_metrics(capsys)
    assert (line["code"], line["Problems"]) == ("not_found", [1])


def test_a_deletion_is_no_upload(capsys: pytest.CaptureFixture[str]) -> None:
    record = ready_record("a.jpg")

    answer = ask(with_record(record), "DELETE", f"/images/{record.id}")

    assert answer.status == 202
    assert written_metrics(capsys) == []


def test_an_image_that_is_processed_again_is_no_upload(
    capsys: pytest.CaptureFixture[str],
) -> None:
    record = ready_record("a.jpg")

    answer = ask(with_record(record), "POST", f"/images/{record.id}/reprocess")

    assert answer.status == 202
    assert written_metrics(capsys) == []


def test_an_upload_in_parts_is_counted_once(capsys: pytest.CaptureFixture[str]) -> None:
    deps, headers = FakeApiDeps(), {"content-type": "application/json"}
    spec = json.dumps({"filename": "a.jpg", "bytes": 5}).encode()
    begun = ask(deps, "POST", "/multipart", body=spec, headers=headers).json
    deps.parts.begun[begun["key"], begun["upload_id"]].append(StoredPart(1, 5, "e", "sha256"))
    named = json.dumps({"upload_id": begun["upload_id"]}).encode()

    ended = ask(deps, "POST", f"/multipart/{begun['id']}/complete", body=named, headers=headers)

    assert ended.status == 202
    assert [line.get("Accepted") for line in written_metrics(capsys)] == [[1]]


def test_requests_that_the_gateway_counts_are_not_counted_again(
    capsys: pytest.CaptureFixture[str],
) -> None:
    ask(FakeApiDeps(), "GET", "/health")

    assert written_metrics(capsys) == []


def written_metrics(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the written metrics."""
    lines = [line for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    return [json.loads(line) for line in lines]
