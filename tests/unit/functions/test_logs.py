"""The functions' log: levels, sampling and the form of a line."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imagemill.functions.logs import formatter

PROGRAM = """
import logging, types
from imagemill.functions.logs import begin
for number in range(3):
    begin(types.SimpleNamespace(aws_request_id=f"r-{number}"))
    ours, theirs = logging.getLogger("imagemill.pipeline.batch"), logging.getLogger("botocore.x")
    for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR):
        ours.log(level, "ours", extra={"id": "i", "code": None})
    theirs.info("theirs")
"""


def written(**settings: str) -> list[dict[str, Any]]:
    """Start three invocations in a new process, and return the log lines."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        check=True,
        capture_output=True,
        text=True,
        env={
            "PATH": os.environ["PATH"],
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            # As in the template: the filter of Lambda itself passes every line.
            "AWS_LAMBDA_LOG_LEVEL": "DEBUG",
            "POWERTOOLS_SERVICE_NAME": "mill",
        }
        | settings,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("DEBUG", ["DEBUG", "INFO", "WARNING", "ERROR"]),
        ("INFO", ["INFO", "WARNING", "ERROR"]),
        ("WARN", ["WARNING", "ERROR"]),
        ("ERROR", ["ERROR"]),
    ],
)
def test_lines_below_the_level_and_info_lines_of_libraries_are_not_written(
    level: str, expected: list[str]
) -> None:
    lines = written(POWERTOOLS_LOG_LEVEL=level)

    assert [line["level"] for line in lines] == expected * 3


def test_sampled_invocations_are_logged_at_debug_level() -> None:
    lines = written(POWERTOOLS_LOG_LEVEL="INFO", POWERTOOLS_LOGGER_SAMPLE_RATE="1")

    assert {line["sampling_rate"] for line in lines} == {"1"}
    assert [line["level"] for line in lines] == ["DEBUG", "INFO", "WARNING", "ERROR"] * 3


@pytest.mark.parametrize("stack", ["mill", "imagemill"])
def test_a_line_is_json_with_the_request_id_and_an_rfc_3339_time(stack: str) -> None:
    first, *_ = written(POWERTOOLS_LOG_LEVEL="INFO", TZ="UTC", POWERTOOLS_SERVICE_NAME=stack)

    assert first.pop("timestamp").endswith("+00:00")
    assert first == {
        "level": "INFO",
        "message": "ours",
        "service": stack,
        "request_id": "r-0",
        "id": "i",
    }


def test_an_error_has_its_traceback_and_the_name_of_its_class(
    caplog: pytest.LogCaptureFixture,
) -> None:
    try:
        int("x")
    except ValueError:
        logging.getLogger("imagemill.x").exception("failed")

    line = json.loads(formatter().format(caplog.records[-1]))

    assert line["exception"].startswith("Traceback (most recent call last):\n")
    assert line["exception"].endswith("\nValueError: invalid literal for int() with base 10: 'x'")
    assert line["exception_name"] == "ValueError"


def test_a_traced_invocation_has_the_id_of_its_trace() -> None:
    header = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1"

    lines = written(_X_AMZN_TRACE_ID=header)

    assert {line["xray_trace_id"] for line in lines} == {"1-67891233-abcdef012345678912345678"}


def test_values_that_json_does_not_have_are_written_as_text(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logging.getLogger("imagemill.x").error("é", extra={"file": Path("a/é")})

    line = formatter().format(caplog.records[-1])

    assert '"message":"é"' in line
    assert '"file":"a/é"' in line
