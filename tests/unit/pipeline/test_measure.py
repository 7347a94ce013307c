"""The metrics of a batch: sums, lists, and values that are left out."""

from dataclasses import replace

import pytest

from imagemill.functions.metric_units import BY_CODE, UNITS
from imagemill.pipeline.metrics import measured, measured_by_code
from imagemill.pipeline.outcome import Outcome
from imagemill.pipeline.telemetry import Attempt, AttemptMetrics, Stage, Status

ATTEMPT_METRICS = AttemptMetrics(
    {Stage.DOWNLOAD: 5, Stage.RENDER: 40, Stage.UPLOAD: 9, Stage.RECORD: 3}, 1_000, 200, 2, "drawn"
)
READY = Attempt(Outcome.READY, None, 1, 70, ATTEMPT_METRICS)


def test_an_image_has_a_count_bytes_and_times() -> None:
    assert measured([READY]) == {
        "Ready": [1],
        "Renditions": [2],
        "BytesIn": [1_000],
        "BytesOut": [200],
        "Faults": [0],
        "Download": [5],
        "Render": [40],
        "Upload": [9],
        "Record": [3],
        "QueueAge": [70],
    }


def test_a_batch_has_counters_as_sums_and_durations_as_lists() -> None:
    slow = replace(READY, metrics=replace(ATTEMPT_METRICS, ms={Stage.RENDER: 90}))

    values = measured([READY, slow])

    assert (values["Ready"], values["BytesIn"]) == ([2], [2_000])
    assert (values["Render"], values["Upload"]) == ([40, 90], [9])


@pytest.mark.parametrize(
    ("status", "metric"),
    [
        (Outcome.READY, "Ready"),
        (Outcome.REJECTED, "Rejected"),
        (Outcome.DELETED, "Deleted"),
        (Outcome.DUPLICATE, "Duplicates"),
        ("failed", "Failed"),
    ],
)
def test_every_outcome_has_its_metric(status: Status, metric: str) -> None:
    assert measured([Attempt(status, None, 1, 0, AttemptMetrics())]) == {
        metric: [1],
        "Faults": [0],
        "QueueAge": [0],
    }


@pytest.mark.parametrize("status", [Outcome.SUPERSEDED, "again"])
def test_a_status_that_is_not_final_has_no_counter(status: Status) -> None:
    values = measured([Attempt(status, None, 1, 0, AttemptMetrics())])

    assert values.keys() == {"Faults", "QueueAge"}


def test_the_average_of_faults_is_the_rate_of_failed_attempts() -> None:
    attempts = [READY, READY, READY, Attempt("again", "throttled", 2, 0, AttemptMetrics())]

    faults = measured(attempts)["Faults"]

    assert sum(faults) / len(faults) == 0.25


@pytest.mark.parametrize(
    ("outcome", "fallbacks"),
    [("drawn", None), ("not_asked", None), (None, None), ("no_memory", [1]), ("trapped", [1])],
)
def test_every_fallback_of_the_sandbox_is_counted(
    outcome: str | None, fallbacks: list[float] | None
) -> None:
    values = measured([replace(READY, metrics=replace(ATTEMPT_METRICS, sandbox=outcome))])

    assert values.get("Fallbacks") == fallbacks


def test_compiled_decoders_are_counted_and_others_send_no_metric() -> None:
    compiled = replace(READY, metrics=replace(ATTEMPT_METRICS, compiled=2))

    assert measured([compiled, READY])["Compilations"] == [2]
    assert "Compilations" not in measured([READY])


def test_reasons_are_counted_by_code() -> None:
    rejected = Attempt(Outcome.REJECTED, "corrupt", 1, 0, AttemptMetrics(sandbox="corrupt"))
    again = Attempt("again", "throttled", 1, 0, AttemptMetrics())

    assert measured_by_code([READY, rejected, rejected, again]) == {
        "corrupt": {"Rejected": [2], "Fallbacks": [2]},
        "throttled": {"Faults": [1]},
    }


def test_every_metric_has_a_unit() -> None:
    everything = [
        replace(READY, metrics=replace(ATTEMPT_METRICS, sandbox="trapped", compiled=1)),
        *(Attempt(status, "c", 1, 0, AttemptMetrics()) for status in [*Outcome, "failed", "again"]),
    ]

    named = measured(everything).keys() | {
        metric for values in measured_by_code(everything).values() for metric in values
    }

    of_others = {"Accepted", "Problems", "Variants", "VariantsFound", "VariantProblems"}
    assert named == UNITS.keys() - of_others
    assert set(BY_CODE) <= UNITS.keys()
