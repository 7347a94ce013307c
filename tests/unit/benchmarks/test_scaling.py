"""Images a second under each limit, compared with values calculated by hand."""

from dataclasses import replace

import pytest
from fakes.template import read_template

from benchmarks.model import quotas
from benchmarks.model.scaling import limits, ramp, upload_limits
from imagemill.config import DEFAULT_MEMORY_MB
from imagemill.costs.bill import LOG_DAYS, UPLOAD_MEMORY_MB, Workload
from imagemill.costs.durations import CORE_MB, DurationModel, LinearFit
from imagemill.recipe import Recipe

# Every image takes 100 ms.
MODEL = DurationModel(LinearFit(0, 0), {"read jpeg": 100.0}, {}, {})
TEN = Recipe.parse(", ".join(str(side) for side in range(100, 1100, 100)))
LOAD = Workload(images=1, megapixels=12, memory_mb=CORE_MB)
TEMPLATE = read_template()


def rates(load: Workload) -> dict[str, float]:
    return {limit.quota.name: limit.images_per_s for limit in limits(load, MODEL)}


@pytest.mark.parametrize(
    ("name", "images_per_s"),
    [
        (quotas.S3_READS.name, 5_500),
        (quotas.MAX_CONCURRENCY.name, 5 / 0.1),
        (quotas.POLLERS.name, 1_250 / 0.1),
        (quotas.IN_FLIGHT.name, 120_000 / 1.0),
        (quotas.TABLE_WRITES.name, 4_000),
        (quotas.PARTITION_WRITES.name, 8_000),
        (quotas.EVENTS.name, 100_000),
    ],
)
def test_the_rate_is_the_limit_divided_by_the_use_per_image(name: str, images_per_s: float) -> None:
    assert rates(LOAD)[name] == pytest.approx(images_per_s)


def test_more_presets_divide_the_rate_of_puts() -> None:
    second = limits(replace(LOAD, recipe=TEN), MODEL)[1]

    assert second.quota is quotas.S3_WRITES
    assert second.images_per_s == pytest.approx(350)


def test_the_lowest_rate_comes_first() -> None:
    found = [limit.images_per_s for limit in limits(LOAD, MODEL)]

    assert found == sorted(found)
    assert limits(LOAD, MODEL)[0].quota is quotas.MAX_CONCURRENCY


def test_the_lowest_limit_of_the_api_is_the_rate_per_key() -> None:
    assert upload_limits()[0].quota is quotas.API_RATE


def test_lambda_starts_five_pollers_and_adds_300_a_minute() -> None:
    assert ramp(7).starts() == pytest.approx([0, 0, 0, 0, 0, 0.2, 0.4])


@pytest.mark.parametrize(
    ("parameter", "limit"),
    [
        ("MaxConcurrency", quotas.MAX_CONCURRENCY.limit),
        ("ApiRateLimit", quotas.API_RATE.limit),
        ("RetrySeconds", quotas.RETRY_S),
        ("LogRetentionDays", LOG_DAYS),
        ("MemorySize", DEFAULT_MEMORY_MB),
    ],
)
def test_the_assumed_parameters_are_the_defaults_of_the_template(
    parameter: str, limit: float
) -> None:
    assert float(TEMPLATE["Parameters"][parameter]["Default"]) == limit


def test_the_largest_concurrency_is_that_of_the_template() -> None:
    assert TEMPLATE["Parameters"]["MaxConcurrency"]["MaxValue"] == quotas.MOST_CONCURRENCY.limit


def test_the_memory_of_the_upload_function_equals_that_of_the_template() -> None:
    function = TEMPLATE["Resources"]["ApiImageUploadFunction"]["Properties"]

    assert function["MemorySize"] == UPLOAD_MEMORY_MB
